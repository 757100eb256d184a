/** Incidents as they are listed, and one with its stalls. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import {
  INCIDENT_TREND_BUCKETS,
  INCIDENT_TREND_BUCKET_MS,
  type Fingerprint,
  type Incident,
  type IncidentField,
  type IncidentDetail,
  type IncidentList,
  type IncidentSort,
  type Ingredients,
  type Stall,
} from '../../contract/stalls.ts'
import type { Deploy } from '../../contract/deploys.ts'
import type { CodeLocation } from '../../contract/runs.ts'
import { hours, toIso, type Instant, type Millis } from '../../contract/units.ts'
import type { StallQuery } from '../stall-query.ts'
import type { StoredRun } from '../stored-run.ts'
import { prepareListDeploys } from './list-deploys.ts'
import { tagOf } from './tag-incident.ts'
import { bucketOf, INCIDENT_LEVEL } from './trend-levels.ts'

const VERSIONS_MAX = 10
const STALLS_MAX = 50
const USERS_MAX = 100
/** A deploy that long before the first stall may have brought it. */
const DEPLOY_MS_MAX: Millis = hours(24)

type Row = Record<string, SQLOutputValue>

export interface Incidents {
  list(query: StallQuery): IncidentList
  /** @param id a fingerprint or its beginning. @returns null when no incident begins so, or several do */
  find(ask: { readonly id: string; readonly now: Instant }): IncidentDetail | null
}

export function prepareIncidents(database: DatabaseSync): Incidents {
  const listDeploys = prepareListDeploys(database)
  const readTrends = prepareReadTrends(database)
  const listVersions = database.prepare(
    'SELECT version, stalls FROM incident_version WHERE fingerprint = ? ORDER BY stalls DESC, version LIMIT ?',
  )
  // 'g' is what follows the last hexadecimal digit.
  const find = database.prepare(
    "SELECT * FROM incident WHERE fingerprint >= ?1 AND fingerprint < ?1 || 'g' AND stalls > 0 LIMIT 2",
  )
  const listStalls = (order: 'ASC' | 'DESC') =>
    database.prepare(
      `SELECT stall.*, page.text FROM (
         SELECT * FROM stall WHERE fingerprint = ? ORDER BY began_at ${order} LIMIT ?) AS stall
       LEFT JOIN run ON run.id_key = stall.run_key AND run.id = stall.run_id LEFT JOIN page ON page.no = run.no
       ORDER BY began_at ${order}`,
    )
  const [firstStalls, latestStalls] = [listStalls('ASC'), listStalls('DESC')]
  const listUsers = database.prepare(
    `SELECT user_id FROM (
       SELECT user_id, began_at FROM stall WHERE fingerprint = ? AND user_id IS NOT NULL ORDER BY began_at LIMIT 1000)
     GROUP BY user_id ORDER BY min(began_at) LIMIT ${USERS_MAX}`,
  )
  const listValues = prepareListValues(database)
  const incidentAt = (row: Row, trends: DayTrends, deploys: readonly Deploy[], now: Instant): Incident =>
    incidentOf(row, listVersions.all(String(row['fingerprint']), VERSIONS_MAX), trends, deploys, now)

  return {
    list(query) {
      const trends = readTrends(query.now)
      const { where, values } = conditionsOf(query)
      const standing = query.state === undefined ? '' : `AND standing ${query.state === 'standing' ? '> 0' : '<= 0'}`
      const counted = database
        .prepare(`SELECT count(*) AS incidents, coalesce(sum(standing > 0), 0) AS standing FROM incident ${where}`)
        .get(...values) as { incidents: number; standing: number }
      const sorted = database
        .prepare(`SELECT * FROM incident ${where} ${standing} ORDER BY ${ORDERS[query.sort]}, fingerprint`)
        .all(...values)
      // Which came most often of late is no column.
      if (query.sort === 'trend') sorted.sort((a, b) => sumOf(trends, b) - sumOf(trends, a))
      const deploys = listDeploys(-Infinity, query.now)
      return {
        incidents: sorted.slice(0, query.limit).map((row) => incidentAt(row, trends, deploys, query.now)),
        total: sorted.length,
        states: { standing: counted.standing, quiet: counted.incidents - counted.standing },
        trendFrom: toIso(trends.from),
        deploys: deploys.filter(({ at }) => at >= toIso(trends.from)),
        values: listValues(),
      }
    },

    find({ id, now }) {
      const [row, other] = find.all(id)
      if (row === undefined || other !== undefined) return null
      const fingerprint = String(row['fingerprint'])
      const trends = readTrends(now, fingerprint)
      const deploys = listDeploys(-Infinity, now)
      return {
        ...incidentAt(row, trends, deploys, now),
        trendFrom: toIso(trends.from),
        deploys: deploys.filter(({ at }) => at >= toIso(trends.from)),
        firstStall: firstStalls.all(fingerprint, 1).map(stallOf)[0] ?? null,
        latestStalls: latestStalls.all(fingerprint, STALLS_MAX).map(stallOf),
        userIds: listUsers.all(fingerprint).map(({ user_id: userId }) => String(userId)),
      }
    },
  }
}

const ORDERS: Readonly<Record<IncidentSort, string>> = {
  last: 'last_at DESC',
  first: 'first_at DESC',
  stalls: 'stalls DESC',
  users: 'users DESC',
  trend: 'last_at DESC',
}

function conditionsOf(query: StallQuery): { where: string; values: SQLInputValue[] } {
  const conditions = ['stalls > 0']
  const values: SQLInputValue[] = []
  const add = (condition: string, ...more: SQLInputValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  if (query.agent !== undefined) add('agent = ?', query.agent)
  if (query.environment !== undefined) add('environment = ?', query.environment)
  if (query.version !== undefined)
    add('fingerprint IN (SELECT fingerprint FROM incident_version WHERE version = ?)', query.version)
  if (query.step !== undefined) {
    const [phase = '', name] = query.step.split(' › ', 2)
    if (name === undefined) add('(phase = ? OR step = ?)', phase, phase)
    else add('phase = ? AND step = ?', phase, name)
  }
  return { where: `WHERE ${conditions.join(' AND ')}`, values }
}

/** A choice longer than this is no choice. */
const VALUES_MAX = 100

/** What incidents can be narrowed down to: a scan of the incidents, which are few. */
function prepareListValues(database: DatabaseSync): () => IncidentList['values'] {
  const listOf = (column: string, from = 'incident') =>
    database.prepare(
      `SELECT DISTINCT ${column} AS value FROM ${from} WHERE stalls > 0 AND value IS NOT NULL AND value <> ''
       ORDER BY value LIMIT ${VALUES_MAX}`,
    )
  const lists = {
    agent: listOf('agent'),
    step: listOf("CASE WHEN step IS NULL THEN phase ELSE phase || ' › ' || step END"),
    version: listOf('version', 'incident_version'),
    environment: listOf('environment'),
  }
  const read = (field: IncidentField) => lists[field].all().map(({ value }) => String(value))
  return () => ({
    agent: read('agent'),
    step: read('step'),
    version: read('version').sort(newestFirst),
    environment: read('environment'),
  })
}

const byNumber = new Intl.Collator('en', { numeric: true })

function newestFirst(a: string, b: string): number {
  return byNumber.compare(b, a)
}

interface DayTrends {
  readonly from: Instant
  readonly of: ReadonlyMap<Fingerprint, readonly number[]>
}

type ReadDayTrends = (now: Instant, only?: Fingerprint) => DayTrends

function prepareReadTrends(database: DatabaseSync): ReadDayTrends {
  const list = database.prepare(
    `SELECT fingerprint, at, sum(stalls) AS stalls FROM stall_count
     WHERE level = ?1 AND at >= ?2 AND (?3 IS NULL OR fingerprint = ?3) GROUP BY fingerprint, at`,
  )
  return (now, only) => {
    const from = firstBar(now)
    return { from, of: drawBars(list.all(INCIDENT_LEVEL.no, from, only ?? null), from) }
  }
}

function firstBar(now: Instant): Instant {
  return bucketOf(now, INCIDENT_TREND_BUCKET_MS) - (INCIDENT_TREND_BUCKETS - 1) * INCIDENT_TREND_BUCKET_MS
}

function drawBars(rows: readonly Row[], from: Instant): DayTrends['of'] {
  const of = new Map<Fingerprint, number[]>()
  for (const { fingerprint, at, stalls } of rows) {
    const bucket = Math.floor((Number(at) - from) / INCIDENT_TREND_BUCKET_MS)
    const trend = of.get(String(fingerprint)) ?? Array.from({ length: INCIDENT_TREND_BUCKETS }, () => 0)
    of.set(String(fingerprint), trend)
    if (bucket < trend.length) trend[bucket] = (trend[bucket] ?? 0) + Number(stalls)
  }
  return of
}

const NO_TREND: readonly number[] = Array.from({ length: INCIDENT_TREND_BUCKETS }, () => 0)

function sumOf({ of }: DayTrends, { fingerprint }: Row): number {
  return (of.get(String(fingerprint)) ?? NO_TREND).reduce((sum, stalls) => sum + stalls, 0)
}

function incidentOf(
  row: Row,
  versions: readonly Row[],
  trends: DayTrends,
  deploys: readonly Deploy[],
  now: Instant,
): Incident {
  const fingerprint = String(row['fingerprint'])
  const firstAt = Number(row['first_at'])
  const firstVersion = textOf(row['first_version'])
  const environment = textOf(row['environment'])
  const trend = trends.of.get(fingerprint) ?? NO_TREND
  const brought = deploys.findLast(
    (deploy) =>
      deploy.version === firstVersion &&
      deploy.environment === environment &&
      deploy.at <= toIso(firstAt) &&
      deploy.at >= toIso(firstAt - DEPLOY_MS_MAX),
  )
  return {
    ...ingredientsOf(row),
    fingerprint,
    state: Number(row['standing']) > 0 ? 'standing' : 'quiet',
    tag: tagOf(trend, firstAt, now),
    stalls: Number(row['stalls']),
    standing: Number(row['standing']),
    users: Number(row['users']),
    firstAt: toIso(firstAt),
    firstVersion,
    lastAt: toIso(Number(row['last_at'])),
    deploy: brought ?? null,
    versions: versions.map(({ version, stalls }) => ({ version: textOf(version), stalls: Number(stalls) })),
    trend,
  }
}

/** Of a row of `incident`. */
export function ingredientsOf(row: Row): Ingredients {
  return {
    environment: textOf(row['environment']),
    agent: textOf(row['agent']),
    // Written by `stall-writer.ts` from the same closed lists.
    phase: textOf(row['phase']) as Ingredients['phase'],
    step: textOf(row['step']),
    cause: textOf(row['cause']) as Ingredients['cause'],
    code: row['code'] === null ? null : (JSON.parse(String(row['code'])) as CodeLocation),
  }
}

function stallOf(row: Row): Stall {
  return {
    runId: String(row['run_id']),
    version: textOf(row['version']),
    userId: textOf(row['user_id']),
    beganAt: toIso(Number(row['began_at'])),
    endedAt: row['ended_at'] === null ? null : toIso(Number(row['ended_at'])),
    run: row['text'] === null ? null : (JSON.parse(String(row['text'])) as StoredRun).row,
  }
}

/** Absent versions are '' where they are part of a key. */
function textOf(value: SQLOutputValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
