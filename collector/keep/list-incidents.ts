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
  type Sibling,
  type Stall,
} from '../../contract/stalls.ts'
import { UNTOUCHED, type IncidentLife, type IncidentState } from '../../contract/incidents.ts'
import type { Deploy } from '../../contract/deploys.ts'
import type { CodeLocation } from '../../contract/runs.ts'
import { hours, toIso, type Instant, type Millis } from '../../contract/units.ts'
import type { Recurrence } from '../change-life.ts'
import { codeKeyOf } from '../code-key.ts'
import { impactOf, type ImpactValues } from '../impact.ts'
import type { StallQuery } from '../stall-query.ts'
import type { StoredRun } from '../stored-run.ts'
import type { Arrangement, RecurrenceQuery } from './history-words.ts'
import { prepareListDeploys } from './list-deploys.ts'
import type { IncidentHomes, Row } from './incident-homes.ts'
import { prepareReadRecurrence } from './read-recurrence.ts'
import { tagOf } from './tag-incident.ts'
import { bucketOf, INCIDENT_LEVEL } from './trend-levels.ts'

const VERSIONS_MAX = 10
const STALLS_MAX = 50
const USERS_MAX = 100
/** A deploy that long before the first stall may have brought it. */
const DEPLOY_MS_MAX: Millis = hours(24)

export interface Incidents {
  list(query: StallQuery): IncidentList
  /** @param id a fingerprint or its beginning. @returns null when no incident begins so, or several do */
  find(ask: { readonly id: string; readonly now: Instant }): IncidentDetail | null
  /** What people decided about incidents; and the values by which they are weighed. */
  arrange(arrangement: Arrangement): null
  recurrence(query: RecurrenceQuery): Recurrence
  /** Stalls are written or forgotten. */
  touched(): void
  /** Whose fingerprints begin so. */
  named(beginning: string): Row[]
}

export function prepareIncidents(database: DatabaseSync, homes: IncidentHomes): Incidents {
  let impact: ImpactValues | null = null
  const listDeploys = prepareListDeploys(database)
  const readTrends = prepareReadTrends(database)
  const listVersions = homes.ofEach(
    (from) =>
      `SELECT version, sum(stalls) AS stalls FROM ${from('incident_version')} GROUP BY version
       ORDER BY stalls DESC, version LIMIT ?2`,
  )
  const listStalls = (order: 'ASC' | 'DESC') =>
    homes.ofEach(
      (from) => `SELECT stall.*, page.text FROM (
         SELECT stall.* FROM ${from('stall')} ORDER BY began_at ${order} LIMIT ?2) AS stall
       LEFT JOIN run ON run.id_key = stall.run_key AND run.id = stall.run_id LEFT JOIN page ON page.no = run.no
       ORDER BY began_at ${order}`,
    )
  const [firstStalls, latestStalls] = [listStalls('ASC'), listStalls('DESC')]
  const listUsers = homes.ofEach(
    (from) => `SELECT user_id FROM (
       SELECT user_id, began_at FROM ${from('stall')} AND user_id IS NOT NULL ORDER BY began_at LIMIT 1000)
     GROUP BY user_id ORDER BY min(began_at) LIMIT ?2`,
  )
  const listValues = prepareListValues(database)
  const readRecurrence = prepareReadRecurrence(database, homes, listDeploys)

  const incidentAt = (row: Row, trends: DayTrends, deploys: readonly Deploy[], now: Instant): Incident => {
    const fingerprint = String(row['fingerprint'])
    return incidentOf(row, {
      life: homes.records.get(fingerprint)?.life ?? UNTOUCHED,
      versions: listVersions(fingerprint, VERSIONS_MAX),
      siblings: homes.siblings(fingerprint),
      trend: trends.of.get(fingerprint) ?? NO_TREND,
      deploys,
      impact,
      now,
    })
  }

  return {
    arrange({ records, impact: values }) {
      homes.learn(records)
      impact = values
      return null
    },
    recurrence: readRecurrence,
    touched: homes.touched,
    named(beginning) {
      homes.settle()
      return homes.findAll(beginning)
    },

    list(query) {
      homes.settle()
      const trends = readTrends(query.now)
      const { where, values } = conditionsOf(query)
      const rows = database
        .prepare(`SELECT * FROM (${homes.incidents}) ${where} ORDER BY ${ORDERS[query.sort]}, fingerprint`)
        .all(...values)
      const stateOf = ({ fingerprint }: Row) => homes.records.get(String(fingerprint))?.life.state ?? 'open'
      const states: Record<IncidentState, number> = { open: 0, acknowledged: 0, muted: 0, resolved: 0 }
      for (const row of rows) states[stateOf(row)]++
      const fits = rows.filter(
        (row) =>
          (query.state === undefined || stateOf(row) === query.state) &&
          (query.standing !== true || Number(row['standing']) > 0),
      )
      // Which came most often of late is no column.
      if (query.sort === 'trend') fits.sort((a, b) => sumOf(trends, b) - sumOf(trends, a))
      const deploys = listDeploys(-Infinity, query.now)
      return {
        incidents: fits.slice(0, query.limit).map((row) => incidentAt(row, trends, deploys, query.now)),
        total: fits.length,
        states,
        standing: rows.filter(({ standing }) => Number(standing) > 0).length,
        trendFrom: toIso(trends.from),
        deploys: deploys.filter(({ at }) => at >= toIso(trends.from)),
        values: listValues(),
      }
    },

    find({ id, now }) {
      homes.settle()
      const row = homes.find(id)
      if (row === null) return null
      const fingerprint = String(row['fingerprint'])
      const trends = readTrends(now, fingerprint)
      const deploys = listDeploys(-Infinity, now)
      const incident = incidentAt(row, trends, deploys, now)
      return {
        ...incident,
        trendFrom: toIso(trends.from),
        deploys: deploys.filter(({ at }) => at >= toIso(trends.from)),
        firstStall: firstStalls(fingerprint, 1).map(stallOf)[0] ?? null,
        latestStalls: latestStalls(fingerprint, STALLS_MAX).map(stallOf),
        userIds: listUsers(fingerprint, USERS_MAX).map(({ user_id: userId }) => String(userId)),
        codeKey: incident.code && codeKeyOf(incident.code),
        merged: homes
          .merged(fingerprint)
          .map((part) => ({ fingerprint: String(part['fingerprint']), ...ingredientsOf(part) })),
        splitFrom: homes.records.get(fingerprint)?.splitFrom ?? null,
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
    add(
      `fingerprint IN (
         SELECT coalesce(home, incident_version.fingerprint) FROM incident_version
         LEFT JOIN temp.part USING (fingerprint, version) WHERE version = ?)`,
      query.version,
    )
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
    `SELECT coalesce(home, stall_count.fingerprint) AS incident, at, sum(stalls) AS stalls
     FROM stall_count LEFT JOIN temp.part USING (fingerprint, version)
     WHERE level = ?1 AND at >= ?2 AND (?3 IS NULL OR incident = ?3) GROUP BY incident, at`,
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
  for (const { incident: fingerprint, at, stalls } of rows) {
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

interface Besides {
  readonly life: IncidentLife
  readonly versions: readonly Row[]
  readonly siblings: readonly Sibling[]
  readonly trend: readonly number[]
  readonly deploys: readonly Deploy[]
  readonly impact: ImpactValues | null
  readonly now: Instant
}

function incidentOf(row: Row, { life, versions, siblings, trend, deploys, impact, now }: Besides): Incident {
  const firstAt = Number(row['first_at'])
  const firstVersion = textOf(row['first_version'])
  const environment = textOf(row['environment'])
  const brought = deploys.findLast(
    (deploy) =>
      deploy.version === firstVersion &&
      deploy.environment === environment &&
      deploy.at <= toIso(firstAt) &&
      deploy.at >= toIso(firstAt - DEPLOY_MS_MAX),
  )
  const counts = { stalls: Number(row['stalls']), users: Number(row['users']), completedLate: Number(row['late']) }
  return {
    ...ingredientsOf(row),
    fingerprint: String(row['fingerprint']),
    life,
    tag: life.regressed !== null && life.state !== 'resolved' ? 'regressed' : tagOf(trend, firstAt, now),
    ...counts,
    standing: Number(row['standing']),
    sessions: Number(row['sessions']),
    recovered: Number(row['recovered']),
    atRisk: impactOf(impact, counts),
    siblings,
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
