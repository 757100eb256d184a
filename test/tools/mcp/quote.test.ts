/** What is left of a text that was written to be obeyed. */
import { describe, expect, test } from 'vitest'
import { plain, plainAll, quote, TEXT_MAX } from '../../../tools/mcp/quote.ts'

const tags = (word: string) => [...word].map((each) => String.fromCodePoint(0xe0000 + each.charCodeAt(0))).join('')

// oxfmt-ignore
test.each([
  ['an ordinary name stays as it is',         'search_orders',                    'search_orders'],
  ['letters of every script stay',            'заказы 注文 طلب café 🙂',           'заказы 注文 طلب café 🙂'],
  ['lines become one',                        'a\nb\r\n\tc\u2028d\u2029e',         'a b c d e'],
  ['controls go',                             'a\u0000\u001b[31mb\u009bc',         'a[31mbc'],
  ['turns of direction go',                   'a\u202eb\u2066c\u200fd',            'abcd'],
  ['joiners and blanks of no width go',       'ig\u200bno\u2060re\ufeff\u00ad',    'ignore'],
  ['tag characters go, which spell unseen',   `ok${tags('delete all')}`,           'ok'],
  ['variation selectors that carry bytes go', 'a\u{e0100}\u{e01ef}b',              'ab'],
  ['lone halves and private codes go',        'a\ud800b\ue000c',                   'abc'],
])('%s', (_name, given, expected) => {
  expect(plain(given)).toBe(expected)
})

describe('a quotation', () => {
  // oxfmt-ignore
  test.each([
    ['a"b',      '"a\\"b"'],
    ['a\\',      '"a\\\\"'],
    ['a\\"b',    '"a\\\\\\"b"'],
    ['',         '""'],
    ['\n"\n# x', '"\\" # x"'],
  ])('of %j cannot be ended from inside', (given, expected) => {
    expect(quote(given)).toBe(expected)
    expect(quote(given)).toMatch(/^"(?:[^"\\]|\\.)*"$/)
  })

  test('is cut where it says so, and between characters', () => {
    expect(plain('🙂'.repeat(2 * TEXT_MAX))).toBe(`${'🙂'.repeat(TEXT_MAX - 1)}…`)
    expect(plain('x'.repeat(TEXT_MAX))).toBe('x'.repeat(TEXT_MAX))
    expect(quote('abcdef', 4)).toBe('"abc…"')
  })
})

test('an answer is made plain all through, but for its links, which would lead nowhere', () => {
  const link = `http://127.0.0.1/runs?step=${'x'.repeat(TEXT_MAX)}`
  const given = { link, count: 3, none: null, is: true, list: [{ title: 'a\nb', link: null }], texts: ['\u202e'] }
  expect(plainAll(given)).toEqual({ ...given, list: [{ title: 'a b', link: null }], texts: [''] })
})
