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

/** Older stalls say neither. `ending` is made of the bits below. */
export const STALL_ENDINGS = `
  ALTER TABLE stall ADD COLUMN session_id TEXT;
  ALTER TABLE stall ADD COLUMN ending INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE incident ADD COLUMN sessions INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE incident ADD COLUMN recovered INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE incident ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE incident_session (
    fingerprint TEXT NOT NULL, session_id TEXT NOT NULL, stalls INTEGER NOT NULL, PRIMARY KEY (fingerprint, session_id)
  ) WITHOUT ROWID, STRICT;`

/** The run moved on by itself; and it completed after all. */
export const MOVED_ON = 1
export const COMPLETED_LATE = 2

interface StallRow {
  readonly no: number
  readonly fingerprint: Fingerprint
  readonly version: string
  readonly user_id: string | null
  readonly session_id: string | null
  readonly began_at: Instant
  readonly ended_at: Instant | null
  readonly ending: number
}

type Counted = Omit<StallRow, 'no'>

const COLUMNS = 'no, fingerprint, version, user_id, session_id, began_at, ended_at, ending'

export interface StallWriter {
  note(word: StallWord): void
  /** Write what was noted into the incidents. */
  flush(): void
  /** What was noted will not be written. */
  drop(): void
}

export function prepareStallWriter(database: DatabaseSync): StallWriter {
  const episode = database.prepare(
    `SELECT ${COLUMNS} FROM stall
     WHERE run_key = ?1 AND run_id = ?2 AND (ended_at IS NULL OR (began_at <= ?3 AND ended_at >= ?3))
     ORDER BY no DESC LIMIT 1`,
  )
  const latest = database.prepare(
    `SELECT ${COLUMNS} FROM stall WHERE run_key = ?1 AND run_id = ?2 ORDER BY no DESC LIMIT 1`,
  )
  const insert = database.prepare(
    'INSERT INTO stall (run_id, run_key, fingerprint, version, user_id, session_id, began_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const update = database.prepare(
    'UPDATE stall SET fingerprint = ?, version = ?, user_id = ?, session_id = ?, ended_at = ?, ending = ? WHERE no = ?',
  )
  const tally = prepareTally(database)

  const change = (found: StallRow, now: Counted): void => {
    tally.add(found, -1)
    update.run(now.fingerprint, now.version, now.user_id, now.session_id, now.ended_at, now.ending, found.no)
    tally.add(now, 1)
  }

  const stands = (runId: string, since: Instant, { fingerprint, ingredients, ...stall }: StallFacts): void => {
    const found = episode.get(keyOf(runId), runId, since) as StallRow | undefined
    const { userId, sessionId } = stall
    const who = { version: stall.version ?? '', user_id: userId, session_id: sessionId }
    const now = { fingerprint, ...who, began_at: found?.began_at ?? since, ended_at: null, ending: 0 }
    tally.name(fingerprint, ingredients, now)
    if (found !== undefined) return change(found, now)
    insert.run(runId, keyOf(runId), fingerprint, now.version, userId, sessionId, since)
    tally.add(now, 1)
  }

  return {
    note(word) {
      if (word.kind === 'stands') return stands(word.runId, word.since, word.stall)
      if (word.kind === 'late') {
        const last = latest.get(keyOf(word.runId), word.runId) as StallRow | undefined
        if (last !== undefined && last.ended_at !== null)
          change(last, { ...last, ending: last.ending | COMPLETED_LATE })
        return
      }
      const found = episode.get(keyOf(word.runId), word.runId, word.at) as StallRow | undefined
      if (found === undefined || found.ended_at !== null) return
      change(found, { ...found, ended_at: word.at, ending: word.hasMovedOn ? MOVED_ON : 0 })
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
    `UPDATE incident SET stalls = stalls + ?, standing = standing + ?, recovered = recovered + ?, late = late + ?
     WHERE fingerprint = ?`,
  )
  const dropIncident = database.prepare('DELETE FROM incident WHERE fingerprint = ? AND stalls <= 0')
  const seenAt = database.prepare(
    `UPDATE incident SET first_version = iif(?2 < first_at, ?3, first_version), first_at = min(first_at, ?2),
       last_at = max(last_at, ?2) WHERE fingerprint = ?1`,
  )
  const addVersion = upsert(database, 'incident_version', ['fingerprint', 'version'])
  const addCount = upsert(database, 'stall_count', ['level', 'at', 'fingerprint', 'version'])
  const dropVersion = database.prepare(
    'DELETE FROM incident_version WHERE fingerprint = ? AND version = ? AND stalls <= 0',
  )
  const users = prepareEachOnce(database, 'user')
  const sessions = prepareEachOnce(database, 'session')

  const incidents = new Map<Fingerprint, { stalls: number; standing: number; recovered: number; late: number }>()
  const versions = new Map<string, number>()
  const counts = new Map<string, number>()
  const drop = (): void => {
    for (const part of [incidents, versions, counts, users.sums, sessions.sums]) part.clear()
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
      const { fingerprint, version, began_at: beganAt } = stall
      const sums = incidents.get(fingerprint) ?? { stalls: 0, standing: 0, recovered: 0, late: 0 }
      incidents.set(fingerprint, sums)
      sums.stalls += sign
      if (stall.ended_at === null) sums.standing += sign
      if (stall.ending & MOVED_ON) sums.recovered += sign
      if (stall.ending & COMPLETED_LATE) sums.late += sign
      if (stall.user_id !== null) raise(users.sums, [fingerprint, stall.user_id], sign)
      if (stall.session_id !== null) raise(sessions.sums, [fingerprint, stall.session_id], sign)
      raise(versions, [fingerprint, version], sign)
      if (isForgetting) return
      for (const { no, bucketMs } of TREND_LEVELS)
        raise(counts, [no, bucketOf(beganAt, bucketMs), fingerprint, version], sign)
    },

    flush(): void {
      for (const [fingerprint, { stalls, standing, recovered, late }] of incidents) {
        addIncident.run(stalls, standing, recovered, late, fingerprint)
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
      users.flush()
      sessions.flush()
      drop()
    },

    drop,
  }
}

/** How many different users, or sessions, an incident has: each is held with its stalls, and counted while it has any. */
function prepareEachOnce(database: DatabaseSync, whose: 'user' | 'session') {
  const [table, column] = [`incident_${whose}`, `${whose}_id`]
  const isHeld = database.prepare(`SELECT 1 FROM ${table} WHERE fingerprint = ? AND ${column} = ?`)
  const add = upsert(database, table, ['fingerprint', column])
  const remove = database.prepare(`DELETE FROM ${table} WHERE fingerprint = ? AND ${column} = ? AND stalls <= 0`)
  const count = database.prepare(`UPDATE incident SET ${whose}s = ${whose}s + ? WHERE fingerprint = ?`)
  const sums = new Map<string, number>()
  return {
    sums,
    flush(): void {
      for (const [key, sign] of changed(sums)) {
        const parts = JSON.parse(key) as [string, string]
        const wasHeld = isHeld.get(...parts) !== undefined
        add.run(...parts, sign)
        if (sign < 0) remove.run(...parts)
        const isNow = isHeld.get(...parts) !== undefined
        if (wasHeld !== isNow) count.run(isNow ? 1 : -1, parts[0])
      }
    },
  }
}

function raise(map: Map<string, number>, parts: readonly unknown[], sign: number): void {
  const key = JSON.stringify(parts)
  map.set(key, (map.get(key) ?? 0) + sign)
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
  const old = database.prepare(`SELECT ${COLUMNS} FROM stall WHERE began_at < ?`)
  for (const stall of old.iterate(before)) tally.add(stall as unknown as Counted, -1)
  tally.flush()
  database.prepare('DELETE FROM stall WHERE began_at < ?').run(before)
}
