/**
 * Acceptance of the live board (ux/SPEC §4.15, numbers 1 and 2): a running collector is told of 200 events a second, and
 * what a person points at, has selected or has opened stays theirs.
 */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { sleepAwake } from '../../kit/laststep-api.ts'
import { noBrowser } from '../../kit/browser.ts'
import { speakAs, type SpokenProcess } from '../../kit/spoken-process.ts'
import { useLiveDashboard } from '../kit/live-dashboard.ts'

/** Twenty events each, ten times a second. */
const TURN_MS = 100
const EVENTS_A_TURN = 20

describe.skipIf(noBrowser !== null)('while 200 events a second arrive', () => {
  const dashboard = useLiveDashboard()

  async function begin(runs: number): Promise<SpokenProcess> {
    const { otlpHttp } = await dashboard.start()
    const agent = speakAs(() => otlpHttp, { instance: 'shop-1', pulseMs: 5_000 })
    await agent.open(range(0, runs))
    return agent
  }

  /** @param opened how many runs begin in a turn */
  async function traffic(agent: SpokenProcess, runs: number, seconds: number, opened: number): Promise<number> {
    let next = runs
    for (let turn = 1; turn <= (seconds * 1_000) / TURN_MS; turn++) {
      const fresh = range(next, opened)
      next += opened
      const known = Array.from({ length: EVENTS_A_TURN - opened }, (_, index) => (turn + index) % runs)
      await Promise.all([
        agent.progress(known, turn),
        opened > 0 && agent.open(fresh),
        turn % 50 === 0 && agent.pulse(),
        sleepAwake(TURN_MS),
      ])
    }
    return next - runs
  }

  test('1. a row under the pointer stays where it is for ten seconds, its values change, and the rest waits and is counted', async () => {
    const agent = await begin(20)
    const page = await dashboard.open('/live')
    await page.locator('#in-flight .rows > li').nth(19).waitFor()
    const seventh = page.locator('#in-flight .rows > li').nth(6).locator('a')
    await seventh.hover()
    const [id, box] = [await seventh.getAttribute('data-row'), await seventh.boundingBox()]
    await seventh.evaluate((row) => Object.assign(row, { isTheSame: true }))
    const row = page.locator(`#in-flight [data-row="${id}"]`)
    const changes = await row.evaluateHandle((element) => {
      const seen = new Set<string>()
      const note = () => seen.add(element.textContent ?? '')
      new MutationObserver(note).observe(element, { subtree: true, childList: true, characterData: true })
      return seen
    })

    const opened = await traffic(agent, 20, 10, 1)
    expect(opened).toBe(100)
    await agent.close(range(10, 10))

    // A run that ended keeps its place for ten seconds even in a list that nobody holds.
    await page.locator('#in-flight header .button', { hasText: '99+ new · 10 finished' }).waitFor({ timeout: 60_000 })
    expect(await row.boundingBox()).toEqual(box)
    expect(await row.evaluate((element) => 'isTheSame' in element)).toBe(true)
    expect(await page.locator('#in-flight .rows > li').nth(6).locator('a').getAttribute('data-row')).toBe(id)
    expect(await changes.evaluate((seen) => seen.size)).toBeGreaterThan(3)
    // Values change at once in rows that may not go.
    const ended = page.locator(`#in-flight [data-row="${agent.runId(15)}"] .status`)
    expect(await ended.textContent()).toBe('completed')

    await page.keyboard.press('n')
    await page.locator(`#in-flight [data-row="${agent.runId(119)}"]`).waitFor()
    expect(await page.locator('#in-flight .rows > li').count()).toBe(110)
    await page.locator('#in-flight header .button').waitFor({ state: 'detached' })
  })

  test('2. selected text, an open menu and an open sheet are still there after thirty seconds', async () => {
    const agent = await begin(20)
    const board = await dashboard.open('/live')
    const menu = await dashboard.open(`/runs/${agent.runId(3)}`)
    const sheet = await dashboard.open('/live')
    const cell = board.locator(`#in-flight [data-row="${agent.runId(3)}"] .cell-run`)
    await cell.waitFor()
    await cell.evaluate((element) => getSelection()?.selectAllChildren(element))
    await menu.getByRole('button', { name: 'Copy as…' }).first().click()
    await menu.getByRole('menuitem', { name: /^Markdown/ }).focus()
    await sheet.locator('#connection').click()
    await sheet.locator('dialog[open]').waitFor()

    const opened = await traffic(agent, 20, 30, 1)

    await board.locator('#in-flight header .button', { hasText: '99+ new' }).waitFor()
    const selection = await board.evaluate(() => [String(getSelection()), getSelection()?.anchorNode?.isConnected])
    expect(selection).toEqual([(await cell.textContent())?.trim(), true])
    expect(await menu.getByRole('menu').evaluate((element) => element.matches(':popover-open'))).toBe(true)
    expect(await focused(menu)).toBe('Markdownc m')
    expect(await sheet.locator('dialog[open]').count()).toBe(1)
    // All three went on hearing: with the focus gone, the sheet's page shows what came meanwhile.
    await sheet.keyboard.press('Escape')
    await sheet.locator(`#in-flight [data-row="${agent.runId(20 + opened - 1)}"]`).waitFor({ timeout: 60_000 })
    const progress = menu.locator('.details', { hasText: 'laststep.progress' })
    await expect.poll(async () => (await progress.textContent()) ?? '').toMatch(/laststep\.progress\D*(2[5-9]\d|300)/)
  })
})

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_, index) => from + index)
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.textContent?.trim())
}
