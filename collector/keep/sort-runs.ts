/**
 * Lists of runs in an order other than the newest first. By how long they took, an index has them in order. By status or
 * by agent, they are groups, each the newest first: a group at a time is read from the index that has it, so that a page
 * costs the same wherever it is.
 */
import type { DatabaseSync } from 'node:sqlite'
import { usualOrder, type RunOrder, type RunSort } from '../../contract/runs.ts'
import { STATUSES } from '../../contract/statuses.ts'
import type { Instant } from '../../contract/units.ts'
import type { RunQuery } from '../stored-run.ts'
import { BadQuestion, conditionsOf, limitOf, type Conditions, type Page } from './list-runs.ts'

/** A run that goes on may yet become the longest of all; the older of two such is longer already. */
const TOOK = '(coalesce(ended_at, 1e15) - started_at)'
export const SORT_INDEX = `CREATE INDEX run_took ON run (${TOOK}, no);`

type Group = string | null
/** The last row given: what it is sorted by, then its number. */
type Key = readonly [value: Group | number, startedAt: Instant, no: number]

export interface SortedQuery extends RunQuery {
  readonly sort: Exclude<RunSort, 'started'>
}

export function isSorted(query: RunQuery): query is SortedQuery {
  return query.sort !== undefined && query.sort !== 'started'
}

/** @throws BadQuestion when the cursor is not one of this order's */
export function listSorted(database: DatabaseSync, query: SortedQuery): Page {
  const { sort, order = usualOrder(sort), cursor } = query
  const after = cursor === undefined ? null : readCursor(cursor, sort, order)
  const limit = limitOf(query)
  const conditions = conditionsOf({ ...query, cursor: undefined })
  const rows: (Row & { readonly value: Key[0] })[] = []
  // One more than asked for tells whether there is a next page.
  if (sort === 'duration') rows.push(...readTook(database, query, conditions, order, after, limit + 1))
  else
    for (const group of groupsOf(database, query, order, after === null ? undefined : (after[0] as Group))) {
      const from = after !== null && after[0] === group ? after : null
      const found = readGroup(database, sort, conditions, group, from, limit + 1 - rows.length)
      rows.push(...found.map((row) => ({ ...row, value: group })))
      if (rows.length > limit) break
    }
  const given = rows.slice(0, limit)
  const last = given.at(-1)
  const next = rows.length > limit && last ? writeCursor(sort, order, [last.value, last.started_at, last.no]) : null
  return { pages: given.map(({ text }) => text), next }
}

interface Row {
  readonly no: number
  readonly started_at: Instant
  readonly text: string
}

function readTook(
  database: DatabaseSync,
  query: RunQuery,
  conditions: Conditions,
  order: RunOrder,
  after: Key | null,
  limit: number,
) {
  const { where, values } = conditions
  const [way, past] = order === 'asc' ? ['ASC', '>'] : ['DESC', '<']
  const areFew = isOfFew(database, query, conditions)
  // A sum is no column of an index: SQLite then looks for the rows first.
  const by = areFew ? `+${TOOK}` : TOOK
  return database
    .prepare(
      `SELECT no, started_at, took AS value, text FROM
         (SELECT no, started_at, ${TOOK} AS took FROM run ${areFew ? '' : 'INDEXED BY run_took'} ${where}
          ${after === null ? '' : `AND (${TOOK}, no) ${past} (?, ?)`} ORDER BY ${by} ${way}, no ${way} LIMIT ?)
       JOIN page USING (no) ORDER BY took ${way}, no ${way}`,
    )
    .all(...values, ...(after === null ? [] : [after[0], after[2]]), limit) as unknown as (Row & { value: number })[]
}

/** So many are found and sorted in the time in which the index is walked from its end to fifty of them. */
const FEW = 5_000

/** Few runs are found first and sorted then; among many, the index by length soon meets one that fits. */
function isOfFew(database: DatabaseSync, query: RunQuery, { where, values }: Conditions): boolean {
  const { status, agent, environment, version, step, user, session, since, until } = query
  const narrowing = [status, agent, environment, version, step, user, session, since, until]
  if (narrowing.every((asked) => asked === undefined)) return false
  const counted = database
    .prepare(`SELECT count(*) AS runs FROM (SELECT 1 FROM run ${where} LIMIT ?)`)
    .get(...values, FEW + 1) as { runs: number }
  return counted.runs <= FEW
}

function readGroup(
  database: DatabaseSync,
  column: 'status' | 'agent',
  { where, values }: Conditions,
  group: Group,
  after: Key | null,
  limit: number,
): Row[] {
  return database
    .prepare(
      `SELECT no, started_at, text FROM
         (SELECT no, started_at FROM run INDEXED BY run_${column} ${where} AND ${column} IS ?
          ${after === null ? '' : 'AND (started_at, no) < (?, ?)'} ORDER BY started_at DESC, no DESC LIMIT ?)
       JOIN page USING (no) ORDER BY started_at DESC, no DESC`,
    )
    .all(...values, group, ...(after === null ? [] : after.slice(1)), limit) as unknown as Row[]
}

/** From the one where the last page ended; whose agent nobody knows come last, either way. */
function* groupsOf(
  database: DatabaseSync,
  { sort, status, agent }: SortedQuery,
  order: RunOrder,
  from: Group | undefined,
): Generator<Group> {
  if (sort === 'status') {
    const groups = STATUSES.filter((one) => status?.includes(one) !== false)
    if (order === 'desc') groups.reverse()
    yield* from === undefined ? groups : groups.slice(groups.findIndex((one) => one === from))
    return
  }
  if (agent !== undefined) return yield agent
  const [past, edge] = order === 'asc' ? ['>', 'min'] : ['<', 'max']
  const first = database.prepare(`SELECT ${edge}(agent) AS agent FROM run`)
  const following = database.prepare(`SELECT ${edge}(agent) AS agent FROM run WHERE agent ${past} ?`)
  let at: Group = from === undefined ? agentOf(first.get()) : from
  while (at !== null) {
    yield at
    at = agentOf(following.get(at))
  }
  yield null
}

function agentOf(row: unknown): Group {
  return (row as { agent: Group }).agent
}

function writeCursor(sort: RunSort, order: RunOrder, key: Key): string {
  return Buffer.from(JSON.stringify([sort, order, ...key])).toString('base64url')
}

function readCursor(cursor: string, sort: RunSort, order: RunOrder): Key {
  try {
    const [ofSort, ofOrder, value, startedAt, no] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    const isValue = sort === 'duration' ? typeof value === 'number' : value === null || typeof value === 'string'
    if (ofSort === sort && ofOrder === order && isValue && typeof startedAt === 'number' && typeof no === 'number')
      return [value as Key[0], startedAt, no]
  } catch {
    // Falls through: whatever it is, we did not write it.
  }
  throw new BadQuestion('cursor must be the `next` of an earlier answer in the same order')
}
