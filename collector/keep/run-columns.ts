import type { SQLInputValue } from 'node:sqlite'
import { fromIso } from '../../contract/units.ts'
import type { StoredRun } from '../stored-run.ts'
import { keyOf } from './key-of.ts'

/** What lists filter and sort runs by, in the order of `runValues`. */
// oxfmt-ignore
export const RUN_COLUMNS = [
  'id', 'id_key', 'rev', 'trace_id', 'trace_key', 'agent', 'service', 'version', 'environment', 'user_id', 'session_id',
  'status', 'step_phase', 'step_name', 'started_at', 'ended_at',
]

/** In the order of `RUN_COLUMNS`. */
export function runValues({ row }: StoredRun): SQLInputValue[] {
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
    fromIso(row.startedAt),
    row.endedAt === null ? null : fromIso(row.endedAt),
  ]
}
