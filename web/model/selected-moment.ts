/** When what is selected happened, and what a critical event is shown by. */
import type { SpanId } from '../../contract/ids.ts'
import type { Phase } from '../../contract/phases.ts'
import type { ChecklistItem, RunDetail } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'

/** A message by its number, a line by its place; both null for a span, which is no moment. */
interface Selected {
  readonly message: number | null
  readonly log: number | null
}

/** Begun and ended with the run's first span. */
const OF_THE_RUN: ReadonlySet<Phase> = new Set(['accepted', 'started', 'terminal'])

export function momentOf({ message, log }: Selected, run: RunDetail): Instant | null {
  const at =
    message !== null
      ? run.deliveries.find(({ seq }) => seq === message)?.states[0]?.at
      : log !== null
        ? run.logs[log]?.at
        : undefined
  return at === undefined ? null : fromIso(at)
}

/** The record that shows it: its message, else a span of its phase, or the run's own. Null when neither is here. */
export function recordOf(
  { seq, at, phase }: ChecklistItem,
  { spans }: Pick<RunDetail, 'spans'>,
): { readonly message: number } | { readonly span: SpanId } | null {
  if (seq !== null) return { message: seq }
  if (at === null) return null
  const span = spans.find((each) => each.phase === phase) ?? (OF_THE_RUN.has(phase) ? spans[0] : undefined)
  return span === undefined ? null : { span: span.spanId }
}
