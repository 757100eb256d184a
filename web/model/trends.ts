/** Trends as figures: what each asks, the answer in one sentence, and the lines to draw. */
import type { PhasePercentiles, TrendCount, TrendSeries, TrendSplit, Trends } from '../../contract/trends.ts'
import { fromIso, type Instant, type Millis } from '../../contract/units.ts'
import type { Deploy } from '../../contract/deploys.ts'
import { capitalise, count, formatCount, formatDuration, formatShare } from './format.ts'
import { stepOf } from './incidents.ts'

export interface Line {
  readonly name: string
  /** Null where there is nothing to say: a gap, and no zero. */
  readonly values: readonly (number | null)[]
  /** Of the whole range. */
  readonly whole: string
  /** Behind each value. */
  readonly samples: readonly number[]
  /** What its runs have in common beyond the page's filters. */
  readonly only: { readonly [field in TrendSplit | 'step']?: string }
  /** Of the time before: its runs are not among those that are shown. */
  readonly isBefore?: true
}

export type FigureId = 'completion' | 'stalls' | 'times' | 'loss' | 'in-flight' | 'undelivered' | 'phases'

export interface Figure {
  readonly id: FigureId
  readonly title: string
  readonly sentence: string
  /** `areas`: lines on top of each other, named where they end. */
  readonly kind: 'line' | 'bars' | 'areas'
  readonly lines: readonly Line[]
  /** Lengths of time from milliseconds to hours need an axis on which each tenfold has the same room. */
  readonly isLogarithmic: boolean
  /** Where the axis begins; above 0 it says so. */
  readonly bottom: number
  /** Where it ends; null to end where the values do. */
  readonly top: number | null
  readonly format: (value: number) => string
}

/** Where an axis of shares may begin, the highest that hides nothing. */
const BOTTOMS = [90, 80, 50]

/** Fewer samples make a point that says little: it is drawn as a dot of its own. */
export const SAMPLES_FEW = 30

/** An axis of amounts: from nothing to as far as they go. */
const FROM_NOTHING = { isLogarithmic: false, bottom: 0, top: null } as const

type Percentile = Exclude<keyof PhasePercentiles, 'samples'>

/** In the order in which they are asked. */
export function drawFigures(trends: Trends, percentile: Percentile): Figure[] {
  return [
    completion(trends),
    stalls(trends),
    times(trends, percentile),
    loss(trends),
    inFlight(trends),
    undelivered(trends),
  ]
}

/** True when no run started and none was in flight or stood still: there is nothing to draw. */
export function isEmpty({ series }: Trends): boolean {
  return series.every((each) => sum(each.counts.started) + sum(each.inFlight) + sum(each.stalls) === 0)
}

function completion(trends: Trends): Figure {
  const lines = trends.series.map((series) => {
    const samples = trends.buckets.map((_, bucket) => settledAt(series, bucket))
    const completed = series.counts.completed
    const whole = formatShare(sum(completed), sum(samples))
    return { ...lineOf(trends, series), values: shares(completed, samples), samples, whole }
  })
  const settled = total(trends, settledAt)
  const completed = total(trends, (series, bucket) => series.counts.completed[bucket] ?? 0)
  const lowest = Math.min(...lines.flatMap(({ values }) => values.filter((value) => value !== null)))
  const change = changeSinceDeploy(trends, completed, settled)
  return {
    id: 'completion',
    title: 'Do runs complete?',
    sentence:
      sum(settled) === 0
        ? 'No run has ended yet.'
        : `${formatShare(sum(completed), sum(settled))} of ${count(sum(settled), 'run')} completed${change}.`,
    kind: 'line',
    lines,
    isLogarithmic: false,
    // A part of the axis shows what a whole one hides; that it is one is written there.
    bottom: BOTTOMS.find((bottom) => Number.isFinite(lowest) && lowest >= bottom) ?? 0,
    top: 100,
    format: formatPercent,
  }
}

function stalls(trends: Trends): Figure {
  const bySteps = trends.steps.map(({ phase, step, isRest, stalls: values }) => ({
    name: isRest ? 'other steps' : stepOf({ phase, step }),
    values,
    samples: values,
    whole: formatCount(sum(values)),
    only: isRest || phase === null ? {} : { step: stepOf({ phase, step }) },
  }))
  const bySeries = trends.series.map((series) => ({
    ...lineOf(trends, series),
    values: series.stalls,
    samples: series.stalls,
    whole: formatCount(sum(series.stalls)),
  }))
  const all = bySteps.reduce((amount, { values }) => amount + sum(values), 0)
  const [most] = bySteps
  const share = most === undefined ? '' : `, most in ${most.name} (${formatShare(sum(most.values), all)})`
  return {
    id: 'stalls',
    title: 'Where do runs stand still?',
    sentence:
      all === 0
        ? 'No run stood still.'
        : `${capitalise(count(all, 'stall'))}${bySteps.length > 1 ? share : `, all in ${most?.name}`}.`,
    kind: 'bars',
    lines: (trends.split === null ? bySteps : bySeries).filter(({ values }) => sum(values) > 0),
    ...FROM_NOTHING,
    format: formatCount,
  }
}

const PHASE_WORDS = {
  started: 'started',
  reasoning: 'reasoning',
  tool: 'first tool',
  finalise: 'finalise',
  terminal: 'end of the run',
} as const

function times(trends: Trends, percentile: Percentile): Figure {
  const ofRun = trends.series.flatMap((series) =>
    series.phases
      .filter(({ phase }) => trends.split === null || phase === 'terminal')
      .map((phase) => ({
        ...lineOf(trends, series),
        ...(trends.split === null ? { name: PHASE_WORDS[phase.phase] } : {}),
        values: phase[percentile],
        samples: phase.samples,
        whole: formatLongest(phase.whole[percentile]),
      })),
  )
  const phases = trends.split === null ? (trends.series[0]?.phases ?? []) : []
  const said = phases.flatMap(({ phase, whole }) => {
    const length = whole[percentile]
    return length === null ? [] : [`${PHASE_WORDS[phase]} ${formatDuration(length)}`]
  })
  const samples = Math.max(0, ...ofRun.map(({ samples: each }) => sum(each)))
  const what = trends.split === null ? 'How long until each phase?' : 'How long do runs take?'
  return {
    id: 'times',
    title: what,
    sentence:
      samples === 0
        ? 'No times are known.'
        : said.length > 0
          ? `${percentile}: ${said.join(', ')}.`
          : ofRun.some(({ values }) => values.some((value) => value !== null))
            ? `${percentile}: ${ofRun.map(({ name, whole }) => `${name} ${whole}`).join(', ')}.`
            : `Too few times for a percentile: ${formatCount(samples)}.`,
    kind: 'line',
    lines: ofRun,
    isLogarithmic: true,
    bottom: 0,
    top: null,
    format: formatDuration,
  }
}

function loss(trends: Trends): Figure {
  const lost = (series: TrendSeries, bucket: number): number =>
    at(series, 'due', bucket) - at(series, 'confirmed', bucket)
  const lines = trends.series.map((series) => {
    const samples = series.counts.due
    const missing = trends.buckets.map((_, bucket) => lost(series, bucket))
    return {
      ...lineOf(trends, series),
      values: shares(missing, samples),
      samples,
      whole: formatShare(sum(missing), sum(samples)),
    }
  })
  const due = sum(total(trends, (series, bucket) => at(series, 'due', bucket)))
  const missing = sum(total(trends, lost))
  return {
    id: 'loss',
    title: 'Are messages lost?',
    sentence:
      due === 0
        ? 'No message had to be confirmed.'
        : missing === 0
          ? `All ${formatCount(due)} required messages were confirmed.`
          : `${formatCount(missing)} of ${formatCount(due)} required messages were not confirmed (${formatSmallShare(missing, due)}).`,
    kind: 'line',
    lines,
    ...FROM_NOTHING,
    format: formatPercent,
  }
}

function inFlight(trends: Trends): Figure {
  const lines = trends.series.map((series) => ({
    ...lineOf(trends, series),
    values: series.inFlight,
    samples: series.inFlight,
    whole: formatCount(series.inFlight.at(-1) ?? 0),
  }))
  const all = total(trends, (series, bucket) => series.inFlight[bucket] ?? 0)
  return {
    id: 'in-flight',
    title: 'How many runs are in flight?',
    sentence: `${formatCount(all.at(-1) ?? 0)} at the end, ${formatCount(Math.max(0, ...all))} at most.`,
    kind: 'line',
    lines,
    ...FROM_NOTHING,
    format: formatCount,
  }
}

function undelivered(trends: Trends): Figure {
  const lines = trends.series.map((series) => ({
    ...lineOf(trends, series),
    values: series.counts.undelivered,
    samples: trends.buckets.map((_, bucket) => settledAt(series, bucket)),
    whole: formatCount(sum(series.counts.undelivered)),
  }))
  const all = sum(total(trends, (series, bucket) => at(series, 'undelivered', bucket)))
  const settled = sum(total(trends, settledAt))
  return {
    id: 'undelivered',
    title: 'Do answers reach their users?',
    sentence:
      settled === 0
        ? 'No run has ended yet.'
        : all === 0
          ? 'Every answer was confirmed.'
          : `${capitalise(count(all, 'run'))} completed, and the answer was not confirmed (${formatSmallShare(all, settled)}).`,
    kind: 'bars',
    lines: lines.filter(({ values }) => sum(values) > 0),
    ...FROM_NOTHING,
    format: formatCount,
  }
}

/** Runs of which it is known what became of them: ended, or standing still. Those that run are no failure yet. */
function settledAt(series: TrendSeries, bucket: number): number {
  return (['completed', 'undelivered', 'failed', 'cancelled', 'standing'] as const).reduce(
    (amount, what) => amount + at(series, what, bucket),
    0,
  )
}

/** `, down 1.1 pt since 1.4.2`; nothing when either side has too few runs, or nothing changed. */
function changeSinceDeploy(trends: Trends, part: readonly number[], whole: readonly number[]): string {
  const deploy = trends.deploys.at(-1)
  if (deploy === undefined) return ''
  const from = trends.buckets.findIndex((bucket) => fromIso(bucket) >= fromIso(deploy.at))
  if (from <= 0) return ''
  const [before, after] = [sum(whole.slice(0, from)), sum(whole.slice(from))]
  if (before < SAMPLES_FEW || after < SAMPLES_FEW) return ''
  const points = (100 * sum(part.slice(from))) / after - (100 * sum(part.slice(0, from))) / before
  if (Math.abs(points) < 0.05) return `, as before ${deploy.version}`
  return `, ${points < 0 ? 'down' : 'up'} ${Math.abs(points).toFixed(1)} pt since ${deploy.version}`
}

/** Deploys closer to each other than this share of the width are told as one. */
const DEPLOYS_APART = 0.03

export interface DeployMark {
  readonly at: Instant
  readonly says: string
}

/** `1.4.2`, or `3 deploys` where they would lie over each other. */
export function markDeploys(deploys: readonly Deploy[], from: Instant, to: Instant): DeployMark[] {
  const groups: Deploy[][] = []
  for (const deploy of deploys) {
    const first = groups.at(-1)?.[0]
    const isNear = first !== undefined && fromIso(deploy.at) - fromIso(first.at) < DEPLOYS_APART * (to - from)
    if (isNear) groups.at(-1)?.push(deploy)
    else groups.push([deploy])
  }
  return groups.map((group) => {
    const versions = [...new Set(group.map(({ version }) => version))]
    return {
      at: fromIso(group[0]?.at ?? ''),
      says: versions.length === 1 ? String(versions[0]) : `${versions.length} deploys`,
    }
  })
}

function lineOf({ split }: Trends, { name, isRest }: TrendSeries): Pick<Line, 'name' | 'only'> {
  if (split === null) return { name: 'all runs', only: {} }
  if (isRest) return { name: 'the others', only: {} }
  return name === null ? { name: `no ${split}`, only: {} } : { name, only: { [split]: name } }
}

function at(series: TrendSeries, what: TrendCount, bucket: number): number {
  return series.counts[what][bucket] ?? 0
}

function total(trends: Trends, of: (series: TrendSeries, bucket: number) => number): number[] {
  return trends.buckets.map((_, bucket) => trends.series.reduce((amount, series) => amount + of(series, bucket), 0))
}

function shares(part: readonly number[], whole: readonly number[]): (number | null)[] {
  return whole.map((of, bucket) => (of === 0 ? null : (100 * (part[bucket] ?? 0)) / of))
}

function sum(values: readonly number[]): number {
  return values.reduce((amount, value) => amount + value, 0)
}

function formatLongest(length: Millis | null): string {
  return length === null ? '–' : formatDuration(length)
}

/** `97.2 %`, `100 %`, `0.031 %`: three figures at most. */
export function formatPercent(value: number): string {
  if (value === 0 || value === 100) return `${value} %`
  return `${Number(value < 1 ? value.toPrecision(2) : value.toFixed(1))} %`
}

function formatSmallShare(part: number, whole: number): string {
  return formatPercent((100 * part) / whole)
}
