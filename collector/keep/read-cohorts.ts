/** Groups of runs out of the history, for a thread that only reads: the one that writes is not kept waiting. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { COHORT_RUNS_MAX } from '../../contract/compare.ts'
import type { Fingerprint } from '../../contract/stalls.ts'
import type { Instant } from '../../contract/units.ts'
import type { Place } from '../entry.ts'
import { homeOf, originsOf, type Arranged } from '../homes.ts'
import type { RunQuery, StoredRun } from '../stored-run.ts'
import { openForReading } from './database.ts'
import { keyOf } from './key-of.ts'
import { conditionsOf } from './list-runs.ts'
import { placesOf } from './places-of.ts'
import { readPage } from './read-page.ts'

export interface FoundCohort {
  /** Runs that fit, `COHORT_RUNS_MAX` at most. */
  readonly total: number
  readonly isCut: boolean
  /** When the first and the last of them began; null when none fits. */
  readonly from: Instant | null
  readonly to: Instant | null
  /** In an order that has nothing to do with them and is the same each time; read as they are asked for. */
  runs(offset: number, count: number): StoredRun[]
  newest(): StoredRun | null
}

export interface CohortReader {
  ofQuery(query: RunQuery): FoundCohort
  /** Of an incident as people arranged it. */
  ofStalls(home: Fingerprint, arranged: Arranged): FoundCohort
  ofRun(id: string): FoundCohort
  places(keys: readonly string[]): Place[]
  /** The version in which runs of an agent began before the first of this one; null when there is none. */
  versionBefore(agent: string, version: string): string | null
}

interface RunKey {
  readonly no: number
  readonly id_key: number
  readonly started_at: Instant
}

/** Absent versions are ''. */
interface StallRow extends RunKey {
  readonly fingerprint: Fingerprint
  readonly version: string
}

/** @throws when there is no history at this path */
export function openCohortReader(path: string): CohortReader {
  const database = openForReading(path)
  const ofStalls = database.prepare(
    `SELECT DISTINCT run.no, run.id_key, run.started_at, stall.fingerprint, stall.version FROM stall
     JOIN run ON run.id_key = stall.run_key AND run.id = stall.run_id
     WHERE stall.fingerprint IN (SELECT value FROM json_each(?)) ORDER BY run.started_at DESC, run.no DESC`,
  )
  const ofRun = database.prepare('SELECT no, id_key, started_at FROM run WHERE id_key = ? AND id = ?')
  const firstOf = database.prepare('SELECT min(started_at) AS at FROM run WHERE version = ? AND agent = ?')
  const before = database.prepare(
    `SELECT version FROM run INDEXED BY run_agent WHERE agent = ? AND started_at < ? AND version <> ?
     ORDER BY started_at DESC LIMIT 1`,
  )
  const found = (rows: unknown[]) => cohortOf(database, rows as RunKey[])
  return {
    ofQuery(query) {
      const { where, values } = conditionsOf({ ...query, cursor: undefined })
      const list = `SELECT no, id_key, started_at FROM run ${where} ORDER BY started_at DESC, no DESC LIMIT ?`
      return found(database.prepare(list).all(...(values satisfies SQLInputValue[]), COHORT_RUNS_MAX + 1))
    },
    ofStalls(home, arranged) {
      const homes = new Map(arranged)
      const runs = new Map<number, RunKey>()
      for (const row of ofStalls.iterate(JSON.stringify(originsOf(arranged, home)))) {
        const { fingerprint, version, ...key } = row as unknown as StallRow
        if (homeOf(homes, fingerprint, version || null) === home) runs.set(key.no, key)
        if (runs.size > COHORT_RUNS_MAX) break
      }
      return found([...runs.values()])
    },
    ofRun: (id) => found(ofRun.all(keyOf(id), id)),
    places: (keys) => placesOf(database, keys),
    versionBefore(agent, version) {
      const { at } = firstOf.get(version, agent) as { at: Instant | null }
      const row = at === null ? undefined : (before.get(agent, at, version) as { version: string } | undefined)
      return row?.version ?? null
    },
  }
}

/** @param rows the newest first, one more than are looked at when there are more */
function cohortOf(database: DatabaseSync, rows: readonly RunKey[]): FoundCohort {
  const looked = rows.slice(0, COHORT_RUNS_MAX)
  const mixed = looked
    .map(({ no, id_key: key }) => ({ no, rank: mix(key) }))
    .sort((x, y) => x.rank - y.rank || x.no - y.no)
  const read = (numbers: readonly number[]) =>
    database
      .prepare('SELECT page.text FROM json_each(?) JOIN page ON page.no = json_each.value ORDER BY json_each.key')
      .all(JSON.stringify(numbers))
      .map(({ text }) => readPage(String(text)))
  return {
    total: looked.length,
    isCut: rows.length > looked.length,
    from: looked.at(-1)?.started_at ?? null,
    to: looked[0]?.started_at ?? null,
    runs: (offset, count) => read(mixed.slice(offset, offset + count).map(({ no }) => no)),
    newest: () => read(looked.slice(0, 1).map(({ no }) => no))[0] ?? null,
  }
}

/** Ids that differ in their last digit have keys that do; this spreads them. The finaliser of MurmurHash3. */
function mix(key: number): number {
  let bits = (key >>> 0) ^ Math.floor(key / 2 ** 32)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
