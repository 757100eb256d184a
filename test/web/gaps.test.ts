/** Where the gaps in our own hearing stand on the time axis, and what is said of them. */
import { describe, expect, test } from 'vitest'
import type { GapReason, GapView } from '../../contract/runs.ts'
import { minutes, seconds, toIso, type Millis } from '../../contract/units.ts'
import { formatTime } from '../../web/model/format.ts'
import { gapBands, gapLegend } from '../../web/model/gaps.ts'
import { runAsMarkdown } from '../../web/model/markdown.ts'
import { narrowRun } from '../../web/model/narrow-run.ts'
import { makeRun } from './kit/make-run.ts'

const ORIGIN = Date.UTC(2026, 10, 22, 3, 0, 0)
const NOW = ORIGIN + minutes(5)

function gap(from: Millis, to: Millis, reason: GapReason = 'down'): GapView {
  return { from: toIso(ORIGIN + from), to: toIso(ORIGIN + to), reason }
}

// oxfmt-ignore
describe('on an axis of 100 s and 1 000 px', () => {
  const window = { from: 0, to: seconds(100) }
  const bands = (...gaps: GapView[]) => gapBands(gaps, ORIGIN, window, 1_000)

  test.each([
    // what                                         gaps                                                       left edge and width of each
    ['none',                                        [],                                                        []],
    ['one is as long as it was',                    [gap(seconds(10), seconds(52))],                           [[100, 420]]],
    ['a short one can be seen',                     [gap(seconds(10), seconds(10) + 5)],                       [[100, 3]]],
    ['one begins before what is shown',             [gap(-seconds(30), seconds(5))],                           [[0, 50]]],
    ['one goes on after what is shown',             [gap(seconds(90), seconds(200))],                          [[900, 100]]],
    ['those outside of what is shown',              [gap(-9_000, -1_000), gap(seconds(101), seconds(110))],    []],
    ['two apart',                                   [gap(seconds(1), seconds(2)), gap(seconds(5), seconds(6))], [[10, 10], [50, 10]]],
    ['two that nobody could tell apart are one',    [gap(seconds(1), 1_010), gap(1_100, seconds(2))],          [[10, 10]]],
  ])('%s', (_what, gaps, boxes) => {
    expect(bands(...gaps).map(({ x, width }) => [x, Math.round(width)])).toEqual(boxes)
  })

  test.each([
    // what                              gaps                                                            labels: where, and the words
    ['in it, though it is longer',       [gap(seconds(10), seconds(52))],                                [[104, 'Laststep did not hear for 42.0 s (down)']]],
    ['to its left at the right edge',    [gap(seconds(90), seconds(93), 'paused')],                      [[724, 'Laststep did not hear for 3.0 s (paused)']]],
    ['not twice in the same place',      [gap(seconds(10), seconds(12)), gap(seconds(14), seconds(16))], [[104, 'Laststep did not hear for 2.0 s (down)'], null]],
  ])('its label stands %s', (_what, gaps, labels) => {
    expect(bands(...gaps).map(({ label }) => label && [Math.round(label.x), label.text])).toEqual(labels)
  })

  test('without room for its label a band has none', () => {
    expect(gapBands([gap(0, seconds(50))], ORIGIN, window, 200)).toEqual([{ x: 0, width: 100, label: null }])
  })
})

test('the legend says each with its times; of many the latest, and how many there were before', () => {
  const [from, to] = [seconds(1), seconds(43)].map((at) => formatTime(ORIGIN + at, NOW))
  expect(gapLegend([gap(seconds(1), seconds(43), 'refused')], NOW)).toEqual({
    lines: [`Laststep did not hear for 42.0 s (refused), ${from} to ${to}`],
    more: 0,
  })
  const many = Array.from({ length: 12 }, (_, index) => gap(seconds(index * 10), seconds(index * 10 + index + 1)))
  const { lines, more } = gapLegend(many, NOW)
  expect([lines.length, more]).toEqual([5, 7])
  expect(lines.at(-1)).toContain('for 12.0 s')
})

test('Markdown says when Laststep did not hear, in UTC', () => {
  const run = { ...makeRun({ id: 'run_01', now: NOW }), gaps: [gap(seconds(1), seconds(43))] }
  expect(runAsMarkdown(run, 'l', NOW)).toContain(
    '\nLaststep did not hear for 42.0 s (down), 2026-11-22T03:00:01.000Z to 2026-11-22T03:00:43.000Z\n',
  )
})

test('a sub-agent’s part of a run has the gaps of its own time', () => {
  const run = makeRun({ id: 'run_01', now: NOW })
  const [spanId, startedAt, endedAt] = ['a1', toIso(ORIGIN + seconds(10)), toIso(ORIGIN + seconds(20))]
  const agent = { spanId, agent: 'b', status: 'ended', startedAt, endedAt, steps: 0 } as const
  const gaps = [gap(0, seconds(10)), gap(seconds(9), seconds(11)), gap(seconds(20), seconds(21))]
  expect(narrowRun({ ...run, subAgents: [agent], gaps }, spanId)?.gaps).toEqual(gaps.slice(1, 2))
})
