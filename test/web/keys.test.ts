import { describe, expect, test } from 'vitest'
import {
  isFixed,
  KEY_ACTIONS,
  KEYMAP,
  keysOf,
  problemOfKeys,
  readKey,
  readKeyChoice,
  USUAL_KEYS,
  type KeyChoice,
} from '../../web/model/keymap.ts'

const own = (keys: KeyChoice['own'], areOn = true): KeyChoice => ({ areOn, own: keys })

test('a key that was put in the place of another does what that did, and the other nothing', () => {
  const choice = own({ pause: 'z', 'go-live': 'l l' })
  expect(readKey('z', 0, null, choice).action).toBe('pause')
  expect(readKey('p', 0, null, choice).action).toBeNull()
  const first = readKey('l', 0, null, choice)
  expect(readKey('l', 500, first.prefix, choice).action).toBe('go-live')
  expect(readKey('s', 500, readKey('g', 0, null, choice).prefix, choice).action).toBe('go-stalls')
})

test('switched off, no key of one character does anything; those with a name still do', () => {
  const off = own({ pause: 'z' }, false)
  for (const action of KEY_ACTIONS) {
    const keys = KEYMAP[action].keys
    expect(keysOf(action, off), action).toBe(isFixed(action) ? keys : null)
    if (keys.length === 1) expect(readKey(keys, 0, null, off), action).toEqual({ action: null, prefix: null })
  }
  expect(readKey('g', 0, null, off).prefix).toBeNull()
  expect(readKey('Escape', 0, null, off).action).toBe('close')
})

// oxfmt-ignore
test.each([
  // action    keys     choice                 problem
  ['pause',    'z',     USUAL_KEYS,            null],
  ['pause',    'p',     USUAL_KEYS,            null],
  ['pause',    'z z',   USUAL_KEYS,            null],
  ['pause',    'ü',     USUAL_KEYS,            null],
  ['pause',    '',      USUAL_KEYS,            'One character'],
  ['pause',    ' ',     USUAL_KEYS,            'One character'],
  ['pause',    'F5',    USUAL_KEYS,            'One character'],
  ['pause',    'a b c', USUAL_KEYS,            'One character'],
  ['pause',    'y',     USUAL_KEYS,            'y is taken: Copy a link'],
  ['pause',    'g l',   USUAL_KEYS,            'g l is taken: Go to Live'],
  ['pause',    'g',     USUAL_KEYS,            'g and g l begin alike'],
  ['pause',    'y x',   USUAL_KEYS,            'y x and y begin alike'],
  ['pause',    'y',     own({ 'copy-link': 'c' }), null],
  ['pause',    'c',     own({ 'copy-link': 'c' }), 'c is taken'],
  ['pause',    'y',     own({}, false),        'y is taken'],
] as const)('%s by “%s”', (action, keys, choice, problem) => {
  const found = problemOfKeys(action, keys, choice)
  if (problem === null) expect(found).toBeNull()
  else expect(found).toContain(problem)
})

describe('what was stored', () => {
  test('survives', () => {
    const choice = own({ pause: 'z', 'go-live': 'l l' }, false)
    expect(readKeyChoice(JSON.parse(JSON.stringify(choice)))).toEqual(choice)
  })

  // oxfmt-ignore
  test.each([
    ['nothing',                      null,                                                    null],
    ['a text',                       'z',                                                     null],
    ['an action of another version', { areOn: true, own: { teleport: 'z' } },                 USUAL_KEYS],
    ['a key that is taken by now',   { areOn: true, own: { pause: 'u' } },                    USUAL_KEYS],
    ['two of the same',              { areOn: true, own: { pause: 'z', zone: 'z' } },         own({ pause: 'z' })],
    ['one that stays what it is',    { areOn: true, own: { close: 'z' } },                    USUAL_KEYS],
    ['no keys',                      { areOn: false },                                        own({}, false)],
  ] as const)('%s', (_what, stored, choice) => {
    expect(readKeyChoice(stored)).toEqual(choice)
  })
})
