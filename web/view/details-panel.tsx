/** Everything known about the selected span, message, connection or process, each value with its own copy button. */
import type { ConnectionView, DeliveryView, ProcessView, RunDetail } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { describeClock, formatBytes, formatDuration, formatTime } from '../model/format.ts'
import { confirmationWords, DELIVERY_WORDS } from '../model/words.ts'
import type { DetailsTab, RunSelection, RunView } from '../paths.ts'
import { copyOfMessage } from './copy-of-run.ts'
import { Pair, Panel } from './details-parts.tsx'
import { useScreen } from './screen.ts'
import { SpanDetails } from './span-details.tsx'

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

interface MessageProps {
  readonly runId: string
  readonly messages: readonly DeliveryView[]
  readonly select: DetailsProps['select']
}

function MessageDetails({ runId, messages, select }: MessageProps) {
  const { live } = useScreen()
  const [first] = messages
  return (
    <Panel kind="Message" title={`${first?.seq} · ${first?.event}`} copied={copyOfMessage(runId, messages)}>
      {messages.map((message) => (
        <dl class="pairs" key={`${message.connectionId} ${message.attempt}`}>
          {message.connectionId && (
            <Pair name="connection" value={message.connectionId} isCode>
              <button type="button" class="link" onClick={() => select({ connection: message.connectionId })}>
                {message.connectionId}
              </button>
            </Pair>
          )}
          {message.attempt > 1 && <Pair name="attempt" value={String(message.attempt)} />}
          {message.bytes !== null && <Pair name="size" value={formatBytes(message.bytes)} />}
          {message.targets !== null && <Pair name="targets" value={String(message.targets)} />}
          {message.states.map((state, index) => (
            <Pair
              key={state.state}
              name={DELIVERY_WORDS[state.state]}
              value={sinceFirst(message, index) ?? formatTime(fromIso(state.at), live.tick.peek())}
              copied={state.at}
            />
          ))}
          {message.reason && <Pair name="reason" value={message.reason} />}
          {message.spanId && (
            <Pair name="span" value={message.spanId} isCode>
              <button type="button" class="link" onClick={() => select({ span: message.spanId })}>
                {message.spanId}
              </button>
            </Pair>
          )}
        </dl>
      ))}
    </Panel>
  )
}

function ConnectionDetails({ connection }: { connection: ConnectionView }) {
  const { live } = useScreen()
  return (
    <Panel kind="Connection" title={connection.id}>
      <dl class="pairs">
        {connection.userId && <Pair name="user" value={connection.userId} />}
        <Pair name="confirms" value={confirmationWords(connection)} />
        {connection.states.map((state) => (
          <Pair
            key={state.state}
            name={state.state}
            value={formatTime(fromIso(state.at), live.tick.peek())}
            copied={state.at}
          />
        ))}
        {connection.closeCode !== null && <Pair name="close code" value={String(connection.closeCode)} />}
        {connection.clientCloseCode !== null && (
          <Pair name="code the client saw" value={String(connection.clientCloseCode)} />
        )}
        {connection.closeReason && <Pair name="close reason" value={connection.closeReason} />}
        {connection.closedBy && <Pair name="closed by" value={connection.closedBy} />}
      </dl>
    </Panel>
  )
}

function ProcessDetails({ process }: { process: ProcessView }) {
  const { live } = useScreen()
  const now = live.tick.peek()
  const { lastPulseAt, blockedSince, loopDelayMs } = process
  return (
    <Panel kind="Process" title={process.id}>
      <dl class="pairs">
        <Pair name="last pulse" value={formatTime(fromIso(lastPulseAt), now)} copied={lastPulseAt} />
        <Pair name="pulse number" value={String(process.pulses)} />
        <Pair name="a pulse every" value={formatDuration(process.intervalMs)} />
        {blockedSince !== null && (
          <Pair
            name="main thread"
            value={`blocked since ${formatTime(fromIso(blockedSince), now)}`}
            copied={blockedSince}
          />
        )}
        {loopDelayMs !== null && <Pair name="event loop delay, p99" value={formatDuration(loopDelayMs)} />}
        <Pair name="its clock" value={describeClock(process.clockBehindMs)} />
        {process.stopped && <Pair name="state" value="it shut down in order" />}
      </dl>
    </Panel>
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

/** `+12 ms` after the state before the first is shown as a time of day. */
function sinceFirst(message: DeliveryView, index: number): string | null {
  const [first] = message.states
  const state = message.states[index]
  return index === 0 || !first || !state ? null : `+${formatDuration(fromIso(state.at) - fromIso(first.at))}`
}
