/** From an id, whatever it is the id of, to what has it. Every question is one dive into an index. */
import type { DatabaseSync } from 'node:sqlite'
import type { SpanId } from '../../contract/ids.ts'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import type { StoredRun } from '../stored-run.ts'
import { keyOf } from './key-of.ts'
import type { Row } from './incident-homes.ts'
import { ingredientsOf } from './list-incidents.ts'
import type { FoundRun, LookUp, LookUpAnswer } from './history-words.ts'

/** A list that is looked through by eye; whoever needs all of them filters the list of runs. */
const HITS_MAX = 10

/**
 * Spans by which a run is known from elsewhere: its own and, of one in trouble, those its verdict speaks of. All others
 * are found by reading the log (`log-search.ts`): an index of every span would cost more than taking them in.
 */
export const SEARCH_TABLES = `
  CREATE TABLE span (key INTEGER NOT NULL, no INTEGER NOT NULL, PRIMARY KEY (key, no)) WITHOUT ROWID, STRICT;
  CREATE INDEX run_session ON run (session_id, started_at, no) WHERE session_id IS NOT NULL;`

/** @param findIncidents by the beginning of a fingerprint, as people arranged them */
export function prepareLookUp(
  database: DatabaseSync,
  findIncidents: (beginning: string) => readonly Row[],
): (ask: LookUp) => LookUpAnswer {
  const find = (condition: string, limit: number) => {
    const statement = database.prepare(
      `SELECT page.text FROM run JOIN page USING (no) WHERE ${condition} ORDER BY run.started_at DESC LIMIT ${limit}`,
    )
    return (kind: FoundRun['kind'], id: string): FoundRun[] =>
      statement.all(id, keyOf(id)).map(({ text }) => ({ kind, page: String(text) }))
  }
  const runs = find(
    '(run.id_key = ?2 AND run.id = ?1) OR run.no IN (SELECT no FROM other_id WHERE key = ?2 AND other_id.id = ?1)',
    1,
  )
  const traces = find('run.trace_key = ?2 AND run.trace_id = ?1', HITS_MAX + 1)
  // The key is a hash: the page must name the span as well.
  const spans = find('run.no IN (SELECT no FROM span WHERE key = ?2) AND instr(page.text, ?1) > 0', HITS_MAX + 1)
  // `?2` has to be there: every one of these is given two values.
  const users = find('run.user_id = ?1 AND ?2 IS NOT NULL', 1)
  const sessions = find('run.session_id = ?1 AND ?2 IS NOT NULL', 1)
  const oldest = database.prepare('SELECT min(started_at) AS at FROM run')

  return ({ id, traceId, spanId, fingerprint }) => {
    const own = runs('run', id)
    const found = [
      ...own,
      // A run that is named after its trace is the nearest hit, and is listed once.
      ...(traceId === null ? [] : traces('trace', traceId).filter(({ page }) => page !== own[0]?.page)),
      ...(spanId === null ? [] : spans('span', spanId)),
      ...users('user', id),
      ...sessions('session', id),
    ]
    const stalls = fingerprint === null ? [] : findIncidents(fingerprint)
    return {
      runs: found.slice(0, HITS_MAX),
      incidents: stalls
        .slice(0, HITS_MAX)
        .map((row) => ({ fingerprint: String(row['fingerprint']), incident: ingredientsOf(row) })),
      isCut: found.length > HITS_MAX || stalls.length > HITS_MAX,
      keptSince: (oldest.get() as { at: number | null }).at,
    }
  }
}

/** Each step a run stood still at keeps its place among the past stalls, so a page always names what stands here. */
export function prepareSpanWriter(database: DatabaseSync) {
  const insert = database.prepare('INSERT OR IGNORE INTO span (key, no) VALUES (?, ?)')
  const remove = database.prepare('DELETE FROM span WHERE key = ? AND no = ?')
  return {
    save: (no: number, run: StoredRun): void => {
      for (const id of spansOf(run)) insert.run(keyOf(id), no)
    },
    forget: (no: number, run: StoredRun): void => {
      for (const id of spansOf(run)) remove.run(keyOf(id), no)
    },
  }
}

function spansOf({ spanId, verdict, pastStalls }: StoredRun): readonly SpanId[] {
  const standsAt = STANDING_STATUSES.has(verdict.status) ? verdict.step?.spanId : null
  const spans = [spanId, standsAt, ...pastStalls.map(({ step }) => step?.spanId)]
  return spans.filter((id) => id !== null && id !== undefined)
}
