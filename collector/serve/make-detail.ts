/** The page of one run: what was concluded about it, and every record that speaks of it. */
import { ATTR } from '../../contract/attributes.ts'
import type { TraceId } from '../../contract/ids.ts'
import type { AttributeValue, GapView, LogView, RunDetail, RunRow } from '../../contract/runs.ts'
import { toIso } from '../../contract/units.ts'
import { fingerprintOfRun } from '../fingerprint.ts'
import type { FullLog, Records } from '../record.ts'
import type { OpenSpan } from '../run.ts'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import { idsOf, type StoredRun } from '../stored-run.ts'
import { connectionViews, deliveryViews } from './delivery-views.ts'
import type { SpanWish } from './pick-spans.ts'
import { spanViews, type Meaning } from './span-views.ts'

/**
 * @param records what the log holds under the run's keys; entries are shared, so records of other runs are among them
 * @param open the spans the run book holds open for this run
 * @param gaps all that are known of, in order of time
 * @param wish what to have among the spans when not all of them are told
 */
export function makeDetail(
  run: StoredRun,
  records: Records,
  open: readonly OpenSpan[],
  meaning: Meaning,
  gaps: readonly GapView[],
  wish?: SpanWish | 'all',
): RunDetail {
  const { row } = run
  const ids = idsOf(run)
  const { spans, total, leftOut, subAgents, patterns } = spanViews(run, records, open, meaning, wish)
  const deliveries = deliveryViews(ids, records.logs)
  const connectionIds = [...deliveries.map((delivery) => delivery.connectionId), ...spans.map(connectionOf)]
  return {
    ...row,
    outcome: run.outcome,
    verdict: run.verdict,
    pastStalls: run.pastStalls,
    checklist: run.checklist,
    spans,
    spansTotal: total,
    leftOut,
    subAgents,
    patterns,
    deliveries,
    connections: connectionViews(new Set(connectionIds.filter((id) => id !== null)), records.logs),
    logs: records.logs
      .filter((log) => isOfRun(log, row.traceId, ids))
      .sort((a, b) => a.at - b.at)
      .map(logView),
    process: run.process,
    fingerprint: STANDING_STATUSES.has(row.status) ? fingerprintOfRun(row) : null,
    gaps: gaps.filter((gap) => isAcross(gap, row)),
    contract: run.contract,
    asOf: null,
  }
}

/**
 * A run goes on until the last of it was heard: its own clock may be behind, and its end may have waited for us. It began
 * no later than it was first heard of, whatever its clock says.
 */
function isAcross({ from, to }: GapView, { startedAt, endedAt, lastProgressAt }: RunRow): boolean {
  return startedAt < to && (endedAt === null || from < endedAt || from < lastProgressAt)
}

function connectionOf(span: { readonly attributes: RunDetail['spans'][number]['attributes'] }): string | null {
  const id = span.attributes[ATTR.connectionId]
  return typeof id === 'string' ? id : null
}

/** Deliveries, connections and pulses have places of their own; what a run said of itself reads like a log line. */
function isOfRun(log: FullLog, traceId: TraceId | null, ids: ReadonlySet<string>): boolean {
  if (log.signal !== null) return log.signal.kind === 'run' && ids.has(log.signal.runId)
  return log.traceId !== null && log.traceId === traceId
}

function logView(log: FullLog): LogView {
  return {
    at: toIso(log.at),
    severity: log.severity,
    event: log.event,
    body: log.signal?.kind === 'run' ? `run ${log.signal.state}` : textOf(log.body),
    spanId: log.spanId,
    attributes: log.attributes,
  }
}

function textOf(body: AttributeValue): string {
  return typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body)
}
