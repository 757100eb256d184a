/** An axis that leaves idle time out: what is idle, that times and places still belong together, and the way back. */
import { describe, expect, test } from 'vitest'
import { minutes, seconds, toIso, fromIso } from '../../contract/units.ts'
import { idleStretches } from '../../web/model/idle.ts'
import { lengthOf, panWindow, partsOf, toMillis, toPixels, zoomWindow } from '../../web/model/layout.ts'
import { buildTimeline } from '../../web/model/timeline.ts'
import { noBrowser } from '../kit/browser.ts'
import { STALLED, useDashboard } from './kit/dashboard.ts'
import { findViolations } from './kit/find-violations.ts'

const START = fromIso(STALLED.startedAt) - minutes(10)
const span = (spanId: string, from: number, to: number | null) => {
  const [template] = STALLED.spans
  if (template === undefined) throw new Error('expected a span')
  const endedAt = to === null ? null : toIso(START + seconds(to))
  const [startedAt, lastHeardAt] = [toIso(START + seconds(from)), toIso(START + seconds(to ?? from))]
  return {
    ...template,
    spanId,
    parentSpanId: null,
    startedAt,
    endedAt,
    lastHeardAt,
    openState: endedAt === null ? ('open' as const) : null,
  }
}
/** Works for two seconds, then ten minutes of nothing, then three seconds of work, and a step that stands open. */
const RUN = {
  ...STALLED,
  id: 'run_idle',
  startedAt: toIso(START),
  deliveries: [],
  spans: [span('a1', 0, 2), span('b1', 602, 604), span('c1', 605, null)],
}
const WINDOW = { from: 0, to: seconds(610) }

test('what is idle lies between two things that happened; the silence at the end is none', () => {
  const timeline = buildTimeline(RUN)
  const [idle, ...others] = idleStretches(timeline, [])
  expect(others).toEqual([])
  expect(idle).toMatchObject({ from: seconds(2), to: seconds(602) })
  // Five seconds of work stay, and a little of the ten minutes.
  expect(lengthOf({ ...WINDOW, folds: idle ? [idle] : [] })).toBeLessThan(seconds(12))
  // A message in the middle is something that happened.
  const split = idleStretches(timeline, [minutes(5)]).map(({ from, to }) => [from, to])
  expect(split).toEqual([
    [seconds(2), minutes(5)],
    [minutes(5), seconds(602)],
  ])
  expect(idleStretches(buildTimeline({ ...RUN, spans: [span('a1', 0, 2), span('c1', 2, null)] }), [])).toEqual([])
})

test('moments and places belong together, folded or not; zooming holds the moment under the hand', () => {
  const folds = [{ from: seconds(2), to: seconds(602), cut: 0.99 }]
  const folded = { ...WINDOW, folds }
  for (const at of [0, 1, 2, 3, 300, 601, 602, 603, 610].map(seconds)) {
    expect(toMillis(toPixels(at, WINDOW, 1_000), WINDOW, 1_000)).toBeCloseTo(at, 3)
    expect(toMillis(toPixels(at, folded, 1_000), folded, 1_000)).toBeCloseTo(at, 3)
    const zoomed = { ...zoomWindow(folded, 3, at), folds }
    expect(toPixels(at, zoomed, 1_000)).toBeCloseTo(toPixels(at, folded, 1_000), 3)
    expect(lengthOf(zoomed)).toBeCloseTo(lengthOf(folded) / 3, 3)
  }
  const panned = { ...panWindow(folded, seconds(4)), folds }
  expect(lengthOf(panned)).toBeCloseTo(lengthOf(folded), 3)
  expect(partsOf(folded)).toEqual([
    { from: 0, to: seconds(2) },
    { from: seconds(602), to: seconds(610) },
  ])
  expect(partsOf({ from: seconds(100), to: seconds(200), folds })).toEqual([])
  expect(partsOf(WINDOW)).toEqual([WINDOW])
})

describe.skipIf(noBrowser !== null)('the timeline of a run that was idle', () => {
  const dashboard = useDashboard()

  test('offers to leave idle time out, keeps it in the address, marks it, and unfolds it on a press', async () => {
    const page = await dashboard.open('/live')
    dashboard.collector().put({ ...RUN, spans: [span('a1', 0, 120), ...RUN.spans.slice(1)] })
    await page.goto(`${dashboard.collector().url}/runs/run_idle`)
    const bar = page.locator('.wf-row:not([hidden]) .wf-bar').first()
    await bar.waitFor()
    await page.getByRole('button', { name: 'Fit' }).click()
    const width = async () => (await bar.boundingBox())?.width ?? Number.NaN
    const before = await width()
    const fold = page.getByRole('button', { name: /^Fold .* idle$/ })
    await fold.click()
    await page.waitForURL('**gap=1**')
    const mark = page.getByRole('button', { name: '⋯ 8 m 02 s' })
    await mark.waitFor()
    expect(await fold.getAttribute('aria-pressed')).toBe('true')
    const folded = await width()
    expect(folded).toBeGreaterThan(before * 1.5)
    expect(await findViolations(page)).toEqual([])
    await page.reload()
    await mark.waitFor()
    await mark.click()
    await mark.waitFor({ state: 'detached' })
    expect(await width()).toBeLessThan(folded)
  })
})
