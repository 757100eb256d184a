import type { SQLInputValue } from 'node:sqlite'
import type { StoredRun } from '../stored-run.ts'
import { keyOf } from './key-of.ts'
import { sharedColumns } from './run-share.ts'

/** What lists filter and sort runs by, and what the trends are told from, in the order of `runValues`. */
// oxfmt-ignore
export const RUN_COLUMNS = [
  'id', 'id_key', 'rev', 'trace_id', 'trace_key', 'agent', 'service', 'version', 'environment', 'user_id', 'session_id',
  'status', 'step_phase', 'step_name', 'started_at', 'ended_at', 'due', 'confirmed', 'reached',
]

/** In the order of `RUN_COLUMNS`. */
export function runValues(run: StoredRun): SQLInputValue[] {
  const { row } = run
  const { started_at: startedAt, ended_at: endedAt, due, confirmed, reached } = sharedColumns(run)
  return [
    row.id,
    keyOf(row.id),
    row.rev,
    row.traceId,
    row.traceId === null ? null : keyOf(row.traceId),
    row.agent,
    row.service,
    row.version,
    row.environment,
    row.userId,
    row.sessionId,
    row.status,
    row.step?.phase ?? null,
    row.step?.name ?? null,
    startedAt,
    endedAt,
    due,
    confirmed,
    reached,
  ]
}
