/** Laststep itself, on the page: said in words, and red when its verdicts cannot be trusted. */
import { describe, expect, test } from 'vitest'
import type { Health } from '../../contract/health.ts'
import { hours, minutes, seconds, toIso } from '../../contract/units.ts'
import { describeFailures, describeHealth } from '../../web/model/health.ts'
import { formatClock } from '../../web/model/format.ts'
import { noBrowser } from '../kit/browser.ts'
import { HOLDS, makeHealth } from '../kit/made-health.ts'
import { START } from '../kit/manual-clock.ts'
import { useDashboard } from './kit/dashboard.ts'

const NOW = START + minutes(1)

function line(what: string, different: Partial<Health>): string | undefined {
  return describeHealth(makeHealth(different), NOW).find((each) => each.what === what)?.says
}

// oxfmt-ignore
test.each([
  // line                 what was measured                                                                says
  ['Deadline to verdict', {},                                                                              'p99 8 ms of 60, last hour'],
  ['Deadline to verdict', { evaluator: { deadlines: 0, madeP99Ms: null, storedP99Ms: null } },             'not measured yet'],
  ['Deadline to disk',    {},                                                                              'p99 70 ms of 60, last hour'],
  ['Behind what arrives', { watermarkLagMs: 12_300 },                                                      '12.3 s'],
  ['Own timers late by',  {},                                                                              'p99 2 ms, last hour'],
  ['Nobody listened',     {},                                                                              '4.2 s in 1 gap, last 24 h'],
  ['Nobody listened',     { blind: { gaps: 0, ms: 0 } },                                                   'never, last 24 h'],
  ['Verdicts taken back', {},                                                                              `2 since ${formatClock(START)}`],
  ['Clocks of others',    {},                                                                              '3 processes, none off by 5 s'],
  ['Clocks of others',    { clocks: { processes: 0, off: 0, worst: null } },                               'no process pulses'],
  ['Clocks of others',    { clocks: { processes: 9, off: 2, worst: { instance: 'p-7', behindMs: -hours(3) } } }, '2 of 9 off; p-7 is 3 h 00 m ahead'],
  ['Clocks of others',    { clocks: { processes: 9, off: 1, worst: { instance: 'p-7', behindMs: 61_000 } } }, '1 of 9 off; p-7 is at most 1 m 01 s behind'],
  ['Last canary',         {},                                                                              '1 m 00 s ago: flagged in time, seen 61 ms after its deadline'],
  ['Last canary',         { canary: null },                                                                'none has come back yet'],
  ['Last canary',         { canary: { outcome: 'missed', sentAt: toIso(START), lateMs: null } },           '1 m 00 s ago: never flagged'],
  ['Dead man’s ping',     {},                                                                              'no address is set'],
  ['Dead man’s ping',     { deadMan: { pingedAt: toIso(NOW - seconds(12)), error: null } },                'taken 12 s ago'],
  ['Dead man’s ping',     { deadMan: { pingedAt: toIso(START), error: 'no answer within 10000 ms' } },     'not taken: no answer within 10000 ms'],
] as const)('%s: %j', (what, different, says) => {
  expect(line(what, different as Partial<Health>)).toBe(says)
})

test('what fails is said with its time, what holds is not', () => {
  const canary = {
    name: 'canary',
    ok: false,
    since: toIso(START),
    says: 'the last canary run was never flagged',
  } as const
  expect(describeFailures(makeHealth())).toEqual([])
  expect(describeFailures(makeHealth({ checks: [HOLDS, canary] }))).toEqual([
    `The last canary run was never flagged, since ${formatClock(START)}.`,
  ])
})

describe.skipIf(noBrowser !== null)('on the page', () => {
  const dashboard = useDashboard()

  test('one click from the pill: what was measured, and that verdicts can be trusted', async () => {
    const page = await dashboard.open('/live')
    await page
      .locator('#connection')
      .filter({ hasText: /^Live$/ })
      .click()
    const sheet = page.getByRole('dialog', { name: 'Laststep itself' })
    await sheet.getByText('Verdicts can be trusted').waitFor()
    await sheet.getByText('p99 8 ms of 60').waitFor()
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })
  })

  test('a collector that is not ready turns the pill red within a beat, says why, and is forgiven', async () => {
    const page = await dashboard.open('/live')
    const pill = page.locator('#connection')
    await pill.filter({ hasText: /^Live$/ }).waitFor()
    const calm = await pill.evaluate((element) => getComputedStyle(element).borderColor)
    const says = 'the history does not answer'
    dashboard.collector().feel({ ready: false, checks: [{ name: 'history', ok: false, since: toIso(START), says }] })
    await pill.filter({ hasText: 'Verdicts in doubt' }).waitFor({ timeout: 30_000 })
    expect(await pill.evaluate((element) => getComputedStyle(element).borderColor)).not.toBe(calm)
    await pill.click()
    await page.getByRole('alert').getByText('The history does not answer, since').waitFor()
    dashboard.collector().feel({})
    await page.getByText('Verdicts can be trusted').waitFor({ timeout: 30_000 })
    await page.keyboard.press('Escape')
    await pill.filter({ hasText: /^Live$/ }).waitFor({ timeout: 30_000 })
  })
})
