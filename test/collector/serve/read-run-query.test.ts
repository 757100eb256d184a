import { expect, test } from 'vitest'
import { hours, minutes } from '../../../contract/units.ts'
import { readRunQuery } from '../../../collector/serve/read-run-query.ts'
import { Refusal } from '../../../collector/serve/refusal.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')

// oxfmt-ignore
test.each([
  // asked                                         read
  [{},                                             { limit: 50 }],
  [{ status: 'stalled' },                          { status: ['stalled'], limit: 50 }],
  [{ status: 'stalled, lost' },                    { status: ['stalled', 'lost'], limit: 50 }],
  [{ step: 'tool › search_orders' },               { step: 'tool › search_orders', limit: 50 }],
  [{ sort: 'duration', order: 'asc' },             { sort: 'duration', order: 'asc', limit: 50 }],
  [{ agent: ' support ' },                         { agent: 'support', limit: 50 }],
  [{ since: 'now-15m' },                           { since: NOW - minutes(15), limit: 50 }],
  [{ since: 'now-2d', until: 'now' },              { since: NOW - hours(48), until: NOW, limit: 50 }],
  [{ until: '2026-11-22T11:00:00.5Z' },            { until: NOW - hours(1) + 500, limit: 50 }],
  [{ until: '2026-11-22T13:00:00+02:00' },         { until: NOW - hours(1), limit: 50 }],
  [{ since: '2026-11-22' },                        { since: NOW - hours(12), limit: 50 }],
  [{ canary: '1' },                                { isCanary: true, limit: 50 }],
  [{ limit: '500', cursor: 'abc' },                { limit: 500, cursor: 'abc' }],
])('%o is understood', (asked, read) => {
  expect(readRunQuery(asked, NOW)).toEqual(read)
})

// oxfmt-ignore
test.each([
  // asked                                  what the answer must say
  [{ status: 'stuck' },                     ['status', '"stuck"', 'stalled', 'undelivered']],
  [{ status: ['stalled', 'lost'] },         ['status', 'once']],
  [{ since: 'yesterday' },                  ['since', 'now-15m']],
  [{ since: '11/22/2026' },                 ['since', '2026-11-22T03:04:11Z']],
  [{ until: '2026-13-40T00:00:00Z' },       ['until']],
  [{ since: 'now-1h', until: 'now-2h' },    ['since must be before until']],
  [{ limit: '0' },                          ['limit', '1 to 500']],
  [{ limit: '501' },                        ['limit', '1 to 500']],
  [{ limit: '10x' },                        ['limit', '1 to 500']],
  [{ agent: '' },                           ['agent must not be empty']],
  [{ agent: 'x'.repeat(201) },              ['agent is too long']],
  [{ canary: 'yes' },                       ['canary must be 1']],
  [{ stauts: 'stalled' },                   ['there is no parameter "stauts"']],
  [{ status: 'nope', limit: '-1', a: 'b' }, ['status', 'limit', '"a"']],
])('%o is refused with a reason', (asked, words) => {
  const refusal = refusalOf(() => readRunQuery(asked, NOW))
  expect(refusal.code).toBe('invalid')
  for (const word of words) expect(refusal.message).toContain(word)
})

function refusalOf(call: () => unknown): Refusal {
  try {
    call()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('expected a refusal')
}
