/** The history's tables, read and written. Lives in a worker thread: SQLite answers while it blocks. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Place } from '../entry.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { inTransaction, openDatabase } from './database.ts'
import { OWN_RUNS } from '../test-run.ts'
import type { Batch, Checkpoint, Forgetting, HistoryCalls } from './history-words.ts'
import { keyOf } from './key-of.ts'
import { ANNOUNCED_TABLE, prepareListDeploys, prepareSetAnnounced } from './list-deploys.ts'
import { prepareHomes } from './incident-homes.ts'
import { prepareIncidents } from './list-incidents.ts'
import { listRuns, runsOfTraces } from './list-runs.ts'
import { prepareListValues } from './list-values.ts'
import { prepareLookUp, prepareSpanWriter, SEARCH_TABLES } from './look-up.ts'
import { prepareDeployEffects } from './read-deploy-effects.ts'
import { placesOf } from './places-of.ts'
import { readPage } from './read-page.ts'
import { prepareReadTrends } from './read-trends.ts'
import { RUN_COLUMNS, runValues } from './run-columns.ts'
import { isSorted, listSorted, SORT_INDEX } from './sort-runs.ts'
import { forgetStalls, prepareStallWriter, STALL_ENDINGS, STALL_TABLES } from './stall-writer.ts'
import { forgetOpen, forgetTrends, prepareTrendWriter, TREND_TABLES, type TrendWriter } from './trend-writer.ts'

/**
 * `run` holds only what lists filter and sort by; the JSON text stands in `page`, so that a scan for a rare value reads
 * a hundred bytes a run and not three thousand. Both are numbered in the order in which runs were first heard of: new
 * rows go to the end of the tables and of most indexes, and only the three keys land anywhere. These are numbers
 * (`keyOf`) because a number takes a quarter of the room of an id: more of the index stays in memory.
 */
export const HISTORY_MIGRATIONS = [
  `CREATE TABLE run (
     no INTEGER PRIMARY KEY, id TEXT NOT NULL, id_key INTEGER NOT NULL, rev INTEGER NOT NULL, trace_id TEXT,
     trace_key INTEGER, agent TEXT, service TEXT, version TEXT, environment TEXT, user_id TEXT, session_id TEXT,
     status TEXT NOT NULL, step_phase TEXT, step_name TEXT, started_at REAL NOT NULL, ended_at REAL
   ) STRICT;
   CREATE INDEX run_id ON run (id_key);
   CREATE INDEX run_trace ON run (trace_key) WHERE trace_key IS NOT NULL;
   CREATE INDEX run_started ON run (started_at, no);
   CREATE INDEX run_status ON run (status, started_at, no);
   CREATE INDEX run_agent ON run (agent, started_at, no);
   CREATE INDEX run_version ON run (version, started_at, no);
   CREATE INDEX run_step ON run (started_at, no, step_phase, step_name) WHERE step_phase IS NOT NULL;
   CREATE INDEX run_user ON run (user_id, started_at, no) WHERE user_id IS NOT NULL;
   CREATE TABLE page (no INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
   CREATE TABLE other_id (
     key INTEGER NOT NULL, no INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (key, no, id)
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE piece (
     key INTEGER NOT NULL, segment INTEGER NOT NULL, "offset" INTEGER NOT NULL, length INTEGER NOT NULL,
     PRIMARY KEY (key, segment, "offset")
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE checkpoint (only INTEGER PRIMARY KEY CHECK (only = 1), place TEXT NOT NULL, at REAL NOT NULL, book INTEGER NOT NULL) STRICT;
   CREATE TABLE sheet (book INTEGER NOT NULL, no INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (book, no)) STRICT;
   CREATE TABLE alive (only INTEGER PRIMARY KEY CHECK (only = 1), at REAL NOT NULL) STRICT;`,
  TREND_TABLES + STALL_TABLES,
  SEARCH_TABLES,
  STALL_ENDINGS,
  SORT_INDEX,
] as const

/** Keys land anywhere in their indexes; what does not fit here is read and written again for each. */
const CACHE_KIB = 32 * 1_024
/** Pages of 4 KiB the WAL may hold before they are copied home: a page that changes ten times is copied once. */
const WAL_PAGES = 8_192

type Handlers = {
  readonly [call in keyof HistoryCalls]: (ask: HistoryCalls[call]['ask']) => HistoryCalls[call]['answer']
}

export function openHistoryStore(path: string): Handlers {
  const database = openDatabase(path, HISTORY_MIGRATIONS)
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${WAL_PAGES};${ANNOUNCED_TABLE}`)
  const save = prepareSave(database)
  const homes = prepareHomes(database)
  const incidents = prepareIncidents(database, homes)
  const listDeploys = prepareListDeploys(database)
  const find = database.prepare(
    `SELECT page.text FROM run JOIN page USING (no)
     WHERE (run.id_key = ?2 AND run.id = ?1) OR (run.trace_key = ?2 AND run.trace_id = ?1)
       OR run.no IN (SELECT no FROM other_id WHERE key = ?2 AND other_id.id = ?1)
     ORDER BY run.id = ?1 DESC, run.started_at DESC LIMIT 1`,
  )
  const countRuns = database.prepare('SELECT count(*) AS runs FROM run WHERE started_at >= ? AND started_at < ?')
  const loadCheckpoint = database.prepare('SELECT place, at FROM checkpoint')
  const loadSheet = database.prepare('SELECT text FROM sheet JOIN checkpoint USING (book) WHERE no = ?')
  const loadAlive = database.prepare('SELECT at FROM alive')
  return {
    save(batch) {
      if (batch.stalls.length > 0) incidents.touched()
      return save(batch)
    },
    list: (query) => (isSorted(query) ? listSorted(database, query) : listRuns(database, query)),
    incidents: incidents.list,
    incident: incidents.find,
    arrange: incidents.arrange,
    recurrence: incidents.recurrence,
    trends: prepareReadTrends(database),
    setAnnounced: prepareSetAnnounced(database),
    deploys: ({ from, to }) => listDeploys(from, to),
    deployEffects: prepareDeployEffects(database, homes),
    find: (id) => (find.get(id, keyOf(id)) as { text: string } | undefined)?.text ?? null,
    lookUp: prepareLookUp(database, incidents.named),
    values: prepareListValues(database),
    runsOf: ({ traceIds, query }) => runsOfTraces(database, traceIds, query),
    countRuns: ({ from, to }) => (countRuns.get(from, to) as { runs: number }).runs,
    pieces: (keys) => placesOf(database, keys),
    loadCheckpoint: () => checkpointOf(loadCheckpoint.get()),
    loadSheet: (no) => textOfSheet(loadSheet.get(no)),
    loadAlive: () => (loadAlive.get() as { at: Instant } | undefined)?.at ?? null,
    forget(what) {
      incidents.touched()
      return forget(database, what)
    },
    close() {
      database.close()
      return null
    },
  }
}

// Writing.

function prepareSave(database: DatabaseSync): (batch: Batch) => null {
  const trends = prepareTrendWriter(database)
  const stalls = prepareStallWriter(database)
  const saveRun = prepareSaveRun(database, trends)
  const piece = database.prepare('INSERT OR IGNORE INTO piece (key, segment, "offset", length) VALUES (?, ?, ?, ?)')
  const saveBook = prepareSaveBook(database)
  const alive = database.prepare('INSERT OR REPLACE INTO alive (only, at) VALUES (1, ?)')
  return (batch) => {
    // Losing power may undo rows: they are in the log, and read again from the checkpoint on. The checkpoint itself must
    // hold, because the log before it is dropped; syncing it syncs every row written before it.
    database.exec(`PRAGMA synchronous = ${batch.checkpoint ? 'FULL' : 'NORMAL'}`)
    // Of a batch that failed before nothing is left.
    trends.drop()
    stalls.drop()
    inTransaction(database, () => {
      if (batch.runs !== '') for (const page of batch.runs.split('\n')) saveRun(page)
      for (const word of batch.stalls) stalls.note(word)
      trends.flush()
      stalls.flush()
      const { pieces } = batch
      for (let at = 0; at < pieces.length; at += 4)
        piece.run(pieces[at] ?? 0, pieces[at + 1] ?? 0, pieces[at + 2] ?? 0, pieces[at + 3] ?? 0)
      saveBook(batch)
      if (batch.aliveAt !== null) alive.run(batch.aliveAt)
    })
    return null
  }
}

/** A book is numbered one above the checkpoint that stands; what is left of one that never became a checkpoint goes. */
function prepareSaveBook(database: DatabaseSync): (batch: Pick<Batch, 'sheets' | 'checkpoint'>) => void {
  const latest = database.prepare('SELECT coalesce(max(book), 0) AS book FROM checkpoint')
  const clear = database.prepare('DELETE FROM sheet WHERE book <> ?')
  const sheet = database.prepare('INSERT INTO sheet (book, no, text) VALUES (?, ?, ?)')
  const checkpoint = database.prepare('INSERT OR REPLACE INTO checkpoint (only, place, at, book) VALUES (1, ?, ?, ?)')
  return (batch) => {
    if (batch.sheets.length === 0 && batch.checkpoint === null) return
    const { book } = latest.get() as { book: number }
    for (const { no, text } of batch.sheets) {
      if (no === 0) clear.run(book)
      sheet.run(book + 1, no, zstdCompressSync(text))
    }
    if (batch.checkpoint === null) return
    checkpoint.run(JSON.stringify(batch.checkpoint.place), batch.checkpoint.at, book + 1)
    clear.run(book + 1)
  }
}

/** @returns what saves a page: a `StoredRun` as JSON */
function prepareSaveRun(database: DatabaseSync, trends: TrendWriter): (page: string) => void {
  const known = database.prepare('SELECT no FROM run WHERE id_key = ? AND id = ?')
  const columns = RUN_COLUMNS.join(', ')
  const insert = database.prepare(`INSERT INTO run (${columns}) VALUES (${RUN_COLUMNS.map(() => '?').join(', ')})`)
  const update = database.prepare(
    `UPDATE run SET (${columns}) = (${RUN_COLUMNS.map(() => '?').join(', ')}) WHERE no = ?`,
  )
  const insertPage = database.prepare('INSERT INTO page (text, no) VALUES (?, ?)')
  const otherId = database.prepare('INSERT OR IGNORE INTO other_id (key, no, id) VALUES (?, ?, ?)')
  const updatePage = database.prepare('UPDATE page SET text = ? WHERE no = ?')
  const spans = prepareSpanWriter(database)
  return (page) => {
    const run = readPage(page)
    const { id } = run.row
    const values = runValues(run)
    const found = known.get(keyOf(id), id) as { no: number } | undefined
    const no = found ? found.no : Number(insert.run(...values).lastInsertRowid)
    if (found) {
      update.run(...values, no)
      updatePage.run(page, no)
    } else insertPage.run(page, no)
    trends.note(no, run)
    spans.save(no, run)
    for (const other of run.otherIds) otherId.run(keyOf(other), no, other)
  }
}

function forget(database: DatabaseSync, { segmentsBelow, startedBefore, ownBefore, now }: Forgetting): null {
  inTransaction(database, () => {
    database.prepare('DELETE FROM piece WHERE segment < ?').run(segmentsBelow)
    forgetRuns(database, `started_at < ? AND ${PROGRESSED_AT} < ?`, startedBefore, toIso(startedBefore))
    for (const { agent, service } of OWN_RUNS)
      forgetRuns(database, 'agent = ? AND service = ? AND started_at < ?', agent, service, ownBefore)
    forgetStalls(database, startedBefore)
    forgetTrends(database, now)
  })
  return null
}

/** By our own clock, while `started_at` is by the sender's: one that is months behind makes no run months old. */
const PROGRESSED_AT = `(SELECT json_extract(text, '$.row.lastProgressAt') FROM page WHERE page.no = run.no)`

function forgetRuns(database: DatabaseSync, condition: string, ...values: SQLInputValue[]): void {
  forgetOpen(database, condition, values)
  const gone = database.prepare(`DELETE FROM run WHERE ${condition} RETURNING no`).all(...values)
  const numbers = JSON.stringify(gone.map(({ no }) => no))
  const spans = prepareSpanWriter(database)
  const pages = database.prepare('DELETE FROM page WHERE no IN (SELECT value FROM json_each(?)) RETURNING no, text')
  for (const { no, text } of pages.all(numbers)) spans.forget(Number(no), readPage(String(text)))
  for (const table of ['other_id', 'share'])
    database.prepare(`DELETE FROM ${table} WHERE no IN (SELECT value FROM json_each(?))`).run(numbers)
}

// Reading.

function checkpointOf(row: unknown): Checkpoint | null {
  const found = row as { place: string; at: Instant } | undefined
  return found ? { place: JSON.parse(found.place) as Place | null, at: found.at } : null
}

function textOfSheet(row: unknown): string | null {
  const found = row as { text: Uint8Array } | undefined
  return found ? zstdDecompressSync(found.text).toString() : null
}
