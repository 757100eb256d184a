/** The trends of a range, summed up from what is kept of it. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import {
  TREND_COUNTS,
  TREND_SPLITS,
  type StepTrend,
  type TrendCount,
  type TrendSeries,
  type Trends,
  type TrendSplit,
} from '../../contract/trends.ts'
import type { Phase } from '../../contract/phases.ts'
import { toIso } from '../../contract/units.ts'
import type { TrendQuery } from '../stall-query.ts'
import { prepareListDeploys } from './list-deploys.ts'
import { openPhaseSums, type PhaseSums } from './phase-sums.ts'
import { gridOf, type TrendGrid } from './trend-levels.ts'

/** More lines than eight nobody tells apart: the largest seven, and the rest. */
const SERIES_MAX = 7

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
  readonly lines: readonly number[][]
  readonly ended: number[]
  readonly stalls: number[]
  readonly times: PhaseSums
  open: number
  /** Started less ended behind the range. */
  later: number
}

export type ReadTrends = (query: TrendQuery) => Trends

export function prepareReadTrends(database: DatabaseSync): ReadTrends {
  const listGroups = database.prepare('SELECT id, agent, version, environment, open FROM trend_group')
  const listRows = database.prepare(
    `SELECT at, grp, ${TREND_COUNTS.join(', ')}, ended, times FROM trend WHERE level = ? AND at >= ? AND at < ? ORDER BY at`,
  )
  listRows.setReturnArrays(true)
  const behind = database.prepare(
    'SELECT grp, sum(started) - sum(ended) AS later FROM trend WHERE level = ? AND at >= ? GROUP BY grp',
  )
  const readStalls = prepareReadStalls(database)
  const listDeploys = prepareListDeploys(database)

  return (query) => {
    const grid = gridOf(query.from, query.to, query.now)
    const groups = new Map((listGroups.all() as unknown as Group[]).map((group) => [group.id, group]))
    const rows = listRows.all(grid.level.no, grid.from, grid.to) as unknown as TrendRow[]
    const nameOf = (of: Pick<Group, TrendSplit>): string | null => (query.split === undefined ? null : of[query.split])
    const series = openSeries(grid, rankNames(rows, groups, query, nameOf))
    const own = new Map<number, Sums>()
    for (const group of groups.values()) {
      if (!fits(group, query)) continue
      const sums = series.of(nameOf(group))
      own.set(group.id, sums)
      sums.open += group.open
    }

    let bucket = 0
    for (const row of rows) {
      const sums = own.get(row[1])
      if (sums === undefined) continue
      const spot = Math.floor((row[0] - grid.from) / grid.bucketMs)
      // Rows come in order of time: what a bucket's times amount to is told before the next begins.
      if (spot !== bucket) series.closeBucket(bucket)
      bucket = spot
      for (let column = 0; column < TREND_COUNTS.length; column++)
        raise(sums.lines[column] ?? [], spot, Number(row[column + 2]))
      raise(sums.ended, spot, Number(row[TREND_COUNTS.length + 2]))
      sums.times.add(row[TREND_COUNTS.length + 3] as Uint8Array)
    }
    series.closeBucket(bucket)
    for (const { grp, later } of behind.all(grid.level.no, grid.to)) {
      const sums = own.get(Number(grp))
      if (sums !== undefined) sums.later += Number(later)
    }
    const steps = readStalls(grid, query, (of, spot, stalls) => raise(series.of(nameOf(of)).stalls, spot, stalls))

    return {
      from: toIso(query.from),
      to: toIso(query.to),
      bucketMs: grid.bucketMs,
      buckets: Array.from({ length: grid.buckets }, (_, index) => toIso(grid.from + index * grid.bucketMs)),
      split: query.split ?? null,
      series: series.all().map(([name, isRest, sums]) => seriesOf(name, isRest, sums, grid)),
      steps,
      deploys: listDeploys(query.from, query.to).filter(
        ({ environment }) => query.environment === undefined || environment === query.environment,
      ),
      values: valuesOf([...new Set(rows.map(([, id]) => id))].flatMap((id) => groups.get(id) ?? [])),
    }
  }
}

type TrendRow = [at: number, group: number, ...columns: (number | Uint8Array)[]]

/** The names with the most runs; the rest goes together when there are more. */
function rankNames(
  rows: readonly TrendRow[],
  groups: ReadonlyMap<number, Group>,
  query: TrendQuery,
  nameOf: (group: Group) => string | null,
): (string | null)[] {
  if (query.split === undefined) return [null]
  const started = new Map<string | null, number>()
  for (const row of rows) {
    const group = groups.get(row[1])
    if (group === undefined || !fits(group, query)) continue
    const name = nameOf(group)
    started.set(name, (started.get(name) ?? 0) + Number(row[2]))
  }
  const ranked = [...started].sort(([, a], [, b]) => b - a).map(([name]) => name)
  return ranked.length > SERIES_MAX + 1 ? ranked.slice(0, SERIES_MAX) : ranked
}

function openSeries({ buckets }: TrendGrid, names: readonly (string | null)[]) {
  const zeros = () => Array.from({ length: buckets }, () => 0)
  const newSums = (): Sums => ({
    lines: TREND_COUNTS.map(zeros),
    ended: zeros(),
    stalls: zeros(),
    times: openPhaseSums(buckets),
    open: 0,
    later: 0,
  })
  const named = new Map(names.map((name) => [name, newSums()]))
  let rest: Sums | null = null
  return {
    of: (name: string | null): Sums => named.get(name) ?? (rest ??= newSums()),
    closeBucket(bucket: number): void {
      for (const sums of named.values()) sums.times.close(bucket)
      rest?.times.close(bucket)
    },
    all: (): [string | null, boolean, Sums][] => [
      ...[...named].map(([name, sums]): [string | null, boolean, Sums] => [name, false, sums]),
      // Groups that had nothing in this range make a rest of nothing.
      ...(rest !== null && !isEmpty(rest) ? [[null, true, rest] as [null, true, Sums]] : []),
    ],
  }
}

function isEmpty({ lines, stalls, open, later }: Sums): boolean {
  return open <= later && lines.every(isZero) && isZero(stalls)
}

function isZero(line: readonly number[]): boolean {
  return line.every((count) => count === 0)
}

function seriesOf(name: string | null, isRest: boolean, sums: Sums, grid: TrendGrid): TrendSeries {
  const counts = Object.fromEntries(
    TREND_COUNTS.map((count, column) => [count, sums.lines[column]?.map((value) => Math.max(0, value)) ?? []]),
  ) as Lines
  let open = sums.open - sums.later
  const inFlight = Array.from({ length: grid.buckets }, () => 0)
  for (let bucket = grid.buckets - 1; bucket >= 0; bucket--) {
    inFlight[bucket] = Math.max(0, open)
    open -= (counts.started[bucket] ?? 0) - (sums.ended[bucket] ?? 0)
  }
  return { name, isRest, counts, inFlight, stalls: sums.stalls, phases: sums.times.phases() }
}

/** @param tell of every sum of stalls that fits the query: whose they are and in which bucket */
function prepareReadStalls(database: DatabaseSync) {
  const list = database.prepare(
    `SELECT counted.at, counted.version, counted.stalls, agent, environment, phase, step
     FROM stall_count AS counted JOIN incident USING (fingerprint)
     WHERE level = ? AND at >= ? AND at < ?`,
  )
  return (
    grid: TrendGrid,
    query: TrendQuery,
    tell: (of: Pick<Group, TrendSplit>, bucket: number, stalls: number) => void,
  ): StepTrend[] => sumSteps(list.all(grid.level.no, grid.from, grid.to), grid, query, tell)
}

function sumSteps(
  rows: readonly Record<string, SQLOutputValue>[],
  grid: TrendGrid,
  query: TrendQuery,
  tell: (of: Pick<Group, TrendSplit>, bucket: number, stalls: number) => void,
): StepTrend[] {
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
