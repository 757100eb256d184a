/** A silent source is one line above the runs; its runs are folded under it. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { rowsUnder, shownFindings, unexplainedRows, writeFinding } from '../../web/model/findings.ts'
import { noBrowser } from '../kit/browser.ts'
import { useDashboard } from './kit/dashboard.ts'
import { makeFinding } from './kit/make-finding.ts'
import { makeRun, toRow } from './kit/make-run.ts'
import { findViolations } from './kit/find-violations.ts'

const NOW = Date.parse('2026-11-22T10:07:00.000Z')
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
])('%s', (_what, finding, sentence) => {
  expect(writeFinding(finding, NOW)).toMatch(sentence)
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
