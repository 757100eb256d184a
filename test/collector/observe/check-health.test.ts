import { describe, expect, test } from 'vitest'
import { checkHealth, type HealthFacts } from '../../../collector/observe/check-health.ts'
import { fromIso } from '../../../contract/units.ts'

const NOW = 1_000_000
const WELL: HealthFacts = {
  logRefuses: null,
  logWaitsSince: null,
  historyEndedAt: null,
  historyWaitsSince: null,
  watermark: NOW,
  nextLookAt: null,
  canary: null,
}
const ago = (seconds: number): number => NOW - seconds * 1_000

// Every change of `WELL`, in seconds ago, and which check says so since when.
// oxfmt-ignore
test.each([
  // what is the matter                                  facts                                                      failing
  ['nothing',                                            {},                                                        []],
  ['a commit under way',                                 { logWaitsSince: ago(9) },                                 []],
  ['a commit that does not end',                         { logWaitsSince: ago(11) },                                [['log', 11]]],
  ['a disk without room',                                { logRefuses: { since: ago(3), says: '5 MiB are left' } }, [['log', 3]]],
  ['a history that takes its time',                      { historyWaitsSince: ago(19) },                            []],
  ['a history that does not answer',                     { historyWaitsSince: ago(21) },                            [['history', 21]]],
  ['a history that ended',                               { historyEndedAt: ago(1) },                                [['history', 1]]],
  ['what was received is being read',                    { watermark: ago(9) },                                     []],
  ['what was received is not read',                      { watermark: ago(11) },                                    [['watermark', 11]]],
  ['a deadline to come',                                 { nextLookAt: NOW + 1 },                                   []],
  ['a deadline that has just passed',                    { nextLookAt: ago(9) },                                    []],
  ['a deadline that nobody judged',                      { nextLookAt: ago(11) },                                   [['evaluator', 11]]],
  ['a deadline that the watermark holds back',           { nextLookAt: ago(5), watermark: ago(9) },                 []],
  ['both stand, and the deadline is not to blame',       { nextLookAt: ago(12), watermark: ago(11) },               [['watermark', 11]]],
  ['a canary that was never flagged',                    { canary: { dueAt: NOW + 1, underwaySince: null, last: { outcome: 'missed', sentAt: ago(9), doneAt: ago(2), lateMs: null } } }, [['canary', 2]]],
  ['a disk that stands still, and all that comes of it', { logWaitsSince: ago(21), historyWaitsSince: ago(22), watermark: ago(21) }, [['log', 21], ['history', 22], ['watermark', 21]]],
] as const)('%s', (_what, different, failing) => {
  const checks = checkHealth({ ...WELL, ...different }, NOW)
  const found = checks.filter(({ ok }) => !ok).map(({ name, since }) => [name, (NOW - fromIso(since ?? '')) / 1_000])
  expect(found).toEqual(failing)
})

describe('what is told', () => {
  test('the checks in their order; the canary only where one flies', () => {
    expect(checkHealth(WELL, NOW).map(({ name }) => name)).toEqual(['log', 'history', 'watermark', 'evaluator'])
    const canary = { dueAt: NOW, underwaySince: null, last: null }
    expect(checkHealth({ ...WELL, canary }, NOW).at(-1)).toMatchObject({ name: 'canary', ok: true })
  })

  test('one that holds fails since never; one that fails says why', () => {
    const [log, history] = checkHealth({ ...WELL, logRefuses: { since: NOW, says: '5 MiB are left' } }, NOW)
    expect(log).toEqual({ name: 'log', ok: false, since: '1970-01-01T00:16:40.000Z', says: '5 MiB are left' })
    expect(history).toMatchObject({ ok: true, since: null })
  })
})
