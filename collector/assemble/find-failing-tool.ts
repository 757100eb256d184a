import { FAILURES_MIN, type FailingTool } from '../run.ts'
import type { Survey } from './survey-spans.ts'
import type { TraceSpan } from './trace.ts'

/**
 * The tool that a run calls in vain, over and over. One call of any tool that goes well breaks the row, and so does the
 * failure of another tool: an agent that tries something else is at work.
 */
export function findFailingTool({
  failed,
  toolWentWellAt,
}: Pick<Survey, 'failed' | 'toolWentWellAt'>): FailingTool | null {
  if (failed.length < FAILURES_MIN) return null
  const row = failed
    .filter((span) => isFailure(span) && (span.finishedAt ?? 0) > toolWentWellAt)
    .sort((a, b) => endOf(a) - endOf(b) || (a.spanId < b.spanId ? -1 : 1))
  const [first] = row
  const last = row.at(-1)
  const proof = row[FAILURES_MIN - 1]
  if (first === undefined || last === undefined || proof === undefined) return null
  const name = nameOf(first)
  if (row.some((span) => nameOf(span) !== name)) return null
  return { name, count: row.length, since: endOf(first), provenAt: endOf(proof), spanId: last.spanId }
}

const isFailure = ({ phase, status, endedAt }: TraceSpan): boolean =>
  phase === 'tool' && status === 'error' && endedAt !== null

const endOf = ({ endedAt }: TraceSpan): number => endedAt ?? 0

const nameOf = ({ stepName, name }: TraceSpan): string => stepName ?? name
