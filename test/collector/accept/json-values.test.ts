/** Every value OTLP/JSON can hold, and how it is shown; the same values in protobuf are `oracle-equality.test.ts`'s. */
import { expect, test } from 'vitest'
import { readRecords } from '../../../collector/accept/read-records.ts'

const IDS = '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"'

function shown(value: string): unknown {
  const attributes = `[{"key":"x","value":${value}}]`
  const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[{${IDS},"attributes":${attributes}}]}]}]}`
  const { spans } = readRecords({ kind: 'traces', encoding: 'json', receivedAt: 1, body: Buffer.from(body) })
  return spans[0]?.attributes['x']
}

// oxfmt-ignore
test.each([
  ['text',                          '{"stringValue":"a"}',                                            'a'],
  ['the empty text',                '{"stringValue":""}',                                             ''],
  ['true',                          '{"boolValue":true}',                                             true],
  ['false',                         '{"boolValue":false}',                                            false],
  ['an integer as text',            '{"intValue":"42"}',                                              42],
  ['an integer as a number',        '{"intValue":42}',                                                42],
  ['a negative integer',            '{"intValue":"-42"}',                                             -42],
  ['zero',                          '{"intValue":0}',                                                 0],
  ['the largest, as text',          '{"intValue":"9223372036854775807"}',                             '9223372036854775807'],
  ['the largest, as a number',      '{"intValue":9223372036854775807}',                               '9223372036854775807'],
  ['the least, as a number',        '{"intValue":-9223372036854775808}',                              '-9223372036854775808'],
  ['beyond 2^53, by one',           '{"intValue":9007199254740993}',                                  '9007199254740993'],
  ['no integer at all',             '{"intValue":"many"}',                                            null],
  ['a double',                      '{"doubleValue":0.5}',                                            0.5],
  ['a double of many digits',       '{"doubleValue":0.123456789012345678}',                           0.12345678901234568],
  ['a double as text',              '{"doubleValue":"-1e3"}',                                         -1000],
  ['NaN',                           '{"doubleValue":"NaN"}',                                          'NaN'],
  ['Infinity',                      '{"doubleValue":"Infinity"}',                                     'Infinity'],
  ['-Infinity',                     '{"doubleValue":"-Infinity"}',                                    '-Infinity'],
  ['bytes',                         '{"bytesValue":"AAEC/w=="}',                                      'AAEC/w=='],
  ['an array of different types',   '{"arrayValue":{"values":[{"intValue":"1"},{"boolValue":true},{}]}}', [1, true, null]],
  ['an empty array',                '{"arrayValue":{}}',                                              []],
  ['an array of arrays',            '{"arrayValue":{"values":[{"arrayValue":{"values":[{"stringValue":"a"}]}}]}}', [['a']]],
  ['a list of keys and values',     '{"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}},{"key":"b"}]}}', { a: 1, b: null }],
  ['an empty list',                 '{"kvlistValue":{}}',                                             {}],
  ['nothing',                       '{}',                                                             null],
  ['null',                          'null',                                                           null],
  ['a value of the future',         '{"complexValue":[1,2]}',                                         null],
  ['snake_case, which is no key',   '{"string_value":"a"}',                                           null],
])('%s', (_what, value, expected) => {
  expect(shown(value)).toEqual(expected)
})
