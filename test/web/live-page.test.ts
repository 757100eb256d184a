/** The live board in a real browser: nothing moves under the hand, nothing is made up, nothing is lost. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { noBrowser } from '../kit/browser.ts'
import { IN_FLIGHT, useDashboard } from './kit/dashboard.ts'
import { makeRun } from './kit/make-run.ts'

describe.skipIf(noBrowser !== null)('the live board', () => {
  const dashboard = useDashboard()

  test('a run that stalls under a pointer says so at once in its row, and waits to be listed', async () => {
    const page = await dashboard.open('/live')
    await page.locator('#in-flight .rows > li').nth(6).locator('a').hover()
    dashboard.collector().put({ ...IN_FLIGHT[0]!, rev: 2, status: 'stalled' })
    await page.locator('#attention header .button', { hasText: '1 new' }).waitFor()
    expect(await page.locator('#in-flight [data-row="run_0"] .status').textContent()).toBe('stalled')
    expect(await page.locator('#attention [data-row="run_0"]').count()).toBe(0)
    await page.keyboard.press('n')
    await page.locator('#attention [data-row="run_0"]').waitFor()
    expect(await page.locator('header .button', { hasText: 'new' }).count()).toBe(0)
  })

  test('a run that nobody points at comes and goes by itself', async () => {
    const page = await dashboard.open('/live')
    await page.locator('#in-flight .rows > li').first().waitFor()
    dashboard.collector().put(makeRun({ id: 'run_fresh', now: systemClock.now(), age: 5 }))
    const fresh = page.locator('#in-flight [data-row="run_fresh"]')
    await fresh.waitFor({ timeout: 30_000 })
    dashboard
      .collector()
      .put(makeRun({ id: 'run_fresh', status: 'failed', now: systemClock.now(), age: 900, endedAgo: 0, rev: 2 }))
    await page.locator('#attention [data-row="run_fresh"]').waitFor({ timeout: 30_000 })
  })

  test('when the collector falls silent the page says so, freezes, invents nothing, and catches up', async () => {
    const page = await dashboard.open('/live')
    const running = page.locator('#in-flight .is-running')
    await running.first().waitFor()
    const [count, pill] = [await running.count(), page.locator('#connection')]
    // The refused attempts are the browser's own lines in the console.
    dashboard.expectFaults('WebSocket connection')
    dashboard.collector().fallSilent()
    await pill.filter({ hasText: /Reconnecting… as of \d\d:\d\d:\d\d/ }).waitFor({ timeout: 30_000 })
    const age = page.locator('#attention .cell-age').first()
    await page.waitForTimeout(1_100)
    const frozen = await age.textContent()
    await page.waitForTimeout(2_100)
    expect(await age.textContent()).toBe(frozen)
    expect(await running.count()).toBe(count)

    dashboard.collector().put(makeRun({ id: 'run_missed', now: systemClock.now(), age: 5 }))
    dashboard.collector().speakAgain()
    await pill.filter({ hasText: /^Live$/ }).waitFor({ timeout: 30_000 })
    await page.locator('#in-flight [data-row="run_missed"]').waitFor({ timeout: 30_000 })
  })

  test('pause holds the view and counts what waits; nothing is lost', async () => {
    const page = await dashboard.open('/live')
    await page.locator('#in-flight .rows > li').first().waitFor()
    await page.keyboard.press('p')
    const pill = page.locator('#connection')
    await pill.filter({ hasText: 'Paused at' }).waitFor()
    dashboard
      .collector()
      .put({ ...IN_FLIGHT[3]!, rev: 9, events: 777 }, makeRun({ id: 'run_later', now: systemClock.now(), age: 5 }))
    await pill.filter({ hasText: '2 waiting' }).waitFor()
    expect(await page.locator('[data-row="run_3"] .cell-events').textContent()).not.toBe('777')
    await page.keyboard.press('p')
    await page.locator('[data-row="run_later"]').waitFor()
    expect(await page.locator('[data-row="run_3"] .cell-events').textContent()).toBe('777')
  })
})
