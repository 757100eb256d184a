/**
 * A run as it was at a moment that has passed, for whoever opens a link of then. Its records are those that had been
 * received; its verdict is the present one if that held already, or that of the stall it was in. What it was called
 * between its stalls is not kept, and is said as `running`.
 */
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, toIso, type Instant } from '../../contract/units.ts'
import type { Records } from '../record.ts'
import type { StoredRun } from '../stored-run.ts'

export interface AsOf {
  readonly run: StoredRun
  readonly records: Records
  /** What has become of it since; null when nothing has. */
  readonly since: RunDetail['asOf']
}

export function runAsOf(run: StoredRun, records: Records, at: Instant): AsOf {
  const heard = ({ receivedAt }: { readonly receivedAt: Instant }): boolean => receivedAt <= at
  const then: Records = { spans: records.spans.filter(heard), logs: records.logs.filter(heard) }
  const holds = fromIso(run.verdict.since) <= at
  const isSame = holds && then.spans.length === records.spans.length && then.logs.length === records.logs.length
  return {
    run: isSame ? run : asItWas(run, then, at, holds),
    records: then,
    since: { at: toIso(at), isBehind: !isSame, status: run.row.status, endedAt: run.row.endedAt },
  }
}

function asItWas(run: StoredRun, records: Records, at: Instant, holds: boolean): StoredRun {
  const { row, process } = run
  const isPast = (time: string | null): time is string => time !== null && fromIso(time) <= at
  const verdict = holds ? run.verdict : verdictOf(run, at)
  const { status, step, cause } = verdict
  const endedAt = holds ? row.endedAt : null
  const sent = records.logs.flatMap(({ signal }) => (signal?.kind === 'delivery' ? [signal.seq] : []))
  return {
    ...run,
    row: {
      ...row,
      status,
      step,
      cause,
      endedAt,
      events: new Set(sent).size,
      isUnconfirmed: holds && row.isUnconfirmed,
      explainedBy: verdict.explainedBy,
      lastProgressAt: isPast(row.lastProgressAt) ? row.lastProgressAt : verdict.since,
      delivery: holds ? row.delivery : { ...row.delivery, outcome: 'unknown' },
    },
    verdict,
    outcome: endedAt === null ? null : run.outcome,
    pastStalls: run.pastStalls.filter((stall) => isPast(stall.endedAt)),
    checklist: run.checklist.map((item) =>
      item.at === null || isPast(item.at)
        ? item
        : { ...item, state: 'pending', at: null, count: 0, delivery: null, seq: null },
    ),
    process: process !== null && isPast(process.lastPulseAt) ? process : null,
  }
}

function verdictOf({ row, verdict, pastStalls }: StoredRun, at: Instant): StoredRun['verdict'] {
  const over = pastStalls.findLast(({ endedAt }) => fromIso(endedAt) <= at)
  const nothing = { limit: null, evidence: [], otherwise: null, explainedBy: null, unconfirmed: null, lateByMs: null }
  const { confidence } = verdict
  const stall = pastStalls.find(({ since, endedAt }) => fromIso(since) <= at && at < fromIso(endedAt))
  if (stall === undefined) {
    const since = over?.endedAt ?? row.startedAt
    return { ...nothing, status: 'running', step: null, cause: null, since, deadline: null, confidence }
  }
  const { status, step, cause, since, deadline } = stall
  return { ...nothing, status, step, cause, since, deadline, confidence }
}
