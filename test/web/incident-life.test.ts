import { expect, test } from 'vitest'
import { UNTOUCHED, type IncidentChange, type IncidentLife } from '../../contract/incidents.ts'
import { hours, toIso } from '../../contract/units.ts'
import {
  changeWords,
  lifeWords,
  MUTES,
  outcomeWords,
  readMute,
  readPasted,
  riskWords,
  siblingWords,
} from '../../web/model/incident-life.ts'

const NOW = Date.parse('2026-11-22T14:30:00.000Z')
const AT = toIso(NOW)
const say = () => '14:30'
const by = { ...UNTOUCHED, since: AT, by: 'ana' }

// oxfmt-ignore
test.each<[life: IncidentLife, says: string]>([
  [UNTOUCHED,                                                                  'open'],
  [{ ...by, state: 'acknowledged' },                                           'acknowledged by ana'],
  [{ ...by, by: null, state: 'acknowledged' },                                 'acknowledged'],
  [{ ...by, state: 'muted', mutedUntil: { kind: 'time', at: AT } },            'muted until 14:30 by ana'],
  [{ ...by, state: 'muted', mutedUntil: { kind: 'deploy' } },                  'muted until the next deploy of its service by ana'],
  [{ ...by, state: 'muted', mutedUntil: { kind: 'stalls', more: 1 } },         'muted until 1 more stall by ana'],
  [{ ...by, state: 'muted', mutedUntil: { kind: 'stalls', more: 5 } },         'muted until 5 more stalls by ana'],
  [{ ...by, state: 'resolved', resolvedIn: '1.4.3' },                          'resolved in 1.4.3 by ana'],
  [{ ...by, state: 'resolved' },                                               'resolved by ana'],
])('%j: %s', (life, says) => {
  expect(lifeWords(life, say)).toBe(says)
})

const STL = '4f2a09c1d2e3f405'

// oxfmt-ignore
test.each<[what: IncidentChange['what'], by: string | null, from: string | null, to: string | null, says: string]>([
  ['muted',       'ana', 'open',             `muted until ${AT}`, 'ana muted open → muted until 14:30'],
  ['resolved',    null,  'open',             'resolved',          'somebody resolved open → resolved'],
  ['regressed',   null,  'resolved in 1.4',  'open',              'Laststep came again resolved in 1.4 → open'],
  ['mute-ended',  null,  `muted until ${AT}`, 'open',             'Laststep the mute ended muted until 14:30 → open'],
  ['assigned',    'ana', null,               'ben',               'ana assigned nobody → ben'],
  ['merged',      'ana', STL,                'b'.repeat(16),      'ana merged STL-4F2A09 → STL-BBBBBB'],
])('%s by %s, %s to %s: %s', (what, who, from, to, says) => {
  const words = changeWords({ at: AT, by: who, what, from, to, reason: null }, say)
  expect(`${words.who} ${words.did} ${words.how}`).toBe(says)
})

test('a mute is until what was chosen', () => {
  expect(MUTES.map((mute) => readMute(mute, 7, NOW))).toEqual([
    { kind: 'time', at: toIso(NOW + hours(1)) },
    { kind: 'time', at: toIso(NOW + hours(8)) },
    { kind: 'time', at: toIso(NOW + hours(24)) },
    { kind: 'time', at: toIso(NOW + hours(168)) },
    { kind: 'deploy' },
    { kind: 'stalls', more: 7 },
  ])
})

// oxfmt-ignore
test.each([
  ['STL-4F2A09',                               '4f2a09'],
  [STL,                                        STL],
  [`https://laststep.example/stalls/${STL}`,   STL],
  [` ${STL}/ `,                                STL],
  ['that one',                                 null],
  ['STL-',                                     null],
])('%j, pasted, is %s', (text, is) => {
  expect(readPasted(text)).toBe(is)
})

test('siblings, what is at risk, and what became of its runs', () => {
  expect(siblingWords({ fingerprint: STL, version: '1.4.1', stalls: 3 })).toBe('also in 1.4.1 (3×)')
  expect(siblingWords({ fingerprint: STL, version: null, stalls: 3 })).toBe('also in other versions (3×)')
  expect(riskWords({ atRisk: { amount: 102.5, unit: 'EUR' } })).toBe('102.5 EUR at risk')
  expect([riskWords({ atRisk: null }), riskWords({ atRisk: { amount: 0, unit: 'EUR' } })]).toEqual([null, null])
  expect(outcomeWords({ recovered: 1, completedLate: 0 })).toBe('1 moved on by itself')
  expect(outcomeWords({ recovered: 2, completedLate: 1 })).toBe('2 moved on by themselves, 1 completed late')
  expect(outcomeWords({ recovered: 0, completedLate: 0 })).toBeNull()
})
