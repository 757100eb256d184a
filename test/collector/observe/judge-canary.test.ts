import { expect, test } from 'vitest'
import { judgeCanary, type CanaryFacts } from '../../../collector/observe/judge-canary.ts'
import type { CanaryOutcome } from '../../../contract/health.ts'

/** Seconds; the facts of a canary at a moment. */
function facts(dueAt: number, underway: number | null, last: [CanaryOutcome, number, number?] | null): CanaryFacts {
  return {
    dueAt: dueAt * 1_000,
    underwaySince: underway === null ? null : underway * 1_000,
    last: last && {
      outcome: last[0],
      sentAt: last[1] * 1_000,
      doneAt: last[1] * 1_000 + 3_000,
      lateMs: last[2] ?? null,
    },
  }
}

// oxfmt-ignore
test.each([
  // what is known of it                                      due  under way  last                      now   since
  ['before its first due time nothing is expected',           5,   null,      null,                     1,    null],
  ['a little late it may still come',                         5,   null,      null,                     19,   null],
  ['never sent: the first was due long ago',                  5,   null,      null,                     21,   5],
  ['one under way is no news yet',                            65,  5,         null,                     8,    null],
  ['one under way for too long has not come back',            65,  5,         null,                     21,   5],
  ['the last was in time',                                    65,  null,      ['in-time', 5, 80],       60,   null],
  ['the last was in time, and the next one flies',            125, 65,        ['in-time', 5, 80],       67,   null],
  ['the last was in time, and the next one never flew',       65,  null,      ['in-time', 5, 80],       81,   65],
  ['the last was late',                                       65,  null,      ['late', 5, 1_400],       10,   8],
  ['the last was late, and the next one still flies',         125, 65,        ['late', 5, 1_400],       67,   8],
  ['the last was never flagged',                              65,  null,      ['missed', 5],            12,   8],
  ['the door did not take it',                                65,  null,      ['unanswered', 5],        12,   8],
  ['it was flagged and did not end as completed late',        65,  null,      ['unclosed', 5, 80],      12,   8],
  ['a gap in our hearing moved its deadline, as it should',   65,  null,      ['postponed', 5],         12,   null],
] as const)('%s', (_what, due, underway, last, now, since) => {
  const health = judgeCanary(facts(due, underway, last as [CanaryOutcome, number, number?] | null), now * 1_000)
  expect('since' in health ? health.since / 1_000 : null).toBe(since)
  expect(health.ok).toBe(since === null)
  expect(health.says).not.toBe('')
})
