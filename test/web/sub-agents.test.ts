/** The agents inside a run, in a real browser: each is a part of the timeline that has an address. */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { RunDetail, SpanView } from '../../contract/runs.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { useDashboard } from './kit/dashboard.ts'
import { makeRun } from './kit/make-run.ts'

const now = systemClock.now()
const plain = makeRun({ id: 'run_team', status: 'stalled', agent: 'lead', now, age: minutes(5), quiet: minutes(4) })
const [root] = plain.spans as [SpanView, ...SpanView[]]

/** The lead has the researcher look something up, then the writer, who asks the researcher once more and hangs. */
const RESEARCHER = agentSpan('e1', root.spanId, 'researcher', 200, 40)
const WRITER = agentSpan('e2', root.spanId, 'writer', 150, null)
const HELPER = agentSpan('e3', WRITER.spanId, 'researcher', 100, null)
const RUN: RunDetail = {
  ...plain,
  spans: [
    ...plain.spans,
    RESEARCHER,
    step('f1', RESEARCHER.spanId, 'execute_tool read_paper', 190, 5),
    WRITER,
    step('f2', WRITER.spanId, 'chat gpt-5-writer', 140, 20),
    HELPER,
    step('f3', HELPER.spanId, 'execute_tool read_book', 90, null),
  ],
  subAgents: [
    { ...told(RESEARCHER), agent: 'researcher', status: 'failed', steps: 1 },
    { ...told(WRITER), agent: 'writer', status: 'open', steps: 2 },
    { ...told(HELPER), agent: 'researcher', status: 'open', steps: 1 },
  ],
  patterns: [{ text: 'attempt 3 of chat gpt-5-writer; the 2 before failed', ref: 'span:f2' }],
}

function agentSpan(id: string, parent: string, agent: string, ago: number, length: number | null): SpanView {
  return { ...step(id, parent, `invoke_agent ${agent}`, ago, length), phase: null }
}

function step(spanId: string, parentSpanId: string, name: string, ago: number, length: number | null): SpanView {
  const startedAt = now - seconds(ago)
  return {
    ...root,
    spanId,
    parentSpanId,
    name,
    phase: 'tool',
    startedAt: toIso(startedAt),
    endedAt: length === null ? null : toIso(startedAt + seconds(length)),
    openState: length === null ? 'open' : null,
    attributes: {},
  }
}

function told({ spanId, startedAt, endedAt }: SpanView) {
  return { spanId, startedAt, endedAt }
}

describe.skipIf(noBrowser !== null)('the agents inside a run', () => {
  const dashboard = useDashboard()

  const open = async (address: string) => {
    const page = await dashboard.open('/runs')
    dashboard.collector().put(RUN)
    await page.goto(dashboard.collector().url + address)
    await page.locator('.wf-row').first().waitFor()
    const names = async () =>
      (await page.locator('.wf-row:not([hidden])').evaluateAll((rows) => rows.map((row) => row.ariaLabel ?? ''))).map(
        (label) => label.split(', ')[0],
      )
    return { page, names }
  }

  test('are listed with how they are, and one narrows the timeline to its part, in the address', async () => {
    const { page, names } = await open('/runs/run_team')
    const list = page.getByRole('navigation', { name: 'Sub-agents' })
    const rows = list.getByRole('listitem')
    expect(await rows.nth(0).textContent()).toMatch(/researcher1 stepfailed in 40/)
    expect(await rows.nth(1).textContent()).toMatch(/writer2 stepsopen 2 m/)
    expect(await names()).toContain('invoke_agent lead')

    await list.getByRole('link', { name: 'writer' }).click()
    await page.waitForURL(/agent=e2$/)
    await page.waitForFunction(() => document.querySelectorAll('.wf-row:not([hidden])').length === 4)
    expect(await names()).toEqual([
      'invoke_agent writer',
      'chat gpt-5-writer',
      'invoke_agent researcher',
      'execute_tool read_book',
    ])
    expect(await list.locator('[aria-current]').textContent()).toContain('writer')
    // What is selected inside stays inside; a reload shows the same.
    await page.locator('.wf-row', { hasText: 'read_book' }).click()
    await page.waitForURL(/agent=e2&span=f3$/)
    await page.reload()
    await page.locator('.wf-row').first().waitFor()
    expect(await names()).toHaveLength(4)

    await page.keyboard.press('Escape')
    await page.waitForURL(/agent=e2$/)
    await page.getByRole('link', { name: 'Show the whole run' }).click()
    await page.waitForURL(/run_team$/)
    await page.locator('.wf-row', { hasText: 'invoke_agent lead' }).waitFor()
  })

  test('evidence outside of the part that is shown brings the whole run back', async () => {
    const { page, names } = await open('/runs/run_team?agent=e1')
    expect(await names()).toEqual(['invoke_agent researcher', 'execute_tool read_paper'])
    await page.locator('.evidence .link', { hasText: 'attempt 3 of chat gpt-5-writer' }).click()
    await page.waitForURL(/run_team\?span=f2$/)
    expect(await page.locator('.details h2').textContent()).toBe('chat gpt-5-writer')
  })

  test('an address with an agent that is not there shows the whole run', async () => {
    const { names } = await open('/runs/run_team?agent=nobody')
    expect(await names()).toContain('invoke_agent lead')
  })
})
