/** A silent source is one line above the runs; its runs are folded under it. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { rowsUnder, writeLine } from '../../web/model/finding-lines.ts'
import { shownFindings, unexplainedRows } from '../../web/model/findings.ts'
import { noBrowser } from '../kit/browser.ts'
import { useDashboard } from './kit/dashboard.ts'
import { makeFailing, makeFinding } from './kit/make-finding.ts'
import { makeRun, toRow } from './kit/make-run.ts'
import { findViolations } from './kit/find-violations.ts'

const NOW = Date.parse('2026-11-22T10:07:00.000Z')
const failed = (state: 'recovered' | 'over') => makeFailing(NOW, { state, endedAt: toIso(NOW - seconds(30)) })
const ended = (state: 'recovered' | 'over', ago: number) =>
  makeFinding(NOW, { state, endedAt: toIso(NOW - seconds(ago)) })
const row = (id: string, explainedBy?: string) =>
  toRow(makeRun({ id, status: 'lost', now: NOW, ...(explainedBy !== undefined && { explainedBy }) }))

// oxfmt-ignore
test.each([
  ['one that is silent',  makeFinding(NOW),                                                    /^gateway-7 \(service checkout\) has sent nothing since \d\d:02:00; 500 open runs explained by it$/],
  ['several',             makeFinding(NOW, { name: '12 instances of checkout', sourcesTotal: 12, openRuns: 1 }), /^12 instances of checkout have sent nothing since \d\d:02:00; 1 open run explained by it$/],
  ['one that came back',  ended('recovered', 30),                                              /^gateway-7 \(service checkout\) speaks again, after 4 m 30 s of silence$/],
  ['one that never did',  ended('over', 30),                                                   /^gateway-7 \(service checkout\) never spoke again; none of its runs is open any more$/],
  ['connections',         makeFailing(NOW),                                                    /^connections to checkout in staging are refused with 4401: 500 since \d\d:02:00$/],
  ['that go well again',  failed('recovered'),                                                 /^connections to checkout in staging become ready again, after 500 that failed$/],
  ['nobody tries',        failed('over'),                                                      /^nobody tries any more: 500 connections to checkout in staging failed until \d\d:06:30$/],
])('%s', (_what, finding, sentence) => {
  expect(writeLine(finding, NOW)).toMatch(sentence)
})

test('one that ended leaves after a minute, and its runs have lines of their own again', () => {
  const rows = [row('own'), row('under', 'find_1')]
  const [lately, longAgo] = [[ended('recovered', 59)], [ended('recovered', 60)]]
  expect(shownFindings(lately, NOW)).toHaveLength(1)
  expect(shownFindings(longAgo, NOW)).toEqual([])
  expect(unexplainedRows(rows, shownFindings(lately, NOW)).map(({ id }) => id)).toEqual(['own'])
  expect(unexplainedRows(rows, shownFindings(longAgo, NOW)).map(({ id }) => id)).toEqual(['own', 'under'])
  expect(rowsUnder(rows, makeFinding(NOW)).map(({ id }) => id)).toEqual(['under'])
})

test('under connections that fail are the runs whose users were not reached meanwhile', () => {
  const told = makeFailing(NOW)
  const run = (id: string, own: object) =>
    toRow({ ...makeRun({ id, status: 'undelivered', now: NOW }), service: 'checkout', environment: 'staging', ...own })
  const rows = [
    run('cut-off', { endedAt: toIso(NOW - minutes(1)) }),
    run('before', { endedAt: toIso(NOW - minutes(6)) }),
    run('elsewhere', { endedAt: toIso(NOW), environment: 'production' }),
    run('reached', { endedAt: toIso(NOW), status: 'completed' }),
  ]
  expect(rowsUnder(rows, told).map(({ id }) => id)).toEqual(['cut-off'])
})

describe.skipIf(noBrowser !== null)('on the live board', () => {
  const dashboard = useDashboard()

  test('it stands above the runs, explains them, and says when the source is back', async () => {
    const page = await dashboard.open('/live')
    const now = systemClock.now()
    await page.locator('#attention .rows > li').first().waitFor()
    const lost = Array.from({ length: 60 }, (_, index) =>
      makeRun({ id: `lost_${index}`, status: 'lost', now, age: minutes(9) + index, explainedBy: 'find_1' }),
    )
    dashboard.collector().find(makeFinding(now))
    dashboard.collector().put(...lost)
    const line = page.locator('#attention [data-finding="find_1"]')
    await line
      .getByText(/gateway-7 \(service checkout\) has sent nothing since .* 500 open runs explained by it/)
      .waitFor()
    expect(await page.locator('#attention > .rows [data-row^="lost_"], #in-flight [data-row^="lost_"]').count()).toBe(0)
    expect(await line.locator('[data-row="lost_0"]').isVisible()).toBe(false)
    await line.locator('summary').click()
    await line.locator('[data-row="lost_0"]').waitFor()
    await line.getByText('50 of 500 runs.').waitFor()
    expect(await findViolations(page)).toEqual([])

    await page.goto(`${dashboard.collector().url}/runs/lost_0`)
    await page
      .locator('.headline')
      .getByText(/gateway-7 \(service checkout\) has sent nothing since/)
      .waitFor()

    await page.goto(`${dashboard.collector().url}/live`)
    await line.waitFor()
    dashboard.collector().find(makeFinding(now, { rev: 2, state: 'recovered', endedAt: toIso(systemClock.now()) }))
    await line.getByText(/gateway-7 \(service checkout\) speaks again/).waitFor()
  })

  test('connections that fail are a line of their own, which says when they go well again', async () => {
    const page = await dashboard.open('/live')
    const now = systemClock.now()
    dashboard.collector().find(makeFailing(now))
    const line = page.locator('#attention [data-finding="find_2"]')
    await line.getByText(/connections to checkout in staging are refused with 4401: 500 since /).waitFor()
    await line.locator('summary').click()
    await line.getByText('The server says: “the token has expired”. At checkout-1. 12 connections').waitFor()
    expect(await findViolations(page)).toEqual([])
    dashboard.collector().find(makeFailing(now, { rev: 2, state: 'recovered', endedAt: toIso(systemClock.now()) }))
    await line.getByText(/connections to checkout in staging become ready again, after 500 that failed/).waitFor()
  })

  test('it waits while a hand is on the list', async () => {
    const page = await dashboard.open('/live')
    const row = page.locator('#attention .rows > li a').first()
    await row.hover()
    const box = await row.boundingBox()
    dashboard.collector().find(makeFinding(systemClock.now()))
    await page.locator('#attention header .button', { hasText: '1 new' }).waitFor()
    expect(await row.boundingBox()).toEqual(box)
    await page.keyboard.press('n')
    await page.locator('#attention [data-finding="find_1"]').waitFor()
  })
})
