/** What can be copied, with the addresses at which it is found again. How it is written comes with the first copy. */
import type { DeliveryView, LogView, RunDetail, RunRow, SpanView } from '../../contract/runs.ts'
import { messageId } from '../../contract/search.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import type { Instant } from '../../contract/units.ts'
import type { Addresses, CopyThing, Writers } from '../model/copy-forms.ts'
import { api, paths, type RunSelection } from '../paths.ts'

/** @param link to the run as it is shown now */
export function copyOfRun(run: RunDetail, link: () => string, now: () => Instant): CopyThing {
  const at = { link, api: location.origin + api.run(run.id) }
  return thing(`run ${run.id}`, ({ copyRun }) => copyRun(run, at, now))
}

export function copyOfRow(run: RunRow): CopyThing {
  return thing(`run ${run.id}`, ({ copyRow }) => copyRow(run, addresses(run.id, {})))
}

export function copyOfIncident(incident: IncidentDetail): CopyThing {
  const { fingerprint } = incident
  const at = { link: () => location.origin + paths.stall(fingerprint), api: location.origin + api.stall(fingerprint) }
  return thing(`incident ${fingerprint}`, ({ copyIncident }) => copyIncident(incident, at))
}

export function copyOfSpan(runId: string, span: SpanView): CopyThing {
  return thing(`span ${span.name}`, ({ copySpan }) => copySpan(span, addresses(runId, { span: span.spanId })))
}

export function copyOfMessage(runId: string, messages: readonly DeliveryView[]): CopyThing {
  const seq = messages[0]?.seq ?? 0
  return thing(`message ${messageId(runId, seq)}`, ({ copyMessage }) =>
    copyMessage(runId, messages, addresses(runId, { message: seq })),
  )
}

/** @param index its place among the run's logs, by which an address names it */
export function copyOfLog(runId: string, log: LogView, index: number): CopyThing {
  return thing(`line ${index + 1}`, ({ copyLog }) => copyLog(log, addresses(runId, { log: index, span: log.spanId })))
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

function thing(what: string, write: <T>(writers: Writers<T>) => T): CopyThing {
  return {
    what,
    load: async () => write(await import('../model/copy-forms.ts')),
    draft: async () => write(await import('../model/evidence-drafts.ts')),
  }
}

function addresses(runId: string, selection: Partial<RunSelection>): Addresses {
  return { link: () => location.origin + paths.run(runId, selection), api: location.origin + api.run(runId) }
}
