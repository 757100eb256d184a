/** The one file that knows chart.js. It is loaded with the trends and with nothing else. */
import {
  BarController,
  BarElement,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ChartDataset,
  type Plugin,
} from 'chart.js'
import type { Instant, Millis } from '../../contract/units.ts'
import { formatCount, formatLimit } from '../model/format.ts'
import { lengthMarks, timeMarks } from '../model/time-axis.ts'
import { readTokens, SERIES_MAX, type Tokens } from './chart-tokens.ts'
import { SAMPLES_FEW, type DeployMark, type Figure } from '../model/trends.ts'

Chart.register(
  LineController,
  LineElement,
  PointElement,
  BarController,
  BarElement,
  Filler,
  LinearScale,
  LogarithmicScale,
)

export interface ChartPicture {
  readonly figure: Figure
  readonly from: Instant
  readonly to: Instant
  readonly buckets: readonly Instant[]
  readonly bucketMs: Millis
  /** The last bucket is not over. */
  readonly isOpenEnded: boolean
  readonly deploys: readonly DeployMark[]
}

/** What the reader points at or drags over; shared by all figures. */
export interface Pointing {
  readonly cursor: Instant | null
  readonly drag: readonly [Instant, Instant] | null
}

export interface OpenChart {
  draw(picture: ChartPicture): void
  point(pointing: Pointing): void
  /** The moment under a place of the canvas, in pixels from its left edge. */
  timeAt(x: number): Instant
  close(): void
}

/** A line is told from the others by its dashes as well as by its colour. */
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 3], [4, 2], [1, 3], [10, 2, 2, 2]]

export function openChart(canvas: HTMLCanvasElement, picture: ChartPicture): OpenChart {
  let shown = picture
  let pointing: Pointing = { cursor: null, drag: null }
  let tokens = readTokens(canvas)
  const overlay: Plugin = {
    id: 'overlay',
    beforeDatasetsDraw: (chart) => drawDeploys(chart, shown, tokens),
    afterDatasetsDraw: (chart) => {
      if (shown.figure.kind === 'areas') drawAreaNames(chart, shown.figure, tokens)
      drawPointing(chart, pointing, tokens)
    },
  }
  const chart = new Chart(canvas, {
    type: shown.figure.kind === 'bars' ? 'bar' : 'line',
    data: { datasets: [] },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: {
        padding: { top: tokens.size + 7, right: shown.figure.kind === 'areas' ? AREA_NAME_EMS * tokens.size : 6 },
      },
      datasets: { bar: { categoryPercentage: 1, barPercentage: 0.9 } },
    },
    plugins: [overlay],
  })

  const redraw = (): void => {
    tokens = readTokens(canvas)
    chart.data.datasets = shown.figure.lines.slice(0, SERIES_MAX).map((_, index) => datasetOf(shown, index, tokens))
    chart.options.scales = scalesOf(shown, tokens)
    chart.update('none')
  }
  redraw()
  // Colours are painted, so a change of theme must be painted again.
  const themes = new MutationObserver(redraw)
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  scheme.addEventListener('change', redraw)

  return {
    draw(next) {
      shown = next
      redraw()
    },
    point(next) {
      pointing = next
      chart.draw()
    },
    timeAt: (x) => {
      const value = chart.scales['x']?.getValueForPixel(x) ?? shown.from
      return Math.min(shown.to, Math.max(shown.from, value))
    },
    close() {
      themes.disconnect()
      scheme.removeEventListener('change', redraw)
      chart.destroy()
    },
  }
}

type AnyDataset = ChartDataset<'bar' | 'line', { x: number; y: number | null }[]>

function datasetOf(
  { figure, buckets, bucketMs, isOpenEnded }: ChartPicture,
  index: number,
  tokens: Tokens,
): AnyDataset {
  const line = figure.lines[index]
  const colour = tokens.series[index] ?? tokens.ink
  const last = buckets.length - 1
  const data = buckets.map((at, bucket) => ({ x: at + bucketMs / 2, y: line?.values[bucket] ?? null }))
  if (figure.kind === 'bars')
    return {
      type: 'bar',
      data,
      // What is not over is drawn hollow.
      backgroundColor: buckets.map((_, bucket) => (isOpenEnded && bucket === last ? tokens.surface : colour)),
      borderColor: colour,
      borderWidth: buckets.map((_, bucket) => (isOpenEnded && bucket === last ? 1 : 0)),
    }
  if (figure.kind === 'areas')
    return {
      type: 'line',
      data,
      backgroundColor: tokens.phases[index] ?? tokens.ink,
      // What lies on top of it is set off by a hair of the ground.
      borderColor: tokens.surface,
      borderWidth: 1,
      fill: index === 0 ? 'origin' : '-1',
      pointRadius: 0,
      spanGaps: false,
    }
  const isFew = (bucket: number): boolean => (line?.samples[bucket] ?? 0) < SAMPLES_FEW
  const isGap = (bucket: number): boolean => (data[bucket]?.y ?? null) === null
  const isAlone = (bucket: number): boolean => isGap(bucket - 1) && isGap(bucket + 1)
  const counts = figure.id === 'in-flight'
  return {
    type: 'line',
    data,
    borderColor: colour,
    borderWidth: 1.5,
    borderDash: DASHES[index] ?? [],
    spanGaps: false,
    pointBackgroundColor: buckets.map((_, bucket) => (isOpenEnded && bucket === last ? tokens.surface : colour)),
    pointBorderColor: colour,
    pointBorderWidth: 1,
    pointRadius: buckets.map((_, bucket) =>
      (isOpenEnded && bucket === last) || isAlone(bucket) ? 2.5 : !counts && isFew(bucket) ? 1.2 : 0,
    ),
  }
}

/** Marks on the axis of time, where it is narrow and where it is wide. */
const MARKS = { narrow: 5, wide: 8, wideFromPx: 420 }

function scalesOf({ figure, from, to }: ChartPicture, tokens: Tokens): NonNullable<Chart['options']['scales']> {
  const font = { family: tokens.font, size: tokens.size }
  const isBars = figure.kind === 'bars'
  let says: ReadonlyMap<Instant, string> = new Map()
  return {
    x: {
      type: 'linear',
      min: from,
      max: to,
      stacked: isBars,
      offset: false,
      grid: { display: false },
      border: { color: tokens.line },
      ticks: {
        color: tokens.ink2,
        font,
        maxRotation: 0,
        autoSkip: false,
        callback: (value) => says.get(Number(value)) ?? '',
      },
      afterBuildTicks: (axis) => {
        const marks = timeMarks(from, to, axis.width < MARKS.wideFromPx ? MARKS.narrow : MARKS.wide)
        axis.ticks = marks.map(({ at }) => ({ value: at }))
        says = new Map(marks.map(({ at, says: words }) => [at, words]))
      },
    },
    y: figure.isLogarithmic ? timeScale(figure, tokens) : countScale(figure, tokens),
  }
}

type Scale = NonNullable<NonNullable<Chart['options']['scales']>[string]>

function countScale(figure: Figure, tokens: Tokens): Scale {
  const precision = isCount(figure) ? { precision: 0 } : {}
  return {
    type: 'linear',
    min: figure.bottom,
    ...(figure.top === null ? { suggestedMax: smallest(figure) } : { max: figure.top }),
    stacked: figure.kind !== 'line',
    grid: { color: tokens.line, drawTicks: false },
    border: { display: false },
    afterFit: sameWidth(tokens),
    ticks: { ...ticksOf(figure, tokens), maxTicksLimit: 5, ...precision },
  }
}

/** Figures below each other have their times below each other. */
const AXIS_EMS = 5.3
const sameWidth = ({ size }: Tokens) => {
  return (axis: { width: number }): void => void (axis.width = AXIS_EMS * size)
}

function timeScale(figure: Figure, tokens: Tokens): Scale {
  const marks = lengthMarks(figure.lines.flatMap((line) => line.values.filter((value) => value !== null)))
  return {
    type: 'logarithmic',
    min: marks[0],
    max: marks.at(-1),
    grid: { color: tokens.line, drawTicks: false },
    border: { display: false },
    afterFit: sameWidth(tokens),
    ticks: ticksOf(figure, tokens),
    afterBuildTicks: (axis) => {
      axis.ticks = marks.map((value) => ({ value }))
    },
  }
}

function ticksOf(figure: Figure, tokens: Tokens) {
  const say = figure.isLogarithmic ? formatLimit : figure.format
  const callback = (value: number | string): string => say(Number(value))
  return { color: tokens.ink2, font: { family: tokens.font, size: tokens.size }, padding: 6, callback }
}

function isCount({ id }: Figure): boolean {
  return id === 'stalls' || id === 'in-flight' || id === 'undelivered' || id === 'phases'
}

/** An axis of nothing still needs an end. */
function smallest(figure: Figure): number {
  return isCount(figure) ? 4 : 1
}

function drawDeploys(chart: Chart, { deploys }: ChartPicture, tokens: Tokens): void {
  const { ctx, chartArea: area } = chart
  ctx.save()
  ctx.font = `${tokens.size}px ${tokens.font}`
  ctx.strokeStyle = tokens.accent
  ctx.fillStyle = tokens.ink2
  ctx.setLineDash([3, 3])
  for (const { at, says } of deploys) {
    const x = chart.scales['x']?.getPixelForValue(at) ?? 0
    if (x < area.left || x > area.right) continue
    ctx.beginPath()
    ctx.moveTo(x, area.top - 4)
    ctx.lineTo(x, area.bottom)
    ctx.stroke()
    // At the right edge the words turn to the left.
    ctx.textAlign = x > area.right - 60 ? 'right' : 'left'
    ctx.fillText(says, x, area.top - 7)
  }
  ctx.restore()
}

/** Room for the longest name beside the areas, in letters' heights. */
const AREA_NAME_EMS = 9.5

/** Each area is named where it ends, with how much of it is there now; one of nothing is not. */
function drawAreaNames(chart: Chart, { lines }: Figure, tokens: Tokens): void {
  const { ctx, chartArea: area } = chart
  const y = chart.scales['y']
  if (y === undefined) return
  ctx.save()
  ctx.font = `${tokens.size}px ${tokens.font}`
  ctx.fillStyle = tokens.ink
  ctx.textBaseline = 'middle'
  let sum = 0
  const names = lines.flatMap(({ name, values }) => {
    const value = values.at(-1) ?? 0
    sum += value
    return value === 0 ? [] : [{ says: `${name} ${formatCount(value)}`, at: y.getPixelForValue(sum - value / 2) }]
  })
  // Names of thin areas stand above each other, never on each other, and none above the chart.
  const apart = 1.15 * tokens.size
  let below = Infinity
  for (const [index, { says, at }] of names.entries()) {
    const highest = area.top + (names.length - 1 - index) * apart
    below = Math.max(highest, Math.min(at, below - apart))
    ctx.fillText(says, area.right + 8, below)
  }
  ctx.restore()
}

function drawPointing(chart: Chart, { cursor, drag }: Pointing, tokens: Tokens): void {
  const { ctx, chartArea: area } = chart
  const pixel = (at: Instant): number => chart.scales['x']?.getPixelForValue(at) ?? 0
  ctx.save()
  if (drag !== null) {
    const [from, to] = drag.map(pixel) as [number, number]
    ctx.fillStyle = tokens.accent
    ctx.globalAlpha = 0.18
    ctx.fillRect(Math.min(from, to), area.top, Math.abs(to - from), area.bottom - area.top)
    ctx.globalAlpha = 1
  }
  if (cursor !== null) {
    const x = Math.round(pixel(cursor)) + 0.5
    ctx.strokeStyle = tokens.ink
    ctx.beginPath()
    ctx.moveTo(x, area.top)
    ctx.lineTo(x, area.bottom)
    ctx.stroke()
  }
  ctx.restore()
}
