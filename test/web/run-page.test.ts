/** The run page and the list of runs in a real browser. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { PastStall } from '../../contract/runs.ts'
import { fromIso, seconds, toIso } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { LOST, STALLED, UNDELIVERED, useDashboard } from './kit/dashboard.ts'
import { pressChord } from './kit/press-chord.ts'
import { findViolations } from './kit/find-violations.ts'

describe.skipIf(noBrowser !== null)('the run page', () => {
  const dashboard = useDashboard()

  test('an open bar grows, and settles without a reload when its end arrives', async () => {
    const page = await dashboard.open(`/runs/${STALLED.id}`)
    await page.locator('h1', { hasText: /^Stalled in/ }).waitFor()
    expect(await page.locator('h1').textContent()).toMatch(/^Stalled in tool › search_orders for 4 m \d\d s$/)
    const tool = page.locator('.wf-row', { hasText: 'execute_tool' })
    await tool.locator('.wf-hatch').waitFor()
    const right = () => tool.locator('.wf-hatch').evaluate((bar) => bar.style.clipPath)
    const label = tool.locator('.wf-label')
    const [edge, words] = [await right(), await label.textContent()]
    expect(words).toContain('— open')
    await page.waitForTimeout(1_200)
    expect(await right()).not.toBe(edge)
    expect(await label.textContent()).not.toBe(words)

    const end = toIso(systemClock.now())
    const spans = STALLED.spans.map((span) => ({ ...span, endedAt: span.endedAt ?? end, openState: null }))
    dashboard.collector().put({
      ...STALLED,
      rev: 2,
      status: 'completed',
      endedAt: end,
      spans,
      verdict: { ...STALLED.verdict, status: 'completed' },
    })
    await page.locator('h1', { hasText: 'Completed in' }).waitFor({ timeout: 15_000 })
    expect(await tool.locator('.wf-hatch').isVisible()).toBe(false)
    expect(await label.textContent()).not.toContain('open')
    expect(dashboard.collector().detailsAsked()).toBe(2)
  })

  test('a gap in our own hearing is a band where it was, in the waterfall and among the deliveries, and is said', async () => {
    const page = await dashboard.open(`/runs/${STALLED.id}`)
    await page.locator('.wf-row').first().waitFor()
    expect(await page.locator('.gap-bands, .gap-legend').count()).toBe(0)
    const start = fromIso(STALLED.startedAt)
    const gap = { from: toIso(start + seconds(60)), to: toIso(start + seconds(102)), reason: 'down' } as const
    dashboard.collector().put({ ...STALLED, rev: 2, gaps: [gap] })
    await page.locator('.lane .gap-bands > span').waitFor()

    const box = (selector: string) =>
      page.locator(selector).evaluate((element) => {
        const { left, right } = element.getBoundingClientRect()
        return [left, right] as const
      })
    // The axis says where a minute is.
    const ticks = page.locator('.wf-ticks > span')
    const left = (at: number) => ticks.nth(at).evaluate((tick) => tick.getBoundingClientRect().left)
    const [zero, second] = [await left(0), await left(1)]
    const minute = (second - zero) / Number((await ticks.nth(1).textContent())?.replace(' m', ''))
    for (const place of ['.wf-plot', '.lane-plot', '.gap-strip']) {
      const band = place === '.gap-strip' ? `${place} > .gap-mark` : `${place} > .gap-bands > span`
      const [from, to] = await box(band)
      expect(Math.abs(from - (zero + minute)), place).toBeLessThan(2)
      expect(Math.abs(to - (zero + minute * 1.7)), place).toBeLessThan(2)
    }
    expect(await page.locator('.gap-strip').textContent()).toBe('Laststep did not hear for 42.0 s (down)')

    // What a screen reader says beside the waterfall and the lane.
    for (const name of ['.wf', '.lane-canvas']) {
      const id = await page.locator(name).getAttribute('aria-describedby')
      expect(await page.locator(`#${id}`).textContent()).toContain('Laststep did not hear for 42.0 s (down), ')
    }
    expect(await findViolations(page)).toEqual([])
  })

  test('a run that went well in the end says under its headline what it got over', async () => {
    const page = await dashboard.open(`/runs/${UNDELIVERED.id}`)
    await page.locator('.headline').waitFor()
    expect(await page.locator('.past-stalls').count()).toBe(0)
    const start = fromIso(UNDELIVERED.startedAt)
    const stalls = Array.from({ length: 5 }, (_, index): PastStall => {
      const [since, endedAt] = [toIso(start + seconds(20 * index)), toIso(start + seconds(20 * index + 12))]
      const step = { phase: 'tool', name: `search_${index}`, spanId: null, since, code: null } as const
      const last = index === 4 ? ({ ending: 'completed', lateByMs: 2_000 } as const) : null
      const still = { status: 'stalled', step, cause: 'tool-silent', since, deadline: since, endedAt } as const
      return { ...still, ending: 'recovered', lateByMs: null, ...last }
    })
    const { verdict } = UNDELIVERED
    dashboard.collector().put({
      ...UNDELIVERED,
      rev: 2,
      status: 'completed',
      cause: null,
      verdict: { ...verdict, status: 'completed', cause: null },
      pastStalls: stalls,
    })
    const list = page.getByRole('region', { name: 'Earlier stalls of this run' })
    await list.waitFor()
    const shown = list.locator('> ul > li')
    expect(await shown.count()).toBe(3)
    expect(await shown.first().textContent()).toMatch(
      /^Stalled for 12.0 s in tool › search_4, until \d\d:\d\d:\d\d\.\d{3}, then completed 2.0 s late$/,
    )
    const below = await list.evaluate((element) => element.previousElementSibling?.className)
    expect(below).toContain('headline is-completed')
    expect(await page.getByText('search_0').isVisible()).toBe(false)
    await page.getByText('2 earlier stalls').click()
    await page.getByText('search_0').waitFor()
    expect(await findViolations(page)).toEqual([])
  })

  test('by keyboard alone: from the board to a run, through its spans, and back', async () => {
    const page = await dashboard.open('/live')
    await page.locator('#attention .rows > li').first().waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe('run_stalled')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/runs\/run_stalled$/)

    const grid = page.locator('[role=treegrid]')
    await grid.focus()
    await page.keyboard.press('ArrowUp')
    await page.waitForURL(/span=/)
    const active = await grid.getAttribute('aria-activedescendant')
    expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true')
    expect(await page.locator(`#${active}`).getAttribute('aria-label')).toMatch(/^chat gpt-5, .*level 2$/)
    expect(await page.locator('.details h2').textContent()).toBe('chat gpt-5')
    await page.keyboard.press('Home')
    for (let press = 0; press < 4; press++) await page.keyboard.press('k')
    await page.keyboard.press('ArrowLeft')
    await page.waitForFunction(() => document.querySelectorAll('.wf-row:not([hidden])').length === 1)
    await page.keyboard.press('ArrowRight')

    const tickBefore = await page.locator('.wf-ticks').textContent()
    await page.keyboard.press('+')
    await page.keyboard.press('+')
    await page.waitForFunction((before) => document.querySelector('.wf-ticks')?.textContent !== before, tickBefore)
    await page.keyboard.press('Escape')
    await page.waitForURL(/\/runs\/run_stalled$/)
    await page.keyboard.press('?')
    await page.locator('dialog[open]').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.locator('dialog[open]').count()).toBe(0)
    await pressChord(page, 'g', 'l', /\/live$/)
  })

  test('each evidence line opens its record, and the address keeps it', async () => {
    const page = await dashboard.open(`/runs/${UNDELIVERED.id}`)
    await page.locator('.evidence .link', { hasText: 'never acknowledged' }).click()
    await page.waitForURL(/msg=46/)
    expect(await page.locator('.details h2').textContent()).toBe('46 · agent_completed')
    expect(await page.locator('.details').textContent()).toContain('dropped')
    await page.locator('.evidence .link', { hasText: 'conn_9f2k' }).click()
    expect(await page.locator('.details h2').textContent()).toBe('conn_9f2k')
    await page.reload()
    expect(await page.locator('.details h2').textContent()).toBe('conn_9f2k')
    expect(await page.locator('.lane-lost li').allTextContents()).toEqual([
      '21 progress_update lost: backpressure',
      '46 agent_completed lost: backpressure',
    ])
  })

  test('evidence of every kind opens its record: a pulse its process, a word of the run its line among the logs', async () => {
    const page = await dashboard.open(`/runs/${STALLED.id}`)
    await page.locator('.evidence .link', { hasText: 'the last pulse of' }).click()
    await page.waitForURL(/process=agent-runtime-7f9c/)
    expect(await page.locator('.details h2').textContent()).toBe('agent-runtime-7f9c')
    expect(await page.locator('.details').textContent()).toContain('pulse number')
    await page.locator('.evidence .link', { hasText: 'accepted by a run record' }).click()
    await page.waitForURL(/log=0/)
    expect(await page.locator('.log[aria-current]').textContent()).toContain('run accepted')
    expect(await page.locator('.evidence > li:not(:has(.link))').count()).toBe(0)
    expect(await page.locator('.otherwise').count()).toBe(0)
  })

  test('a second explanation is said, with what would decide', async () => {
    const page = await dashboard.open(`/runs/${LOST.id}`)
    await page.locator('.otherwise dd').first().waitFor()
    expect(await page.locator('.otherwise dd').allTextContents()).toEqual([
      'telemetry-lost: agent-runtime-7f9c works on, and its telemetry does not arrive',
      'any record from agent-runtime-7f9c, or a look at its host',
    ])
  })

  test('copies what it says it copies', async () => {
    const page = await dashboard.open(`/runs/${STALLED.id}`, { permissions: ['clipboard-read', 'clipboard-write'] })
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    await page.getByRole('button', { name: 'Copy code location' }).click()
    await page.getByRole('button', { name: 'code location copied' }).waitFor()
    expect(await clipboard()).toBe('src/tools/search.ts:88')
    await page.getByRole('button', { name: 'Copy as…' }).first().click()
    await page.getByRole('menuitem', { name: 'Markdown' }).click()
    await page.getByText('Markdown copied').waitFor()
    expect(await clipboard()).toContain('## Run run_stalled — stalled in tool › search_orders')
  })

  test('the list of runs is narrowed by its address and goes on in pages', async () => {
    const page = await dashboard.open('/runs?status=completed')
    const told = (count: string) => page.locator('.card > header .count', { hasText: count }).waitFor()
    await told('50 shown')
    await page.getByRole('button', { name: 'Load more runs' }).click()
    await told('70')
    expect(await page.getByRole('button', { name: 'Load more runs' }).count()).toBe(0)
    await page.getByRole('button', { name: 'failed' }).click()
    await page.waitForURL(/status=failed%2Ccompleted$/)
    await page.getByLabel('Agent').fill('nobody')
    await page.keyboard.press('Enter')
    await page.getByText('No runs match 2 filters.').waitFor()
    await page.getByLabel('Run or trace id').fill(STALLED.traceId ?? '')
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'Stalled in' }).waitFor()
  })

  test('an unknown run says what may be wrong and leads on', async () => {
    const page = await dashboard.open('/runs/run_nope')
    await page.getByRole('heading', { name: 'No run “run_nope”' }).waitFor()
    await page.getByRole('link', { name: 'List the runs' }).click()
    await page.waitForURL(/\/runs$/)
  })
})
