/** What fits, and that nothing which fits is passed over unread, however it was sent. */
import { describe, expect, test } from 'vitest'
import { readRecords } from '../../collector/accept/read-records.ts'
import { matchSpan, openSieve } from '../../collector/match-span.ts'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { readCondition, writeCondition, type AttributeCondition } from '../../contract/search.ts'
import type { Entry } from '../../collector/entry.ts'
import { forProtobuf, type Json } from './accept/arbitrary-otlp.ts'
import { encode } from './accept/oracle.ts'
import { attributesOf } from './accept/read-both.ts'

const SPAN = {
  traceId: 'ab'.repeat(16),
  spanId: '00f067aa0ba902b7',
  name: 'execute_tool ship/order',
  startTimeUnixNano: '1795836649332000000',
  status: { code: 2, message: 'no route' },
  attributes: attributesOf({
    'gen_ai.tool.name': 'ship_order',
    'http.response.status_code': 503,
    retry: true,
    clé: 'é',
    path: 'a/b "c"',
    empty: '',
  }),
  events: [
    {
      name: 'exception',
      timeUnixNano: '1795836649332000000',
      attributes: attributesOf({ 'exception.type': 'TimeoutError' }),
    },
  ],
}
const REQUEST = {
  resourceSpans: [
    { resource: { attributes: attributesOf({ 'service.version': '1.4.2' }) }, scopeSpans: [{ spans: [SPAN] }] },
  ],
}

/** The same span, as everybody sends it. */
const ENTRIES: readonly (readonly [string, Entry])[] = [
  ['protobuf', entry('traces', 'protobuf', protobuf('TracesRequest', REQUEST))],
  ['JSON', entry('traces', 'json', json(REQUEST))],
  ['JSON in ASCII', entry('traces', 'json', ascii(REQUEST))],
  ['a snapshot as JSON in protobuf', entry('logs', 'protobuf', protobuf('LogsRequest', partial('json/v1')))],
  ['a snapshot as base64 in JSON', entry('logs', 'json', json(partial('proto')))],
  ['a snapshot as base64 beside one as JSON', entry('logs', 'json', json(both()))],
]

// oxfmt-ignore
const FITS = [
  ['gen_ai.tool.name:is:ship_order',       'gen_ai.tool.name = ship_order'],
  ['gen_ai.tool.name:has:SHIP',            'gen_ai.tool.name = ship_order'],
  ['gen_ai.tool.name:not:search',          'gen_ai.tool.name = ship_order'],
  ['http.response.status_code:over:499',   'http.response.status_code = 503'],
  ['http.response.status_code:under:504',  'http.response.status_code = 503'],
  ['http.response.status_code:is:503',     'http.response.status_code = 503'],
  ['retry:is:true',                        'retry = true'],
  ['exception.type:is:TimeoutError',       'exception.type = TimeoutError'],
  ['service.version:is:1.4.2',             'service.version = 1.4.2'],
  ['clé:is:é',                             'clé = é'],
  ['path:is:a/b "c"',                      'path = a/b "c"'],
  ['span.name:is:execute_tool ship/order', 'span.name = execute_tool ship/order'],
  ['span.id:is:00f067aa0ba902b7',          'span.id = 00f067aa0ba902b7'],
  ['span.status:is:error',                 'span.status = error'],
  ['*:is:ship_order',                      'gen_ai.tool.name = ship_order'],
  ['*:has:timeout',                        'exception.type = TimeoutError'],
  ['retry:any',                            'retry = true'],
] as const

describe.each(ENTRIES)('sent as %s', (_how, sent) => {
  test.each(FITS)('%s is found', (written, said) => {
    const wanted = condition(written)
    expect(openSieve([wanted])(sent)).toBe(true)
    const matched = readRecords(sent).spans.map((span) => matchSpan(span, [wanted]))
    expect(matched.at(-1)).toEqual([said])
  })
})

// oxfmt-ignore
test.each([
  'gen_ai.tool.name:is:ship', 'gen_ai.tool.name:not:ship_order', 'nothing:any', 'nothing:not:x', 'empty:under:1', 'empty:over:-1',
  'gen_ai.tool.name:over:1', 'http.response.status_code:under:503', 'span.id:is:00f067aa0ba902b8', '*:is:ship', 'toString:any',
])('%s does not fit', (written) => {
  const [, sent] = ENTRIES[0] ?? []
  if (sent === undefined) throw new Error('expected an entry')
  expect(readRecords(sent).spans.map((span) => matchSpan(span, [condition(written)]))).toEqual([null])
})

test.each(['other.key:any', 'gen_ai.tool.name:is:search_orders', 'span.id:is:1111111111111111'])(
  'what cannot hold %s is not even read',
  (written) => {
    for (const [how, sent] of ENTRIES.slice(0, 4)) expect(openSieve([condition(written)])(sent), how).toBe(false)
  },
)

// oxfmt-ignore
test.each([
  ['a:is:b:c',     { key: 'a', test: 'is', value: 'b:c' }],
  ['a:any',        { key: 'a', test: 'any', value: '' }],
  ['a:over:-1.5',  { key: 'a', test: 'over', value: '-1.5' }],
  ['a:over:x',     null],
  ['a:is:',        null],
  ['a',            null],
  [':is:b',        null],
  ['a:like:b',     null],
] as const)('a condition in an address: %s', (written, read) => {
  expect(readCondition(written)).toEqual(read)
  if (read !== null) expect(writeCondition(read)).toBe(written)
})

function condition(written: string): AttributeCondition {
  const read = readCondition(written)
  if (read === null) throw new Error(`no condition: ${written}`)
  return read
}

function entry(kind: Entry['kind'], encoding: Entry['encoding'], body: Uint8Array): Entry {
  return { kind, encoding, receivedAt: 1, body }
}

function protobuf(name: 'TracesRequest' | 'LogsRequest', request: object): Buffer {
  return encode(name, forProtobuf(request as Json) as object)
}

function json(request: object): Buffer {
  return Buffer.from(JSON.stringify(request))
}

/** As Python's json module writes it. */
function ascii(request: object): Buffer {
  const escape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  return Buffer.from(JSON.stringify(request).replaceAll(/[^\0-\x7f]/g, escape))
}

function recordOf(bodyType: 'json/v1' | 'proto'): object {
  const body = bodyType === 'proto' ? protobuf('TracesRequest', REQUEST).toString('base64') : JSON.stringify(REQUEST)
  return {
    timeUnixNano: '1795836649332000000',
    eventName: RECORD.spanStart,
    body: { stringValue: body },
    attributes: attributesOf({ [ATTR.partialBodyType]: bodyType, [ATTR.partialEvent]: 'start', [ATTR.seq]: 1 }),
  }
}

function partial(bodyType: 'json/v1' | 'proto'): object {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [recordOf(bodyType)] }] }] }
}

/** An unrelated snapshot in JSON first: what only the second says must be found all the same. */
function both(): object {
  const plain = JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: [
          { spans: [{ ...SPAN, attributes: [], events: [], name: 'x', spanId: 'b'.repeat(16), status: {} }] },
        ],
      },
    ],
  })
  const other = { ...recordOf('json/v1'), body: { stringValue: plain } }
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [other, recordOf('proto')] }] }] }
}
