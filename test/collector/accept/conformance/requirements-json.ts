/** Must-meet list 9: what OTLP/JSON allows. Seen from outside, "understood" is 200 with nothing refused. */
import { fullSuccess, JSON_TYPE, partialSuccess, SPAN, spanJson, TRACE } from './bodies.ts'
import type { Requirement } from './requirement.ts'
import type { HttpAnswer } from './target.ts'

const attribute = (value: object): object => ({ attributes: [{ key: 'x', value }] })
const refused = (answer: HttpAnswer): string | null => partialSuccess(answer, 1)

const json = (
  id: string,
  says: string,
  body: string,
  look: (answer: HttpAnswer) => string | null = fullSuccess,
): Requirement => ({
  id,
  level: 'must',
  says,
  check: async (target) => look(await target.http({ type: JSON_TYPE, body })),
})

// oxfmt-ignore
export const JSON_REQUIREMENTS: readonly Requirement[] = [
  json('9.upper-case-ids',  'ids in upper-case hex',                spanJson({ traceId: TRACE.toUpperCase(), spanId: SPAN.toUpperCase() })),
  json('9.mixed-case-ids',  'ids in hex of both cases',             spanJson({ traceId: `${TRACE.slice(0, 16).toUpperCase()}${TRACE.slice(16)}` })),
  json('9.number-times',    '64-bit times as numbers',              spanJson({}, '"startTimeUnixNano":1544712660300000001')),
  json('9.int-text',        '64-bit integers as text',              spanJson(attribute({ intValue: '-9223372036854775808' }))),
  json('9.int-number',      '64-bit integers as numbers',           spanJson({}, '"attributes":[{"key":"x","value":{"intValue":9223372036854775807}}]')),
  json('9.enum-number',     'enums as integers',                    spanJson({ kind: 3, status: { code: 2 } })),
  json('9.unknown-keys',    'unknown keys are ignored',             spanJson({ somethingNew: { deep: [1, { er: null }] } })),
  json('9.snake-case',      'snake_case keys are unknown keys',     spanJson({ traceId: undefined, trace_id: TRACE }), refused),
  json('9.nan',             'NaN and the infinities',               spanJson({ attributes: ['NaN', 'Infinity', '-Infinity'].map((doubleValue, index) => ({ key: `x${index}`, value: { doubleValue } })) })),
  json('9.bytes',           'bytes in base64',                      spanJson(attribute({ bytesValue: 'AAEC/w==' }))),
  json('9.array',           'arrays of different types',            spanJson(attribute({ arrayValue: { values: [{ intValue: 1 }, { stringValue: 'a' }, {}] } }))),
  json('9.kvlist',          'lists of keys and values',             spanJson(attribute({ kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } }))),
  json('9.empty-value',     'an empty value',                       spanJson(attribute({}))),
  json('9.flags',           'flags with their reserved bits set',   spanJson({ flags: 0xffff_ffff })),
]
