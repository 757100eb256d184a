/** Streams as they are on the wire, cut into frames; and that it does not matter where their bytes were split. */
import { describe, expect, test } from 'vitest'
import { readStream, type StreamFrame } from '../../sdk/read-stream.ts'
import { array, assert, constantFrom, integer, property, string, tuple } from '../kit/properties.ts'

/** `event#id: data` of every frame. */
function read(pieces: readonly (string | Uint8Array)[]) {
  const reader = readStream()
  const frames = [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()]
  return { form: reader.form, frames }
}
const write = ({ event, id, data }: StreamFrame) => `${event ?? ''}${id === null ? '' : `#${id}`}: ${data}`

describe('a stream', () => {
  // oxfmt-ignore
  test.each([
    // what it is                                  as it is sent                                            form      frames
    ['an event',                                   'data: {"a":1}\n\n',                                     'events', [': {"a":1}']],
    ['an event with a name and an id',             'event: tick\nid: 7\ndata: x\n\n',                       'events', ['tick#7: x']],
    ['data over several lines',                    'data: a\ndata: b\ndata\n\n',                            'events', [': a\nb\n']],
    ['no space after the colon, and two',          'data:a\n\ndata:  b\n\n',                                'events', [': a', ':  b']],
    ['lines that end in CRLF',                     'data: a\r\n\r\ndata: b\r\n\r\n',                        'events', [': a', ': b']],
    ['lines that end in CR',                       'data: a\r\rdata: b\r\r',                                'events', [': a', ': b']],
    ['a byte order mark',                          '\uFEFFdata: a\n\n',                                     'events', [': a']],
    ['comments and a retry, which are no events',  ': hi\n\nretry: 5\n\ndata: a\n\n:\n\n',                  'events', [': a']],
    ['an id of an event without data',             'id: 1\n\ndata: a\n\n',                                  'events', [': a']],
    ['an id with a NUL, and an empty one',         'id: 1\0\ndata: a\n\nid\ndata: b\n\n',                   'events', [': a', ': b']],
    ['an empty name',                              'event:\ndata: a\n\n',                                   'events', [': a']],
    ['a field nobody knows',                       'data: a\nfoo: b\n\n',                                   'events', [': a']],
    ['an event that its blank line never ended',   'data: a\n\ndata: b\n',                                  'events', [': a']],
    ['lines of JSON',                              '{"a":1}\n\n  {"b":2}\r\n[3]\n{"c":3}',                  'lines',  [': {"a":1}', ':   {"b":2}', ': {"c":3}']],
    ['one object, without a line break',           '{"a":1}',                                               'lines',  [': {"a":1}']],
    ['prose',                                      'Dear reader,\ndata: this is\n\n{"no":"frame"}\n',       'text',   []],
    ['nothing',                                    '',                                                      null,     []],
  ] as const)('%s', (_what, sent, form, frames) => {
    const all = read([sent])
    expect([all.form, all.frames.map(write)]).toEqual([form, frames])
    const bytewise = read([...Buffer.from(sent)].map((byte) => Uint8Array.of(byte)))
    expect(bytewise).toEqual(all)
  })

  test('text after half a character of bytes is read behind it', () => {
    const [euro] = [Buffer.from('€')]
    expect(read(['data: ', euro.subarray(0, 3), 'x\n\n']).frames.map(write)).toEqual([': €x'])
    // Cut for good: what is missing of it stays missing.
    expect(read(['data: ', euro.subarray(0, 2), 'x\n\n']).frames.map(write)).toEqual([': \uFFFDx'])
  })

  test('counts the bytes of a frame, those that are not kept included', () => {
    const [small, large] = read([
      'data: €\n\n',
      `data: ${'x'.repeat(100_000)}\n`,
      `data: ${'y'.repeat(100_000)}\n\n`,
    ]).frames
    expect(small).toMatchObject({ bytes: 11, isWhole: true })
    expect(large).toMatchObject({ bytes: 200_000 + 2 * 7 + 1, isWhole: false })
    expect(large?.data.length).toBeLessThanOrEqual(65_536)
    expect(large?.data.startsWith('xxx')).toBe(true)
  })

  test('a line without an end is not kept', () => {
    const reader = readStream()
    const megabyte = Buffer.alloc(1_000_000, 'x')
    reader.read('data: ')
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 200; count++) reader.read(megabyte)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000)
    const [frame] = reader.read('\n\n')
    expect(frame).toMatchObject({ isWhole: false, bytes: 200_000_000 + 7 + 1 })
  })
})

const text = string({ unit: constantFrom('a', '€', '𝄞', '"', '{', ' ', ':', 'data', '\\n') })
const ending = constantFrom('\n', '\r\n', '\r')
const event = tuple(
  constantFrom('', 'event: tick', 'id: 9', ': comment', 'retry: 1'),
  array(text, { minLength: 1, maxLength: 3 }),
  ending,
)
const cuts = array(integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 40 })

test('wherever the bytes of a stream are split, the frames are the same', () => {
  assert(
    property(
      array(event, { minLength: 1, maxLength: 6 }),
      cuts,
      constantFrom('events', 'lines'),
      (events, sizes, form) => {
        const sent = events
          .map(([field, data, lineEnd]) =>
            form === 'events'
              ? [field, ...data.map((line) => `data: ${line}`), '', '']
                  .filter((line, at) => at > 0 || line !== '')
                  .join(lineEnd)
              : JSON.stringify({ data }) + lineEnd,
          )
          .join('')
        const bytes = Buffer.from(sent)
        const pieces: Uint8Array[] = []
        for (let from = 0, turn = 0; from < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          pieces.push(bytes.subarray(from, from + size))
          from += size
        }
        const whole = read([bytes])
        expect(read(pieces)).toEqual(whole)
        expect(whole.frames).toHaveLength(events.length)
        expect(whole.form).toBe(form)
      },
    ),
  )
})
