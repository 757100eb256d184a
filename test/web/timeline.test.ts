import { describe, expect, test } from 'vitest'
import type { SpanView } from '../../contract/runs.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import {
  firstWindow,
  fitWindow,
  followWindow,
  placeBar,
  toMillis,
  toPixels,
  zoomWindow,
} from '../../web/model/layout.ts'
import { barEnd, barLabel, buildTimeline, speakRow, type Timeline } from '../../web/model/timeline.ts'
import { overviewBars } from '../../web/model/overview.ts'
import { ancestorsOf, extentOf, isProblem, nextProblem, siblingOf, visibleRows } from '../../web/model/walk-rows.ts'
import { makeRun } from './kit/make-run.ts'

const NOW = Date.UTC(2026, 10, 22, 3, 4, 0)
const stalled = makeRun({ id: 'run_stalled', status: 'stalled', now: NOW, age: minutes(5), quiet: minutes(4) })
const timeline = buildTimeline(stalled)

function named(of: Timeline, name: string) {
  const row = of.rows.find((candidate) => candidate.span?.name === name)
  if (!row) throw new Error(`no row ${name}`)
  return row
}

function span(spanId: string, parentSpanId: string | null, at: number, name = spanId): SpanView {
  const [template] = stalled.spans
  if (!template) throw new Error('the fixture has no spans')
  return { ...template, spanId, parentSpanId, name, startedAt: toIso(NOW + at), endedAt: toIso(NOW + at + 10) }
}

describe('rows', () => {
  test('children stand under their parent, in order of start, whatever order they came in', () => {
    const spans = [span('c2', 'root', 30), span('g', 'c1', 20), span('root', null, 0), span('c1', 'root', 10)]
    const { rows } = buildTimeline({ ...stalled, startedAt: toIso(NOW), spans })
    expect(rows.map((row) => `${'-'.repeat(row.depth)}${row.id}`)).toEqual(['root', '-c1', '--g', '-c2'])
    expect(rows.map((row) => row.parent)).toEqual([-1, 0, 1, 0])
  })

  test('a parent that never came is a row of its own; the caller above the run is not', () => {
    const spans = [span('root', 'caller', 0), span('orphan', '7f3a000000000001', 20)]
    const { rows } = buildTimeline({ ...stalled, startedAt: toIso(NOW), spans })
    expect(rows.map((row) => [row.id, row.span === null, row.depth])).toEqual([
      ['root', false, 0],
      ['7f3a000000000001', true, 0],
      ['orphan', false, 1],
    ])
    expect(speakRow(rows[1] ?? rows[0]!, 0)).toBe('parent 7f3a000000000001, not received, level 1')
  })

  test('folding hides everything below', () => {
    const tool = named(timeline, 'execute_tool search_orders')
    expect(visibleRows(timeline, new Set())).toHaveLength(6)
    expect(visibleRows(timeline, new Set([tool.id]))).toHaveLength(5)
    expect(visibleRows(timeline, new Set([timeline.rows[0]!.id]))).toEqual([0])
  })
})

describe('ways through the rows', () => {
  const start = toIso(NOW)
  const failed = { ...span('failed', 'b', 12), status: 'error' as const }
  const spans = [
    span('root', null, 0),
    span('a', 'root', 1),
    span('b', 'root', 10),
    span('c', 'b', 11),
    failed,
    span('d', 'root', 40),
  ]
  const rows = buildTimeline({ ...stalled, startedAt: start, spans })
  const shown = (folded: readonly string[], onlyProblems: boolean) =>
    visibleRows(rows, new Set(folded), onlyProblems).map((index) => rows.rows[index]?.id)

  test('only problems, and what stands above them', () => {
    expect(rows.rows.filter(isProblem).map(({ id }) => id)).toEqual(['failed'])
    expect(shown([], true)).toEqual(['root', 'b', 'failed'])
    expect(shown(['b'], true)).toEqual(['root', 'b'])
    expect(shown([], false)).toHaveLength(6)
  })

  test('the next problem comes after the last one again', () => {
    expect(nextProblem(rows, null)?.id).toBe('failed')
    expect(nextProblem(rows, 'failed')?.id).toBe('failed')
    expect(nextProblem(rows, 'd')?.id).toBe('failed')
    expect(nextProblem(buildTimeline({ ...stalled, spans: [] }), null)).toBeNull()
  })

  // oxfmt-ignore
  test.each([
    // from    by  to
    ['a',      1,  'b'],
    ['b',     -1,  'a'],
    ['d',      1,  null],
    ['c',      1,  'failed'],
    ['nobody', 1,  null],
  ] as const)('beside %s, %d: %s', (from, by, to) => {
    expect(siblingOf(rows, from, by)?.id ?? null).toBe(to)
  })

  test('above a row, and how far all below it reaches', () => {
    expect([...ancestorsOf(rows, 'failed')]).toEqual(['b', 'root'])
    expect(extentOf(rows, 'b', 0, false)).toEqual({ from: 10, to: 20 })
    expect(extentOf(rows, 'b', 0, true)).toEqual({ from: 10, to: 22 })
    expect(extentOf(rows, 'root', 0, true)).toEqual({ from: 0, to: 50 })
    expect(extentOf(rows, 'nobody', 0, true)).toBeNull()
  })

  test('the overview has every span, the failed one in a layer of its own and never too thin to see', () => {
    const many = Array.from({ length: 500 }, (_, index) => span(`q${index}`, 'd', 41 + index))
    const long = buildTimeline({ ...stalled, startedAt: start, spans: [...spans, ...many] })
    const layers = overviewBars(long, { from: 0, to: 600 }, { width: 600, height: 44 }, 600)
    expect(layers.plain).toHaveLength(505)
    expect(layers.failed).toEqual([{ x: 12, y: 0, width: 10, height: 3 }])
    const bottoms = Object.values(layers).flatMap((bars) => bars.map(({ y, height }) => y + height))
    expect(Math.max(...bottoms)).toBeLessThanOrEqual(44)
    // An open bar is known to the last word heard and unknown from there to now.
    const open = overviewBars(timeline, { from: 0, to: 300_000 }, { width: 300, height: 44 }, minutes(5))
    expect(open.judged).toHaveLength(1)
    expect(open.unknown.map(({ x, width }) => Math.round(x + width))).toContain(300)
  })
})

describe('an open bar', () => {
  const tool = named(timeline, 'execute_tool search_orders')

  test('is solid to the last word heard, ends at now, and says so', () => {
    expect([tool.end, tool.heard, tool.halted]).toEqual([null, minutes(1), null])
    expect(barEnd(tool, minutes(5))).toBe(minutes(5))
    expect(barLabel(tool, minutes(5))).toMatch(/ — open$/)
    expect(speakRow(tool, minutes(5))).toBe('execute_tool search_orders, open, 4 minutes 32 seconds, stalled, level 2')
  })

  test('carries the limit where the deadline is', () => {
    expect(tool.limit).toBe(minutes(1) + seconds(20))
    expect(named(timeline, 'chat gpt-5').limit).toBeNull()
  })

  test('stops growing when its process is lost, at the moment we called it lost', () => {
    const lost = buildTimeline(
      makeRun({ id: 'run_lost', status: 'lost', now: NOW, age: minutes(5), quiet: minutes(4) }),
    )
    const row = named(lost, 'execute_tool search_orders')
    expect(lost.isGrowing).toBe(false)
    expect(barEnd(row, minutes(60))).toBe(minutes(1) + seconds(20))
    expect(barLabel(row, minutes(60))).toMatch(/ — open \?$/)
  })

  test('of a span whose end was not reported stops at the last word', () => {
    const spans = stalled.spans.map((each) => ({ ...each, openState: each.openState && ('unreported' as const) }))
    const row = named(buildTimeline({ ...stalled, spans }), 'execute_tool search_orders')
    expect(barEnd(row, minutes(60))).toBe(minutes(1))
    expect(barLabel(row, minutes(60))).toMatch(/ — end not reported$/)
  })
})

describe('the window', () => {
  test('of a finished run shows all of it', () => {
    const done = buildTimeline(
      makeRun({ id: 'd', status: 'completed', now: NOW, age: minutes(2), endedAgo: minutes(1) }),
    )
    const window = firstWindow(done, minutes(2))
    expect(window.from).toBeLessThan(0)
    expect(window.to).toBeGreaterThan(minutes(1))
    expect(window.to).toBeLessThan(minutes(1.25))
  })

  test('of a long open run shows the present step and what led to it', () => {
    const long = makeRun({ id: 'l', status: 'running', now: NOW, age: minutes(60), quiet: seconds(1) })
    const step = long.spans.find((each) => each.spanId === long.verdict.step?.spanId)!
    const late = { ...step, startedAt: toIso(NOW - seconds(30)) }
    const open = buildTimeline({ ...long, spans: long.spans.map((each) => (each === step ? late : each)) })
    const window = firstWindow(open, minutes(60))
    expect(window.from).toBe(minutes(59.5) - seconds(3))
    expect(window.to).toBeGreaterThan(minutes(60))
  })

  test('follows now in jumps, keeping the start in sight when it was', () => {
    const window = fitWindow(timeline, minutes(5))
    expect(followWindow(window, minutes(5) + 100)).toBe(window)
    const jumped = followWindow(window, minutes(6))
    expect(jumped.from).toBe(window.from)
    expect(toPixels(minutes(6), jumped, 100)).toBeCloseTo(75)
    const inside = followWindow({ from: minutes(4), to: minutes(5) }, minutes(6))
    expect(inside.to - inside.from).toBeCloseTo(minutes(1))
    expect(toPixels(minutes(6), inside, 100)).toBeCloseTo(75)
  })

  test('zooms around the moment under the pointer', () => {
    const window = { from: 0, to: 1_000 }
    const at = toMillis(250, window, 1_000)
    const closer = zoomWindow(window, 2, at)
    expect(closer).toEqual({ from: 125, to: 625 })
    expect(toPixels(at, closer, 1_000)).toBeCloseTo(250)
  })
})

describe('a bar on screen', () => {
  const row = named(timeline, 'execute_tool search_orders')
  const short = named(timeline, 'accept')

  test('is hatched from the last word heard', () => {
    const box = placeBar(row, { from: 0, to: minutes(10) }, 1_000, minutes(5), '4 m')
    expect(box.x + box.solidWidth).toBeCloseTo(100)
    expect(box.x + box.width).toBeCloseTo(500)
    expect(box.limitX).toBeCloseTo((80 / 600) * 1_000)
  })

  test('is never too thin to see, and its label flips where the room ends', () => {
    const far = { from: 0, to: minutes(60) }
    const near = { from: 0, to: minutes(5) }
    const label = '4 m 32 s — open'
    expect(placeBar(short, far, 1_000, minutes(5), label)).toMatchObject({ width: 3, label: 'after' })
    expect(placeBar(row, near, 2_000, minutes(5), label).label).toBe('before')
    const inside = placeBar(row, near, 300, minutes(5), label)
    expect(inside.label).toBe('inside')
    expect(inside.labelX).toBeLessThan(300)
  })
})
