/**
 * Stalls and the incidents they make up. A stall is found again by its run and by when it began, so that what is read
 * once more after a restart is not counted once more. What a batch adds to an incident is summed up first.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Fingerprint } from '../../contract/stalls.ts'
import type { Instant } from '../../contract/units.ts'
import type { StallFacts, StallWord } from '../stall.ts'
import { keyOf } from './key-of.ts'
import { bucketOf, TREND_LEVELS } from './trend-levels.ts'

/** Absent versions are '' where they are part of a key. Incidents stay when their stalls are forgotten. */
export const STALL_TABLES = `
  CREATE TABLE stall (
    no INTEGER PRIMARY KEY, run_id TEXT NOT NULL, run_key INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    version TEXT NOT NULL, user_id TEXT, began_at REAL NOT NULL, ended_at REAL
  ) STRICT;
  CREATE INDEX stall_run ON stall (run_key);
  CREATE INDEX stall_began ON stall (began_at);
  CREATE INDEX stall_fingerprint ON stall (fingerprint, began_at);
  CREATE TABLE incident (
    fingerprint TEXT PRIMARY KEY, environment TEXT, agent TEXT, phase TEXT, step TEXT, cause TEXT, code TEXT,
    stalls INTEGER NOT NULL DEFAULT 0, standing INTEGER NOT NULL DEFAULT 0, users INTEGER NOT NULL DEFAULT 0,
    first_at REAL NOT NULL, first_version TEXT NOT NULL, last_at REAL NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE incident_user (
    fingerprint TEXT NOT NULL, user_id TEXT NOT NULL, stalls INTEGER NOT NULL, PRIMARY KEY (fingerprint, user_id)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE incident_version (
    fingerprint TEXT NOT NULL, version TEXT NOT NULL, stalls INTEGER NOT NULL, PRIMARY KEY (fingerprint, version)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE stall_count (
    level INTEGER NOT NULL, at INTEGER NOT NULL, fingerprint TEXT NOT NULL, version TEXT NOT NULL,
    stalls INTEGER NOT NULL, PRIMARY KEY (level, at, fingerprint, version)
  ) WITHOUT ROWID, STRICT;`

interface StallRow {
  readonly no: number
  readonly fingerprint: Fingerprint
  readonly version: string
  readonly user_id: string | null
  readonly began_at: Instant
  readonly ended_at: Instant | null
}

type Counted = Omit<StallRow, 'no'>

export interface StallWriter {
  note(word: StallWord): void
  /** Write what was noted into the incidents. */
  flush(): void
  /** What was noted will not be written. */
  drop(): void
}

export function prepareStallWriter(database: DatabaseSync): StallWriter {
  const episode = database.prepare(
    `SELECT no, fingerprint, version, user_id, began_at, ended_at FROM stall
     WHERE run_key = ?1 AND run_id = ?2 AND (ended_at IS NULL OR (began_at <= ?3 AND ended_at >= ?3))
     ORDER BY no DESC LIMIT 1`,
  )
  const insert = database.prepare(
    'INSERT INTO stall (run_id, run_key, fingerprint, version, user_id, began_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const update = database.prepare(
    'UPDATE stall SET fingerprint = ?, version = ?, user_id = ?, ended_at = ? WHERE no = ?',
  )
  const tally = prepareTally(database)

  const stands = (runId: string, since: Instant, { fingerprint, ingredients, version, userId }: StallFacts): void => {
    const found = episode.get(keyOf(runId), runId, since) as StallRow | undefined
    const beganAt = found?.began_at ?? since
    const now = { fingerprint, version: version ?? '', user_id: userId, began_at: beganAt, ended_at: null }
    tally.name(fingerprint, ingredients, now)
    if (found === undefined) insert.run(runId, keyOf(runId), fingerprint, now.version, userId, since)
    else {
      tally.add(found, -1)
      update.run(fingerprint, now.version, userId, null, found.no)
    }
    tally.add(now, 1)
  }

  return {
    note(word) {
      if (word.kind === 'stands') return stands(word.runId, word.since, word.stall)
      const found = episode.get(keyOf(word.runId), word.runId, word.at) as StallRow | undefined
      if (found === undefined || found.ended_at !== null) return
      tally.add(found, -1)
      update.run(found.fingerprint, found.version, found.user_id, word.at, found.no)
      tally.add({ ...found, ended_at: word.at }, 1)
    },
    flush: tally.flush,
    drop: tally.drop,
  }
}

/**
 * Sums by incident, user, version and bucket.
 * @param isForgetting stalls are too old to be kept; the trends, and when an incident was first seen, are kept for longer
 */
function prepareTally(database: DatabaseSync, isForgetting = false) {
  const name = database.prepare(
    `INSERT OR IGNORE INTO incident (fingerprint, environment, agent, phase, step, cause, code, first_at, first_version, last_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const addIncident = database.prepare(
    'UPDATE incident SET stalls = stalls + ?, standing = standing + ? WHERE fingerprint = ?',
  )
  const dropIncident = database.prepare('DELETE FROM incident WHERE fingerprint = ? AND stalls <= 0')
  const seenAt = database.prepare(
    `UPDATE incident SET first_version = iif(?2 < first_at, ?3, first_version), first_at = min(first_at, ?2),
       last_at = max(last_at, ?2) WHERE fingerprint = ?1`,
  )
  const addVersion = upsert(database, 'incident_version', ['fingerprint', 'version'])
  const addUser = upsert(database, 'incident_user', ['fingerprint', 'user_id'])
  const addCount = upsert(database, 'stall_count', ['level', 'at', 'fingerprint', 'version'])
  const isHeld = database.prepare('SELECT 1 FROM incident_user WHERE fingerprint = ? AND user_id = ?')
  const dropUser = database.prepare('DELETE FROM incident_user WHERE fingerprint = ? AND user_id = ? AND stalls <= 0')
  const dropVersion = database.prepare(
    'DELETE FROM incident_version WHERE fingerprint = ? AND version = ? AND stalls <= 0',
  )
  const addUsers = database.prepare('UPDATE incident SET users = users + ? WHERE fingerprint = ?')

  const incidents = new Map<Fingerprint, { stalls: number; standing: number }>()
  const users = new Map<string, number>()
  const versions = new Map<string, number>()
  const counts = new Map<string, number>()
  const raise = (map: Map<string, number>, parts: readonly unknown[], sign: number): void => {
    const key = JSON.stringify(parts)
    map.set(key, (map.get(key) ?? 0) + sign)
  }
  const drop = (): void => {
    for (const map of [incidents, users, versions, counts]) map.clear()
  }

  return {
    /** What an incident is made of, and when one of its stalls began. */
    name(fingerprint: Fingerprint, of: StallFacts['ingredients'], stall: Counted): void {
      const { environment, agent, phase, step, cause, code } = of
      const { began_at: at, version } = stall
      name.run(fingerprint, environment, agent, phase, step, cause, code && JSON.stringify(code), at, version, at)
      seenAt.run(fingerprint, at, version)
    },

    add(stall: Counted, sign: 1 | -1): void {
      const { fingerprint, version, user_id: userId, began_at: beganAt } = stall
      const sums = incidents.get(fingerprint) ?? { stalls: 0, standing: 0 }
      incidents.set(fingerprint, sums)
      sums.stalls += sign
      if (stall.ended_at === null) sums.standing += sign
      if (userId !== null) raise(users, [fingerprint, userId], sign)
      raise(versions, [fingerprint, version], sign)
      if (isForgetting) return
      for (const { no, bucketMs } of TREND_LEVELS)
        raise(counts, [no, bucketOf(beganAt, bucketMs), fingerprint, version], sign)
    },

    flush(): void {
      for (const [fingerprint, { stalls, standing }] of incidents) {
        addIncident.run(stalls, standing, fingerprint)
        // Its only stall turned out to be of another one.
        if (stalls < 0 && !isForgetting) dropIncident.run(fingerprint)
      }
      for (const [key, sign] of changed(counts))
        addCount.run(...(JSON.parse(key) as [number, number, string, string]), sign)
      for (const [key, sign] of changed(versions)) {
        const parts = JSON.parse(key) as [string, string]
        addVersion.run(...parts, sign)
        if (sign < 0) dropVersion.run(...parts)
      }
      for (const [key, sign] of changed(users)) {
        const parts = JSON.parse(key) as [string, string]
        const wasHeld = isHeld.get(...parts) !== undefined
        addUser.run(...parts, sign)
        if (sign < 0) dropUser.run(...parts)
        const isNow = isHeld.get(...parts) !== undefined
        if (wasHeld !== isNow) addUsers.run(isNow ? 1 : -1, parts[0])
      }
      drop()
    },

    drop,
  }
}

function upsert(database: DatabaseSync, table: string, key: readonly string[]) {
  return database.prepare(
    `INSERT INTO ${table} (${key.join(', ')}, stalls) VALUES (${key.map(() => '?').join(', ')}, ?)
     ON CONFLICT DO UPDATE SET stalls = stalls + excluded.stalls`,
  )
}

function changed(sums: ReadonlyMap<string, number>): [string, number][] {
  return [...sums].filter(([, sum]) => sum !== 0)
}

/** Forget the stalls that began before a moment; when incidents were first seen stays known. */
export function forgetStalls(database: DatabaseSync, before: Instant): void {
  const tally = prepareTally(database, true)
  const old = database.prepare('SELECT fingerprint, version, user_id, began_at, ended_at FROM stall WHERE began_at < ?')
  for (const stall of old.iterate(before)) tally.add(stall as unknown as Counted, -1)
  tally.flush()
  database.prepare('DELETE FROM stall WHERE began_at < ?').run(before)
}
