import { expect, test } from 'vitest'
import { hours } from '../../../contract/units.ts'
import { madeHistory } from '../../kit/made-history.ts'
import { openKept } from '../serve/kit/open-kept.ts'

const TO = Date.parse('2026-11-22T00:00:00Z')
const made = [...madeHistory({ runs: 1_500, from: TO - hours(100), to: TO, stallShare: 0.1 })]
const kept = openKept()
kept.save(
  made.map(({ run }) => run),
  made.flatMap(({ stalls }) => stalls),
)
const runsWith = (field: 'agent' | 'version' | 'userId', value: string): number =>
  made.filter(({ run }) => run.row[field] === value).length

// oxfmt-ignore
test.each([
  ['agents',                     'agent',       '',        ['billing', 'research', 'support', 'triage']],
  ['agents by their beginning',  'agent',       's',       ['support']],
  ['as they are written',        'agent',       'S',       []],
  ['environments',               'environment', '',        ['production', 'staging']],
  ['versions',                   'version',     '1.4.',    ['1.4.0', '1.4.1', '1.4.2']],
  ['steps runs stood still at',  'step',        'tool',    ['tool › fetch_page', 'tool › search_orders']],
  ['what no run has',            'session',     'zzz',     []],
] as const)('%s', (_what, field, like, values) => {
  const list = kept.store.values({ field, like })
  expect(list.values.map(({ value }) => value)).toEqual(values)
  expect(list.isCut).toBe(false)
})

test('each with how many runs have it, and no more of them than can be looked through', () => {
  for (const { value, runs } of kept.store.values({ field: 'agent', like: '' }).values)
    expect(runs, value).toBe(runsWith('agent', value))
  const users = kept.store.values({ field: 'user', like: 'u_1' })
  expect([users.values.length, users.isCut]).toEqual([20, true])
  for (const { value, runs } of users.values) expect(runs, value).toBe(runsWith('userId', value))
  expect(users.values.map(({ value }) => value)).toEqual(users.values.map(({ value }) => value).sort())
})
