/** A run, or what is selected of it, with the addresses at which it is found again. */
import type { DeliveryView, LogView, RunDetail, RunRow, SpanView } from '../../contract/runs.ts'
import {
  copyLog,
  copyMessage,
  copyRow,
  copyRun,
  copySpan,
  type Addresses,
  type CopyThing,
} from '../model/copy-forms.ts'
import { api, paths, type RunSelection } from '../paths.ts'

/** @param link to the run as it is shown now */
export function copyOfRun(run: RunDetail, link: () => string, now: () => number): CopyThing {
  return copyRun(run, { link, api: location.origin + api.run(run.id) }, now)
}

export function copyOfRow(run: RunRow): CopyThing {
  return copyRow(run, addresses(run.id, {}))
}

export function copyOfSpan(runId: string, span: SpanView): CopyThing {
  return copySpan(span, addresses(runId, { span: span.spanId }))
}

export function copyOfMessage(runId: string, messages: readonly DeliveryView[]): CopyThing {
  return copyMessage(runId, messages, addresses(runId, { message: messages[0]?.seq ?? null }))
}

/** @param index its place among the run's logs, by which an address names it */
export function copyOfLog(runId: string, log: LogView, index: number): CopyThing {
  return copyLog(log, addresses(runId, { log: index, span: log.spanId }))
}

/** The last thing that was chosen; null when it is none of those that can be copied, or is not there. */
export function copyOfSelection(run: RunDetail, chosen: RunSelection): CopyThing | null {
  const log = chosen.log === null ? undefined : run.logs[chosen.log]
  if (log && chosen.log !== null) return copyOfLog(run.id, log, chosen.log)
  const messages = run.deliveries.filter(({ seq }) => seq === chosen.message)
  if (messages.length > 0) return copyOfMessage(run.id, messages)
  const span = run.spans.find(({ spanId }) => spanId === chosen.span)
  return span === undefined ? null : copyOfSpan(run.id, span)
}

function addresses(runId: string, selection: Partial<RunSelection>): Addresses {
  return { link: () => location.origin + paths.run(runId, selection), api: location.origin + api.run(runId) }
}
