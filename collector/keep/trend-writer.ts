/** The trends, kept up with every run that is saved: what a batch changes is summed up first, then written once. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { TREND_COUNTS } from '../../contract/trends.ts'
import type { Instant } from '../../contract/units.ts'
import type { StoredRun } from '../stored-run.ts'
import { isOwnRun } from '../test-run.ts'
import { forgetDeployList } from './list-deploys.ts'
import { readShare, shareOf, writeShare, type RunShare } from './run-share.ts'
import { readBins, writeBins } from './trend-bins.ts'
import { bucketOf, TREND_LEVELS } from './trend-levels.ts'

/** `share`: what the run of that number has added. `grp`: runs alike in agent, version and environment. `ended` is where they ended, all else where they started. */
export const TREND_TABLES = `
  CREATE TABLE share (no INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE trend_group (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, agent TEXT, version TEXT, environment TEXT,
    open INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE trend (
    level INTEGER NOT NULL, at INTEGER NOT NULL, grp INTEGER NOT NULL,
    ${TREND_COUNTS.map((count) => `${count} INTEGER NOT NULL,`).join(' ')} ended INTEGER NOT NULL, times BLOB NOT NULL,
    PRIMARY KEY (level, at, grp)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE deploy (
    service TEXT NOT NULL, environment TEXT NOT NULL, version TEXT NOT NULL, first_at REAL NOT NULL,
    PRIMARY KEY (service, environment, version)
  ) WITHOUT ROWID, STRICT;`

/** Senders choose agents, versions and environments; runs of more kinds than this are counted together. */
const GROUPS_MAX = 2_000
const REST_KEY = '__overflow__'
const DEPLOYS_MAX = 10_000

/** What a batch changes in one bucket of one group. */
interface Change {
  readonly counts: number[]
  readonly bins: Map<number, number>
}

export interface TrendWriter {
  /** A run is saved under this number. */
  note(no: number, run: StoredRun): void
  /** Write what was noted. */
  flush(): void
  /** What was noted will not be written. */
  drop(): void
}

const ENDED = TREND_COUNTS.length

export function prepareTrendWriter(database: DatabaseSync): TrendWriter {
  const groupOf = prepareGroups(database)
  const addOpen = database.prepare('UPDATE trend_group SET open = open + ? WHERE id = ?')
  const columns = [...TREND_COUNTS, 'ended']
  const find = database.prepare(`SELECT ${columns.join(', ')}, times FROM trend WHERE level = ? AND at = ? AND grp = ?`)
  find.setReturnArrays(true)
  const put = database.prepare(
    `INSERT OR REPLACE INTO trend (level, at, grp, ${columns.join(', ')}, times)
     VALUES (?, ?, ?, ${columns.map(() => '?').join(', ')}, ?)`,
  )
  const findShare = database.prepare('SELECT text FROM share WHERE no = ?')
  const putShare = database.prepare('INSERT OR REPLACE INTO share (no, text) VALUES (?, ?)')
  const addDeploy = database.prepare(
    `INSERT OR IGNORE INTO deploy (service, environment, version, first_at)
     SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM deploy) < ${DEPLOYS_MAX}`,
  )

  /** By group, level and bucket. */
  const changes = new Map<string, Map<number, Map<Instant, Change>>>()
  const opened = new Map<string, number>()
  /** By service, environment and version: when it was first seen in this batch. */
  const seen = new Map<string, Instant>()

  const changeAt = (group: string, level: number, at: Instant): Change => {
    const levels = getOr(changes, group, () => new Map<number, Map<Instant, Change>>())
    const buckets = getOr(levels, level, () => new Map<Instant, Change>())
    return getOr(buckets, at, () => ({ counts: columns.map(() => 0), bins: new Map<number, number>() }))
  }

  const add = ({ group, startedAt, endedAt, counts, bins }: RunShare, sign: 1 | -1): void => {
    const key = JSON.stringify(group)
    for (const { no, bucketMs } of TREND_LEVELS) {
      const start = changeAt(key, no, bucketOf(startedAt, bucketMs))
      for (let at = 0; at < counts.length; at++) start.counts[at] = (start.counts[at] ?? 0) + sign * (counts[at] ?? 0)
      for (const bin of bins) start.bins.set(bin, (start.bins.get(bin) ?? 0) + sign)
      if (endedAt === null) continue
      const end = changeAt(key, no, bucketOf(endedAt, bucketMs))
      end.counts[ENDED] = (end.counts[ENDED] ?? 0) + sign
    }
    if (endedAt === null) opened.set(key, (opened.get(key) ?? 0) + sign)
  }

  const write = (level: number, at: Instant, group: number, { counts, bins }: Change): void => {
    if (counts.every((count) => count === 0) && [...bins.values()].every((count) => count === 0)) return
    const held = find.get(level, at, group) as unknown as [...number[], Uint8Array] | undefined
    const times = held === undefined ? new Map<number, number>() : readBins(held.at(-1) as Uint8Array)
    for (const [bin, count] of bins) times.set(bin, (times.get(bin) ?? 0) + count)
    put.run(level, at, group, ...counts.map((count, column) => count + Number(held?.[column] ?? 0)), writeBins(times))
  }

  const drop = (): void => {
    changes.clear()
    opened.clear()
    seen.clear()
  }

  return {
    note(no, run) {
      const { row } = run
      if (isOwnRun(row)) return
      const share = shareOf(run)
      const text = writeShare(share)
      const before = (findShare.get(no) as { text: string } | undefined)?.text
      // Most of what is saved is progress of a run that goes on: nothing of it is in the trends.
      if (before === text) return
      putShare.run(no, text)
      if (before !== undefined) add(readShare(before), -1)
      add(share, 1)
      if (row.service === null || row.version === null) return
      const key = JSON.stringify([row.service, row.environment ?? '', row.version])
      seen.set(key, Math.min(seen.get(key) ?? Infinity, share.startedAt))
    },

    flush() {
      for (const [key, levels] of changes) {
        const group = groupOf(key)
        for (const [level, buckets] of levels) for (const [at, change] of buckets) write(level, at, group, change)
      }
      for (const [key, count] of opened) if (count !== 0) addOpen.run(count, groupOf(key))
      for (const [key, at] of seen) {
        const { changes: added } = addDeploy.run(...(JSON.parse(key) as [string, string, string]), at)
        if (added !== 0) forgetDeployList(database)
      }
      drop()
    },

    drop,
  }
}

/** @returns the number of a group, which it is given when it is met for the first time */
function prepareGroups(database: DatabaseSync): (key: string) => number {
  const find = database.prepare('SELECT id FROM trend_group WHERE key = ?')
  const size = database.prepare('SELECT count(*) AS size FROM trend_group')
  const insert = database.prepare('INSERT INTO trend_group (key, agent, version, environment) VALUES (?, ?, ?, ?)')
  const idOf = (key: string): number | null => (find.get(key) as { id: number } | undefined)?.id ?? null
  return (key) => {
    const known = idOf(key)
    if (known !== null) return known
    const isFull = (size.get() as { size: number }).size >= GROUPS_MAX
    const taken = isFull ? REST_KEY : key
    const parts = isFull ? ([REST_KEY, REST_KEY, REST_KEY] as const) : (JSON.parse(key) as (string | null)[])
    const [agent = null, version = null, environment = null] = parts
    return idOf(taken) ?? Number(insert.run(taken, agent, version, environment).lastInsertRowid)
  }
}

function getOr<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}

/** Forget what is older than each level keeps. */
export function forgetTrends(database: DatabaseSync, now: Instant): void {
  for (const { no, keptMs } of TREND_LEVELS) {
    database.prepare('DELETE FROM trend WHERE level = ? AND at < ?').run(no, now - keptMs)
    database.prepare('DELETE FROM stall_count WHERE level = ? AND at < ?').run(no, now - keptMs)
  }
}

/** Runs are forgotten while they are open: nobody will hear how they ended, and they are in flight no more. */
export function forgetOpen(database: DatabaseSync, condition: string, values: readonly SQLInputValue[]): void {
  database
    .prepare(
      `UPDATE trend_group SET open = open - gone.runs FROM (
         SELECT agent, version, environment, count(*) AS runs FROM run
         WHERE ended_at IS NULL AND no IN (SELECT no FROM share) AND ${condition}
         GROUP BY agent, version, environment) AS gone
       WHERE trend_group.agent IS gone.agent AND trend_group.version IS gone.version
         AND trend_group.environment IS gone.environment`,
    )
    .run(...values)
}
