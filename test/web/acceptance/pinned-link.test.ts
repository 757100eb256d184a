/**
 * Acceptance of links (ux/SPEC §4.15, number 6): what `y` copied shows the same window and selection to somebody who opens
 * it in a clean profile when the run has long gone on, and says how it is now.
 */
import { describe, expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { systemClock } from '../../../contract/clock.ts'
import { seconds } from '../../../contract/units.ts'
import { noBrowser } from '../../kit/browser.ts'
import { sendSpans, type SpanWish } from '../../kit/span-telemetry.ts'
import { waitForRun } from '../../kit/laststep-api.ts'
import { findViolations } from '../kit/find-violations.ts'
import { useLiveDashboard } from '../kit/live-dashboard.ts'

const SHOP = { service: 'shop', version: '1.4.2', environment: 'staging' }
const TRACE = 'c0ffee00c0ffee00c0ffee00c0ffee06'

describe.skipIf(noBrowser !== null)('a pinned link', () => {
  const dashboard = useLiveDashboard()

  test('6. it shows the run, the window and the selection as they were, and leads to how it is now', async () => {
    const { otlpHttp, dashboard: address } = await dashboard.start()
    const startedAt = systemClock.now() - seconds(30)
    const span = (
      spanId: string,
      name: string,
      second: number,
      attributes: NonNullable<SpanWish['attributes']>,
    ): SpanWish => ({
      traceId: TRACE,
      spanId,
      name,
      startedAt: startedAt + seconds(second),
      endedAt: null,
      attributes,
      ...(spanId === '00000000000000a1' ? {} : { parentSpanId: '00000000000000a1' }),
    })
    const tool = { [ATTR.operation]: 'execute_tool' }
    const root = span('00000000000000a1', 'invoke_agent shop', 0, {
      [ATTR.operation]: 'invoke_agent',
      [ATTR.agent]: 'shop',
      [ATTR.runId]: 'run_pinned',
    })
    const first = span('00000000000000b1', 'execute_tool look_up', 2, { ...tool, [ATTR.toolName]: 'look_up' })
    const stuck = span('00000000000000b2', 'execute_tool search_orders', 9, {
      ...tool,
      [ATTR.toolName]: 'search_orders',
    })
    await sendSpans(otlpHttp, SHOP, [root, { ...first, endedAt: startedAt + seconds(6) }, stuck])
    const page = await dashboard.open('/runs/run_pinned', { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.locator('.wf-row:not([hidden])', { hasText: 'look_up' }).click()
    await page.keyboard.press('f')
    await page.waitForURL('**t0=**')
    await page.keyboard.press('y')
    await page.getByRole('status').getByText('Link copied').waitFor()
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()))
    expect([...link.searchParams.keys()].toSorted()).toEqual(['asof', 'follow', 'span', 't0', 't1'])
    expect(link.searchParams.get('span')).toBe(first.spanId)
    const ticks = () => page.locator('.wf-ticks > span').allTextContents()
    const seen = await ticks()

    // It goes on: the step that stood open ends, another comes, and the run is over.
    const endedAt = systemClock.now()
    const later = {
      ...span('00000000000000b3', 'execute_tool refund', 31, { ...tool, [ATTR.toolName]: 'refund' }),
      endedAt,
    }
    await sendSpans(otlpHttp, SHOP, [{ ...stuck, endedAt }, later, { ...root, endedAt: endedAt + 1 }])
    await waitForRun(address, 'run_pinned', (run) => run.status === 'completed')

    const other = await dashboard.open(link.pathname + link.search)
    const rows = other.locator('.wf-row:not([hidden])')
    await rows.nth(2).waitFor()
    expect(await other.locator('.wf-row[aria-selected="true"]').textContent()).toContain('look_up')
    expect(await other.locator('.wf-ticks > span').allTextContents()).toEqual(seen)
    expect(await rows.count()).toBe(3)
    expect(await other.locator('h1').textContent()).not.toContain('Completed')
    const line = other.locator('.as-of')
    expect(await line.textContent()).toMatch(/^As of .* · now: completed Show now$/)
    expect(await findViolations(other)).toEqual([])
    // Time stands still in it.
    const open = rows.filter({ hasText: 'search_orders' }).locator('.wf-label')
    expect(await open.textContent()).toContain('open')

    await line.getByRole('link', { name: 'Show now' }).click()
    await other.locator('h1', { hasText: 'Completed' }).waitFor()
    await rows.filter({ hasText: 'refund' }).waitFor()
    expect(await line.count()).toBe(0)
    expect(new URL(other.url()).searchParams.get('span')).toBe(first.spanId)
  })
})
