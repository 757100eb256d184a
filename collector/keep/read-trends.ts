/** The trends of a range, summed up from what is kept of it. */
import type { DatabaseSync } from 'node:sqlite'
import {
  TREND_COUNTS,
  TREND_PHASES,
  TREND_SPLITS,
  type PhaseTrend,
  type StepTrend,
  type TrendCount,
  type TrendSeries,
  type Trends,
  type TrendSplit,
} from '../../contract/trends.ts'
import type { Phase } from '../../contract/phases.ts'
import { toIso, type Millis } from '../../contract/units.ts'
import { BINS, percentile, type DurationHistogram } from '../duration-histogram.ts'
import type { TrendQuery } from '../stall-query.ts'
import { listDeploys } from './list-deploys.ts'
import { eachBin } from './trend-bins.ts'
import { gridOf, type TrendGrid } from './trend-levels.ts'

/** More lines than eight nobody tells apart: the largest seven, and the rest. */
const SERIES_MAX = 7
const SAMPLES_MIN = 5

interface Group {
  readonly id: number
  readonly agent: string | null
  readonly version: string | null
  readonly environment: string | null
  readonly open: number
}

type Lines = Record<TrendCount, number[]>

/** What is summed up for one series. */
interface Sums {
  readonly counts: Lines
  readonly ended: number[]
  readonly stalls: number[]
  /** By bucket; the bins of all phases, one after the other. Made when there is something to count. */
  readonly times: (DurationHistogram | undefined)[]
  open: number
  /** Started less ended behind the range. */
  later: number
}

export function readTrends(database: DatabaseSync, query: TrendQuery): Trends {
  const grid = gridOf(query.from, query.to, query.now)
  const groups = new Map(
    (database.prepare('SELECT id, agent, version, environment, open FROM trend_group').all() as unknown as Group[]).map(
      (group) => [group.id, group],
    ),
  )
  const rows = readRows(database, grid)
  const met = new Set(rows.map(([, group]) => group))
  const nameOf = (of: Pick<Group, TrendSplit>): string | null => (query.split === undefined ? null : of[query.split])
  const series = openSeries(grid, rankNames(rows, groups, query, nameOf))

  for (const [at, id, ...columns] of rows) {
    const group = groups.get(id)
    if (group === undefined || !fits(group, query)) continue
    const sums = series.of(nameOf(group))
    const bucket = (at - grid.from) / grid.bucketMs
    const spot = Math.floor(bucket)
    for (const [column, count] of TREND_COUNTS.entries()) raise(sums.counts[count], spot, Number(columns[column]))
    raise(sums.ended, spot, Number(columns[TREND_COUNTS.length]))
    const bins = columns[TREND_COUNTS.length + 1] as Uint8Array
    if (bins.length === 0) continue
    const times = (sums.times[spot] ??= new Uint32Array(TREND_PHASES.length * BINS))
    eachBin(bins, (bin, count) => void (times[bin] = (times[bin] ?? 0) + count))
  }
  for (const group of groups.values()) if (fits(group, query)) series.of(nameOf(group)).open += group.open
  const behind = database.prepare(
    'SELECT grp, sum(started) - sum(ended) AS later FROM trend WHERE level = ? AND at >= ? GROUP BY grp',
  )
  for (const { grp, later } of behind.all(grid.level.no, grid.to)) {
    const group = groups.get(Number(grp))
    if (group !== undefined && fits(group, query)) series.of(nameOf(group)).later += Number(later)
  }
  const steps = readStalls(database, grid, query, (of, spot, stalls) => {
    raise(series.of(nameOf(of)).stalls, spot, stalls)
  })

  return {
    from: toIso(query.from),
    to: toIso(query.to),
    bucketMs: grid.bucketMs,
    buckets: Array.from({ length: grid.buckets }, (_, index) => toIso(grid.from + index * grid.bucketMs)),
    split: query.split ?? null,
    series: series.all().map(([name, isRest, sums]) => seriesOf(name, isRest, sums, grid)),
    steps,
    deploys: listDeploys(database, query.from, query.to).filter(
      ({ environment }) => query.environment === undefined || environment === query.environment,
    ),
    values: valuesOf([...met].flatMap((id) => groups.get(id) ?? [])),
  }
}

type TrendRow = [at: number, group: number, ...columns: (number | Uint8Array)[]]

function readRows(database: DatabaseSync, { level, from, to }: TrendGrid): TrendRow[] {
  const statement = database.prepare(
    `SELECT at, grp, ${TREND_COUNTS.join(', ')}, ended, times FROM trend WHERE level = ? AND at >= ? AND at < ?`,
  )
  statement.setReturnArrays(true)
  return statement.all(level.no, from, to) as unknown as TrendRow[]
}

/** The names with the most runs; the rest goes together when there are more. */
function rankNames(
  rows: readonly TrendRow[],
  groups: ReadonlyMap<number, Group>,
  query: TrendQuery,
  nameOf: (group: Group) => string | null,
): (string | null)[] {
  const started = new Map<string | null, number>()
  for (const row of rows) {
    const group = groups.get(row[1])
    if (group === undefined || !fits(group, query)) continue
    const name = nameOf(group)
    started.set(name, (started.get(name) ?? 0) + Number(row[2]))
  }
  if (query.split === undefined) return [null]
  const ranked = [...started].sort(([, a], [, b]) => b - a).map(([name]) => name)
  return ranked.length > SERIES_MAX + 1 ? ranked.slice(0, SERIES_MAX) : ranked
}

function openSeries({ buckets }: TrendGrid, names: readonly (string | null)[]) {
  const zeros = () => Array.from({ length: buckets }, () => 0)
  const newSums = (): Sums => ({
    counts: Object.fromEntries(TREND_COUNTS.map((count) => [count, zeros()])) as Lines,
    ended: zeros(),
    stalls: zeros(),
    times: Array.from({ length: buckets }, (): DurationHistogram | undefined => undefined),
    open: 0,
    later: 0,
  })
  const named = new Map(names.map((name) => [name, newSums()]))
  let rest: Sums | null = null
  return {
    of: (name: string | null): Sums => named.get(name) ?? (rest ??= newSums()),
    all: (): [string | null, boolean, Sums][] => [
      ...[...named].map(([name, sums]): [string | null, boolean, Sums] => [name, false, sums]),
      // Groups that had nothing in this range make a rest of nothing.
      ...(rest !== null && !isEmpty(rest) ? [[null, true, rest] as [null, true, Sums]] : []),
    ],
  }
}

function isEmpty({ counts, stalls, open, later }: Sums): boolean {
  return open <= later && counts.started.every((count) => count === 0) && stalls.every((count) => count === 0)
}

function seriesOf(name: string | null, isRest: boolean, sums: Sums, grid: TrendGrid): TrendSeries {
  let open = sums.open - sums.later
  const inFlight = Array.from({ length: grid.buckets }, () => 0)
  for (let bucket = grid.buckets - 1; bucket >= 0; bucket--) {
    inFlight[bucket] = Math.max(0, open)
    open -= (sums.counts.started[bucket] ?? 0) - (sums.ended[bucket] ?? 0)
  }
  return {
    name,
    isRest,
    counts: Object.fromEntries(
      TREND_COUNTS.map((count) => [count, sums.counts[count].map((value) => Math.max(0, value))]),
    ) as Lines,
    inFlight,
    stalls: sums.stalls,
    phases: TREND_PHASES.flatMap((phase, index) => phaseOf(phase, index, sums, grid)),
  }
}

/** Nothing for a phase that none of the runs reached. */
function phaseOf(phase: PhaseTrend['phase'], index: number, { times }: Sums, { buckets }: TrendGrid): PhaseTrend[] {
  const whole = new Uint32Array(BINS)
  const samples = Array.from({ length: buckets }, () => 0)
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(() => Array.from({ length: buckets }, (): Millis | null => null))
  for (const [bucket, all] of times.entries()) {
    if (all === undefined) continue
    const own = all.subarray(index * BINS, (index + 1) * BINS)
    for (const [bin, count] of own.entries()) {
      if (count === 0) continue
      whole[bin] = (whole[bin] ?? 0) + count
      samples[bucket] = (samples[bucket] ?? 0) + count
    }
    if ((samples[bucket] ?? 0) < SAMPLES_MIN) continue
    for (const [line, share] of [[p50, 0.5] as const, [p95, 0.95] as const, [p99, 0.99] as const])
      if (line !== undefined) line[bucket] = percentile(own, share, SAMPLES_MIN)
  }
  const total = samples.reduce((sum, count) => sum + count, 0)
  if (total === 0 || p50 === undefined || p95 === undefined || p99 === undefined) return []
  const of = (share: number) => percentile(whole, share, SAMPLES_MIN)
  return [{ phase, whole: { samples: total, p50: of(0.5), p95: of(0.95), p99: of(0.99) }, samples, p50, p95, p99 }]
}

/** @param tell of every sum of stalls that fits the query: whose they are and in which bucket */
function readStalls(
  database: DatabaseSync,
  grid: TrendGrid,
  query: TrendQuery,
  tell: (of: Pick<Group, TrendSplit>, bucket: number, stalls: number) => void,
): StepTrend[] {
  const rows = database
    .prepare(
      `SELECT counted.at, counted.version, counted.stalls, agent, environment, phase, step
       FROM stall_count AS counted JOIN incident USING (fingerprint)
       WHERE level = ? AND at >= ? AND at < ?`,
    )
    .all(grid.level.no, grid.from, grid.to)
  const steps = new Map<string, { readonly phase: Phase | null; readonly step: string | null; stalls: number[] }>()
  for (const row of rows) {
    const of = {
      agent: row['agent'] as string | null,
      environment: row['environment'] as string | null,
      version: row['version'] === '' ? null : String(row['version']),
    }
    if (!fits(of, query)) continue
    const bucket = Math.floor((Number(row['at']) - grid.from) / grid.bucketMs)
    const stalls = Number(row['stalls'])
    tell(of, bucket, stalls)
    const [phase, step] = [row['phase'] as Phase | null, row['step'] as string | null]
    const key = JSON.stringify([phase, step])
    const line = steps.get(key) ?? { phase, step, stalls: Array.from({ length: grid.buckets }, () => 0) }
    steps.set(key, line)
    raise(line.stalls, bucket, stalls)
  }
  const total = ({ stalls }: { stalls: readonly number[] }) => stalls.reduce((sum, count) => sum + count, 0)
  const ranked = [...steps.values()].sort((a, b) => total(b) - total(a)).map((line) => ({ ...line, isRest: false }))
  if (ranked.length <= SERIES_MAX + 1) return ranked
  const rest = ranked.slice(SERIES_MAX)
  const stalls = rest[0]?.stalls.map((_, bucket) => rest.reduce((sum, line) => sum + (line.stalls[bucket] ?? 0), 0))
  return [...ranked.slice(0, SERIES_MAX), { phase: null, step: null, isRest: true, stalls: stalls ?? [] }]
}

function fits(of: Pick<Group, TrendSplit>, query: TrendQuery): boolean {
  return TREND_SPLITS.every((field) => query[field] === undefined || of[field] === query[field])
}

function raise(line: number[], at: number, by: number): void {
  line[at] = (line[at] ?? 0) + by
}

const byName = new Intl.Collator('en', { numeric: true })

function valuesOf(groups: readonly Group[]): Trends['values'] {
  const of = (field: TrendSplit) =>
    [...new Set(groups.flatMap((group) => group[field] ?? []))].sort(byName.compare).slice(0, VALUES_MAX)
  return { version: of('version').toReversed(), agent: of('agent'), environment: of('environment') }
}

/** A choice longer than this is no choice. */
const VALUES_MAX = 100
