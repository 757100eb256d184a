/**
 * Acceptance of the run page (ux/SPEC §4.15, number 5): a running collector is told that a span began, and nothing else, and
 * its bar is there; later that it ended.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { systemClock } from '../../../contract/clock.ts'
import { seconds } from '../../../contract/units.ts'
import { noBrowser } from '../../kit/browser.ts'
import { sendSpans, type SpanWish } from '../../kit/span-telemetry.ts'
import { useLiveDashboard } from '../kit/live-dashboard.ts'

const SHOP = { service: 'shop', version: '1.4.2', environment: 'staging' }
const TRACE = 'c0ffee00c0ffee00c0ffee00c0ffee05'

describe.skipIf(noBrowser !== null)('a run page', () => {
  const dashboard = useLiveDashboard()

  test('5. a bar is there when only its start was told, grows, shows where its limit is, and settles at its end without a reload', async () => {
    const { otlpHttp } = await dashboard.start(join(import.meta.dirname, 'hasty.yaml'))
    const begunAt = systemClock.now()
    const root: SpanWish = {
      traceId: TRACE,
      spanId: '00000000000000a1',
      name: 'invoke_agent hasty',
      startedAt: begunAt,
      endedAt: null,
      attributes: { [ATTR.operation]: 'invoke_agent', [ATTR.agent]: 'hasty', [ATTR.runId]: 'run_bar' },
    }
    await sendSpans(otlpHttp, SHOP, [root])
    const page = await dashboard.open('/runs/run_bar')
    await page.locator('.wf-row:not([hidden])').waitFor()
    let loads = 0
    page.on('load', () => (loads += 1))

    const tool: SpanWish = {
      traceId: TRACE,
      spanId: '00000000000000b2',
      parentSpanId: root.spanId,
      name: 'execute_tool search_orders',
      startedAt: systemClock.now(),
      endedAt: null,
      attributes: { [ATTR.operation]: 'execute_tool', [ATTR.toolName]: 'search_orders' },
    }
    await sendSpans(otlpHttp, SHOP, [tool])
    const sentAt = systemClock.now()
    const row = page.locator('.wf-row:not([hidden])', { hasText: 'execute_tool search_orders' })
    await row.locator('.wf-hatch').waitFor()
    console.log(`a span's start → its bar: ${Math.round(systemClock.now() - sentAt)} ms`)

    const [bar, label] = [row.locator('.wf-hatch'), row.locator('.wf-label')]
    const edge = () => bar.evaluate((element) => element.style.clipPath)
    const [short, words] = [await edge(), await label.textContent()]
    expect(words).toContain('— open')
    await expect.poll(edge).not.toBe(short)
    await expect.poll(() => label.textContent()).not.toBe(words)
    // The limit lies where the deadline is: five seconds after the bar's beginning, whatever the axis shows.
    const limit = row.locator('.wf-limit')
    await limit.waitFor({ timeout: seconds(60) })
    await page.locator('h1', { hasText: 'Stalled in tool › search_orders' }).waitFor({ timeout: seconds(60) })
    await row.and(page.locator('.is-stalled')).waitFor()
    const atLimit = await row.evaluate((element) => {
      const left = (name: string) => element.querySelector(name)?.getBoundingClientRect().left ?? Number.NaN
      return left('.wf-limit') - left('.wf-bar')
    })
    const fiveSeconds = await page.locator('.wf-ticks > span').evaluateAll((ticks) => {
      const [first, last] = [ticks[0], ticks.at(-1)]
      const at = (tick?: Element) => tick?.getBoundingClientRect().left ?? Number.NaN
      const says = (tick?: Element) => Number.parseFloat(tick?.textContent ?? '')
      return (5 * (at(last) - at(first))) / (says(last) - says(first))
    })
    expect(Math.abs(atLimit - fiveSeconds)).toBeLessThan(fiveSeconds / 5)

    const endedAt = systemClock.now()
    await sendSpans(otlpHttp, SHOP, [
      { ...tool, endedAt },
      { ...root, endedAt: endedAt + 1 },
    ])
    await page.locator('h1', { hasText: 'Completed' }).waitFor({ timeout: seconds(60) })
    await bar.waitFor({ state: 'hidden' })
    expect(await label.textContent()).not.toContain('open')
    expect(await row.getAttribute('class')).not.toMatch(/is-open|is-stalled/)
    expect(loads).toBe(0)
  })
})
