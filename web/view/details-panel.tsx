/** Everything known about the selected span, message, connection or process, each value with its own copy button. */
import type { RunDetail } from '../../contract/runs.ts'
import type { DetailsTab, RunSelection, RunView } from '../paths.ts'
import { lazyPart } from './lazy.tsx'
import { SpanDetails } from './span-details.tsx'

// Most visits choose none of these.
const MessageDetails = lazyPart(async () => (await import('./run-parts.ts')).MessageDetails)
const ConnectionDetails = lazyPart(async () => (await import('./run-parts.ts')).ConnectionDetails)
const ProcessDetails = lazyPart(async () => (await import('./run-parts.ts')).ProcessDetails)

interface DetailsProps {
  readonly run: RunDetail
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>) => void
  /** What of a span is shown. */
  readonly tab: DetailsTab
  readonly show: (view: Partial<RunView>) => void
}

export function DetailsPanel({ run, selection, select, tab, show }: DetailsProps) {
  if (selection.message !== null) {
    const messages = run.deliveries.filter((delivery) => delivery.seq === selection.message)
    return messages.length > 0 ? (
      <MessageDetails runId={run.id} messages={messages} select={select} />
    ) : (
      <NothingFound what={`message ${selection.message}`} />
    )
  }
  if (selection.connection !== null) {
    const connection = run.connections.find(({ id }) => id === selection.connection)
    return connection ? <ConnectionDetails connection={connection} /> : <NothingFound what={selection.connection} />
  }
  if (selection.process !== null) {
    const { process } = run
    return process?.id === selection.process ? (
      <ProcessDetails process={process} />
    ) : (
      <NothingFound what={`process ${selection.process}`} />
    )
  }
  const id = selection.span ?? (selection.log === null ? null : (run.logs[selection.log]?.spanId ?? null))
  if (id === null) return null
  const span = run.spans.find(({ spanId }) => spanId === id)
  return span ? (
    <SpanDetails span={span} run={run} select={select} tab={tab} show={show} />
  ) : (
    <NothingFound what={`span ${id}`} />
  )
}

function NothingFound({ what }: { what: string }) {
  return (
    <aside class="card details">
      <p class="empty">
        The link names <span class="mono">{what}</span>, which is not among what was received of this run.
      </p>
    </aside>
  )
}
