/** From a list to a run and on to the next one, in a real browser before a running collector. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { seconds } from '../../contract/units.ts'
import { beginRun, endRun, type AgentRun } from '../kit/agent-telemetry.ts'
import { noBrowser } from '../kit/browser.ts'
import { useLiveDashboard } from './kit/live-dashboard.ts'
import { findViolations } from './kit/find-violations.ts'

const SHOP = { service: 'shop', version: '1.4.2', environment: 'staging' }

describe.skipIf(noBrowser !== null)('a run beside its list', () => {
  const dashboard = useLiveDashboard()

  /** Three runs, the third the newest, all of them open. @returns their ids */
  async function openRuns(): Promise<readonly [string, string, string]> {
    const { otlpHttp } = await dashboard.start()
    const now = systemClock.now()
    const runs = [1, 2, 3].map((index): AgentRun => {
      const traceId = `${String(index).repeat(16)}${'f'.repeat(15)}${index}`
      return { traceId, agent: 'support', tool: `tool_${index}`, userId: 'u', startedAt: now + seconds(index - 9) }
    })
    for (const run of runs) await beginRun(otlpHttp, SHOP, run)
    return runs.map(({ traceId }) => traceId) as [string, string, string]
  }
  const row = (id: string) => `.rows [data-row="${id}"]`

  test('a click looks at it, Back closes it, the keys go on through the list, and Enter opens', async () => {
    const [first, second, third] = await openRuns()
    const page = await dashboard.open('/runs')
    await page.locator(row(second)).click()
    await page.waitForURL(`**/runs?sel=${second}`)
    const peek = page.locator('.peek')
    await peek.locator('h2', { hasText: 'tool_2' }).waitFor()
    expect(await page.locator(row(second)).getAttribute('aria-current')).toBe('true')
    await page.goBack()
    await peek.waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('')

    await page.locator(row(third)).focus()
    await page.keyboard.press('o')
    await peek.locator('h2', { hasText: 'tool_3' }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await peek.locator('h2', { hasText: 'tool_1' }).waitFor()
    expect(new URL(page.url()).searchParams.get('sel')).toBe(first)
    expect((await page.locator('.rows [data-row]').count()) > 2).toBe(true)
    await page.keyboard.press('Escape')
    await peek.waitFor({ state: 'detached' })
    await page.locator(row(first)).focus()
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'tool_1' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/runs/${first}`)
  })

  test('what it quotes opens the run there; the run leads to the one before and after in the list, and back to it', async () => {
    const [first, second, third] = await openRuns()
    const page = await dashboard.open(`/runs?agent=support&sel=${third}`)
    await page.locator('.peek .evidence .link').first().click()
    await page.waitForURL(`**/runs/${third}?span=*`)
    // Nobody came here over a row.
    expect(await page.locator('.run-steps').count()).toBe(0)

    await page.goto(`${dashboard.collector().dashboard}/runs?agent=support`)
    await page.locator(row(second)).focus()
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'tool_2' }).waitFor()
    const steps = page.getByRole('navigation', { name: 'Runs of the list you came from' })
    expect(await steps.textContent()).toBe('2 of 3')
    await page.keyboard.press(']')
    await page.locator('h1', { hasText: 'tool_1' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/runs/${first}`)
    await page.reload()
    await steps.getByRole('link', { name: 'Previous run' }).click()
    await page.keyboard.press('[')
    await page.locator('h1', { hasText: 'tool_3' }).waitFor()
    await steps.getByRole('link', { name: '1 of 3' }).click()
    await page.waitForURL('**/runs?agent=support')
  })

  test('beside a list that is alive it goes with the run', async () => {
    const [, , third] = await openRuns()
    const page = await dashboard.open('/live')
    await page.locator(row(third)).click()
    const said = page.locator('.peek h2', { hasText: 'Running in' })
    await said.waitFor()
    const startedAt = systemClock.now() - seconds(6)
    const run = { traceId: third, agent: 'support', tool: 'tool_3', userId: 'u', startedAt }
    await endRun(dashboard.collector().otlpHttp, SHOP, run, systemClock.now())
    await page.locator('.peek h2', { hasText: 'Completed in' }).waitFor()
  })

  // oxfmt-ignore
  test.each([
    ['light', 1440],
    ['dark',  1000],
    ['dark',  390],
    ['light', 320],
  ] as const)('is accessible and as narrow as the screen, %s, %d px', async (colorScheme, width) => {
    const [first] = await openRuns()
    const page = await dashboard.open('/live', { colorScheme, viewport: { width, height: 800 } })
    await page.locator(row(first)).click()
    const peek = page.locator('.peek')
    await peek.locator('.evidence').waitFor()
    expect(await peek.evaluate((element) => [element.tagName, element.scrollWidth <= element.clientWidth])).toEqual([
      width < 720 ? 'DIALOG' : 'ASIDE',
      true,
    ])
    expect(await findViolations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await peek.waitFor({ state: 'detached' })
  })
})
