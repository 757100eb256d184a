/** The list's question as SQL. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { CANARY } from '../canary-run.ts'
import type { RunQuery } from '../stored-run.ts'
import { keyOf } from './key-of.ts'
import { OWN_RUNS } from '../test-run.ts'
import type { Instant } from '../../contract/units.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500

/** The question itself is wrong; its asker must change it. */
export class BadQuestion extends Error {
  override readonly name = 'BadQuestion'
}

/** JSON texts of the runs on it. */
export interface Page {
  readonly pages: string[]
  readonly next: string | null
}

/** One page of the list, by when they started. @throws BadQuestion when the cursor is not one of ours */
export function listRuns(database: DatabaseSync, query: RunQuery): Page {
  const limit = limitOf(query)
  const { where, values } = conditionsOf(query)
  const by = query.order === 'asc' ? 'started_at ASC, no ASC' : 'started_at DESC, no DESC'
  // One more than asked for tells whether there is a next page.
  const found = database
    .prepare(
      `SELECT no, started_at, text FROM
         (SELECT no, started_at FROM run ${where} ORDER BY ${by} LIMIT ?)
       JOIN page USING (no) ORDER BY ${by}`,
    )
    .all(...values, limit + 1) as { no: number; started_at: Instant; text: string }[]
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    pages: rows.map(({ text }) => text),
    next: found.length > limit && last ? writeCursor(last.started_at, last.no) : null,
  }
}

/** The runs of these traces that fit besides, newest first; pages. Cursor and limit are not asked. */
export function runsOfTraces(database: DatabaseSync, traceIds: readonly string[], query: RunQuery): string[] {
  const { where, values } = conditionsOf({ ...query, cursor: undefined })
  const found = database
    .prepare(
      `SELECT page.text FROM run INDEXED BY run_trace JOIN page USING (no)
       ${where} AND trace_key IN (SELECT value FROM json_each(?)) AND trace_id IN (SELECT value FROM json_each(?))
       ORDER BY started_at DESC`,
    )
    .all(...values, JSON.stringify(traceIds.map(keyOf)), JSON.stringify(traceIds))
  return found.map(({ text }) => String(text))
}

export function limitOf({ limit = LIMIT_DEFAULT }: RunQuery): number {
  return Math.min(Math.max(1, limit), LIMIT_MAX)
}

export interface Conditions {
  readonly where: string
  readonly values: SQLInputValue[]
}

export function conditionsOf(query: RunQuery): Conditions {
  const conditions: string[] = []
  const values: SQLInputValue[] = []
  const add = (condition: string, ...more: SQLInputValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  if (query.isCanary) add('service = ?', CANARY.service)
  else for (const { service } of OWN_RUNS) add('service IS NOT ?', service)
  if (query.status) add(`status IN (${query.status.map(() => '?').join(', ')})`, ...query.status)
  if (query.agent !== undefined) add('agent = ?', query.agent)
  if (query.environment !== undefined) add('environment = ?', query.environment)
  if (query.version !== undefined) add('version = ?', query.version)
  if (query.user !== undefined) add('user_id = ?', query.user)
  if (query.session !== undefined) add('session_id = ?', query.session)
  if (query.since !== undefined) add('started_at >= ?', query.since)
  if (query.until !== undefined) add('started_at < ?', query.until)
  if (query.step !== undefined) {
    const [phase = '', name] = query.step.split(' › ', 2)
    // Spelled out, because it is the condition of the index: only runs that stand somewhere are in it.
    add('step_phase IS NOT NULL')
    if (name === undefined) add('(step_phase = ? OR step_name = ?)', phase, phase)
    else add('step_phase = ? AND step_name = ?', phase, name)
  }
  if (query.cursor !== undefined)
    add(`(started_at, no) ${query.order === 'asc' ? '>' : '<'} (?, ?)`, ...readCursor(query.cursor))
  return { where: `WHERE ${conditions.join(' AND ')}`, values }
}

/** A cursor is the sort key of the last row given: rows that come or go in between move nothing. */
function writeCursor(startedAt: Instant, no: number): string {
  return Buffer.from(JSON.stringify([startedAt, no])).toString('base64url')
}

function readCursor(cursor: string): [Instant, number] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number')
      return [value[0], value[1]]
  } catch {
    // Falls through: whatever it is, we did not write it.
  }
  throw new BadQuestion('cursor must be the `next` of an earlier answer')
}
