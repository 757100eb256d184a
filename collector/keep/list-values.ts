/** The values by which runs can be narrowed, as they exist: for whoever types one, and to know an unknown one. */
import type { DatabaseSync } from 'node:sqlite'
import type { FilterField, ValueList } from '../../contract/search.ts'

export interface ValueQuery {
  readonly field: FilterField
  /** What they begin with. */
  readonly like: string
}

/** More are found by typing another letter. */
const VALUES_MAX = 20
/** Of a common value it is enough to know that it is common. */
const RUNS_MAX = 1_000

export function prepareListValues(database: DatabaseSync): (query: ValueQuery) => ValueList {
  const columns = { agent: 'agent', version: 'version', user: 'user_id', session: 'session_id' } as const
  // From value to value through the index: a million runs of four agents take four steps.
  const jump = (column: string) =>
    database.prepare(
      `WITH RECURSIVE v (value) AS (
         SELECT min(${column}) FROM run WHERE ${column} >= ?1
         UNION ALL SELECT (SELECT min(${column}) FROM run WHERE ${column} > v.value) FROM v WHERE v.value IS NOT NULL
         LIMIT ${VALUES_MAX + 2})
       SELECT value, (SELECT count(*) FROM (SELECT 1 FROM run WHERE ${column} = value LIMIT ${RUNS_MAX})) AS runs
       FROM v WHERE value IS NOT NULL`,
    )
  const statements = {
    agent: jump(columns.agent),
    version: jump(columns.version),
    user: jump(columns.user),
    session: jump(columns.session),
    // These two stand in no index of the runs; the groups of the trends and the incidents have them all.
    environment: database.prepare(
      'SELECT DISTINCT environment AS value, NULL AS runs FROM trend_group WHERE environment >= ? ORDER BY value',
    ),
    step: database.prepare(
      `SELECT DISTINCT phase || coalesce(' › ' || step, '') AS value, NULL AS runs FROM incident
       WHERE phase IS NOT NULL AND value >= ? ORDER BY value`,
    ),
  }
  return ({ field, like }) => {
    const found = statements[field]
      .all(like)
      .map(({ value, runs }) => ({ value: String(value), runs: runs === null ? null : Number(runs) }))
      .filter(({ value }) => value.startsWith(like))
    return { values: found.slice(0, VALUES_MAX), isCut: found.length > VALUES_MAX, runsMax: RUNS_MAX }
  }
}
