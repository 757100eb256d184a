/**
 * The tables of incidents as people arranged them. What nobody merged or split is read as it was written; of the rest,
 * which is little, `part` says which stalls belong where, and `arranged` holds the sums, made anew for each question.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { Fingerprint, Sibling } from '../../contract/stalls.ts'
import { homeOf, rootOf, type IncidentRecord } from '../homes.ts'
import { COMPLETED_LATE, MOVED_ON } from './stall-writer.ts'

export type Row = Record<string, SQLOutputValue>

/** Absent versions are '', as in the tables they are joined with. */
const TABLES = `
  CREATE TEMP TABLE part (
    home TEXT NOT NULL, fingerprint TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (fingerprint, version)
  ) WITHOUT ROWID;
  CREATE INDEX temp.part_home ON part (home);
  CREATE TEMP TABLE arranged AS SELECT * FROM incident LIMIT 0;`

/** Every incident there is: a `SELECT` over rows of `incident`. */
const INCIDENTS = `SELECT * FROM incident WHERE fingerprint NOT IN (SELECT fingerprint FROM temp.part)
  UNION ALL SELECT * FROM temp.arranged`

/** More nobody reads through who gave the beginning of a name. */
const HOMES_MAX = 20

type Table = 'stall' | 'incident_version'
/** A table, narrowed to the rows of the incident `?1`: what follows `FROM`, and goes on with `AND`. */
type From = (table: Table) => string

const AS_WRITTEN: From = (table) => `${table} WHERE fingerprint = ?1`
/** Each row of its fingerprints once, by the table's own index, then where its version belongs. */
const AS_ARRANGED: From = (table) => `${table} CROSS JOIN temp.part USING (fingerprint, version)
  WHERE ${table}.fingerprint IN (SELECT fingerprint FROM temp.part WHERE home = ?1) AND part.home = ?1`

export interface IncidentHomes {
  readonly records: ReadonlyMap<Fingerprint, IncidentRecord>
  learn(records: readonly (readonly [Fingerprint, IncidentRecord])[]): void
  /** Stalls are written or forgotten. */
  touched(): void
  /** Before each question. */
  settle(): void
  readonly incidents: string
  /** @returns what reads of one incident, whether it was arranged or not */
  ofEach(write: (from: From) => string): (fingerprint: Fingerprint, ...values: SQLInputValue[]) => Row[]
  /** By its fingerprint or the beginning of it, also of one that was merged into another; null when several begin so. */
  find(id: string): Row | null
  /** All that begin so, where their stalls are now; `HOMES_MAX` at most. */
  findAll(beginning: string): Row[]
  /** The rows of those that were merged into it. */
  merged(home: Fingerprint): readonly Row[]
  siblings(home: Fingerprint): readonly Sibling[]
}

export function prepareHomes(database: DatabaseSync): IncidentHomes {
  database.exec(TABLES)
  const records = new Map<Fingerprint, IncidentRecord>()
  let families = familiesOf(records)
  let isSettled = true
  const row = database.prepare('SELECT * FROM incident WHERE fingerprint = ?')
  const versionsOf = database.prepare('SELECT version FROM incident_version WHERE fingerprint = ?')
  const addPart = database.prepare('INSERT INTO temp.part (home, fingerprint, version) VALUES (?, ?, ?)')
  const homesNow = database.prepare('SELECT DISTINCT home FROM temp.part')
  const sumUp = database.prepare(
    `SELECT count(*) AS stalls, sum(ended_at IS NULL) AS standing, count(DISTINCT user_id) AS users,
       count(DISTINCT session_id) AS sessions, sum(ending & ${MOVED_ON} > 0) AS recovered,
       sum(ending & ${COMPLETED_LATE} > 0) AS late, min(began_at) AS first_at, version AS first_version
     FROM ${AS_ARRANGED('stall')}`,
  )
  const lastAt = database.prepare(`SELECT max(began_at) AS at FROM ${AS_ARRANGED('stall')}`)
  const begins = "fingerprint >= ?1 AND fingerprint < ?1 || 'g'"
  const byName = database.prepare(`SELECT * FROM (${INCIDENTS}) WHERE ${begins} AND stalls > 0 LIMIT ${HOMES_MAX}`)
  const byOldName = database.prepare(`SELECT fingerprint FROM incident WHERE ${begins} LIMIT ${HOMES_MAX}`)
  const sumOfHome = database.prepare(`SELECT stalls FROM (${INCIDENTS}) WHERE fingerprint = ? AND stalls > 0`)

  /** The row whose ingredients a home is known by: its own, or that of what it was split off from. */
  const leadOf = (home: Fingerprint): Row | undefined => {
    const from = records.get(home)?.splitFrom
    return from ? leadOf(from.fingerprint) : row.get(home)
  }

  const writeArranged = (home: Fingerprint): void => {
    const sums = sumUp.get(home)
    const lead = leadOf(home)
    if (sums === undefined || sums['stalls'] === 0 || lead === undefined) return
    // When an incident was first seen is kept for longer than its first stall.
    const isFirstOfLead = homeOf(records, String(lead['fingerprint']), String(lead['first_version']) || null) === home
    const first = isFirstOfLead && Number(lead['first_at']) < Number(sums['first_at']) ? lead : sums
    const arranged: Row = {
      ...lead,
      ...sums,
      fingerprint: home,
      first_at: first['first_at'] ?? null,
      first_version: first['first_version'] ?? null,
      last_at: lastAt.get(home)?.['at'] ?? null,
    }
    const columns = Object.keys(arranged)
    database
      .prepare(`INSERT INTO temp.arranged (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
      .run(...Object.values(arranged))
  }

  const findAll = (beginning: string): Row[] => {
    const found = byName.all(beginning)
    if (found.length > 0) return found
    const roots = new Set(byOldName.all(beginning).map(({ fingerprint }) => rootOf(records, String(fingerprint))))
    return [...roots].flatMap((root): Row[] => byName.all(root).slice(0, 1))
  }

  return {
    records,
    incidents: INCIDENTS,

    learn(news) {
      for (const [fingerprint, record] of news) records.set(fingerprint, record)
      isSettled = false
    },

    touched: () => void (isSettled = false),

    settle() {
      if (isSettled) return
      isSettled = true
      database.exec('DELETE FROM temp.part; DELETE FROM temp.arranged')
      for (const fingerprint of arrangedOf(records))
        for (const { version } of versionsOf.all(fingerprint))
          addPart.run(homeOf(records, fingerprint, String(version) || null), fingerprint, String(version))
      for (const { home } of homesNow.all()) writeArranged(String(home))
      families = familiesOf(records)
    },

    ofEach(write) {
      const [written, arranged] = [database.prepare(write(AS_WRITTEN)), database.prepare(write(AS_ARRANGED))]
      const isArranged = database.prepare('SELECT 1 FROM temp.part WHERE home = ? LIMIT 1')
      return (fingerprint, ...values) =>
        (isArranged.get(fingerprint) === undefined ? written : arranged).all(fingerprint, ...values)
    },

    find(id) {
      const [found, other] = findAll(id)
      return found === undefined || other !== undefined ? null : found
    },

    findAll,

    merged: (home) =>
      [...records].flatMap(([fingerprint, { mergedInto }]) => {
        const lead = mergedInto === home ? leadOf(fingerprint) : undefined
        return lead === undefined ? [] : [{ ...lead, fingerprint }]
      }),

    siblings(home) {
      const family = families.get(originOf(records, home)) ?? []
      return family
        .filter(({ fingerprint }) => fingerprint !== home)
        .map((part) => ({ ...part, stalls: Number(sumOfHome.get(part.fingerprint)?.['stalls'] ?? 0) }))
        .filter(({ stalls }) => stalls > 0)
        .sort((a, b) => b.stalls - a.stalls)
    },
  }
}

/** Those whose stalls may belong elsewhere by now. */
function arrangedOf(records: ReadonlyMap<Fingerprint, IncidentRecord>): ReadonlySet<Fingerprint> {
  const links = [...records].flatMap(([fingerprint, { mergedInto, splitFrom }]) => [
    ...(mergedInto === null ? [] : [fingerprint, mergedInto]),
    ...(splitFrom === null ? [] : [splitFrom.fingerprint]),
  ])
  return new Set(links)
}

/** What was split off, by where it was split off from; each family with what stayed. */
function familiesOf(records: ReadonlyMap<Fingerprint, IncidentRecord>) {
  const families = new Map<Fingerprint, { fingerprint: Fingerprint; version: string | null }[]>()
  for (const [fingerprint, { splitFrom }] of records) {
    if (splitFrom === null) continue
    const origin = originOf(records, fingerprint)
    const family = families.get(origin) ?? [{ fingerprint: rootOf(records, origin), version: null }]
    family.push({ fingerprint: rootOf(records, fingerprint), version: splitFrom.version })
    families.set(origin, family)
  }
  return families
}

function originOf(records: ReadonlyMap<Fingerprint, IncidentRecord>, fingerprint: Fingerprint): Fingerprint {
  const from = records.get(fingerprint)?.splitFrom
  return from ? originOf(records, from.fingerprint) : fingerprint
}
