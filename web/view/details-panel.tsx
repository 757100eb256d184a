/** Everything known about the selected span, message, connection or process, each value with its own copy button. */
import type { ComponentChildren } from 'preact'
import type { Attributes, ConnectionView, DeliveryView, ProcessView, RunDetail, SpanView } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { attributeRows } from '../model/attributes.ts'
import { formatBytes, formatCode, formatDuration, formatLength, formatTime } from '../model/format.ts'
import { describeClock } from '../model/health.ts'
import { DELIVERY_WORDS } from '../model/words.ts'
import type { RunSelection } from '../paths.ts'
import { CopyButton } from './copy.tsx'
import { useScreen } from './screen.ts'

interface DetailsProps {
  readonly run: RunDetail
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>) => void
}

export function DetailsPanel({ run, selection, select }: DetailsProps) {
  if (selection.message !== null) {
    const messages = run.deliveries.filter((delivery) => delivery.seq === selection.message)
    return messages.length > 0 ? (
      <MessageDetails messages={messages} select={select} />
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
  return span ? <SpanDetails span={span} /> : <NothingFound what={`span ${id}`} />
}

const OPEN_WORDS = {
  open: 'open — no end received',
  stopped: 'no end: its process stopped',
  unreported: 'ended, but its end was never reported',
} as const

function SpanDetails({ span }: { span: SpanView }) {
  const { live } = useScreen()
  const now = live.tick.peek()
  const length = span.endedAt === null ? null : formatLength(fromIso(span.endedAt) - fromIso(span.startedAt))
  return (
    <Panel kind="Span" title={span.name}>
      <dl class="pairs">
        <Pair name="state" value={span.openState === null ? `ended after ${length}` : OPEN_WORDS[span.openState]} />
        {span.status !== 'unset' && (
          <Pair name="status" value={[span.status, span.statusMessage].filter(Boolean).join(': ')} />
        )}
        {span.code && <Pair name="code" value={formatCode(span.code)} isCode />}
        {span.code?.function && <Pair name="function" value={span.code.function} isCode />}
        <Pair name="started" value={formatTime(fromIso(span.startedAt), now)} copied={span.startedAt} />
        {span.openState !== null && (
          <Pair name="last heard" value={formatTime(fromIso(span.lastHeardAt), now)} copied={span.lastHeardAt} />
        )}
        <Pair name="span id" value={span.spanId} isCode />
        <Pair name="trace id" value={span.traceId} isCode />
      </dl>
      {span.events.map((event, index) => (
        <section key={index} class="span-event">
          <h3>
            {event.name} <time dateTime={event.at}>{formatTime(fromIso(event.at), now)}</time>
          </h3>
          <AttributePairs attributes={event.attributes} />
        </section>
      ))}
      <h3>Attributes</h3>
      <AttributePairs attributes={span.attributes} />
    </Panel>
  )
}

function MessageDetails({ messages, select }: { messages: readonly DeliveryView[]; select: DetailsProps['select'] }) {
  const { live } = useScreen()
  const [first] = messages
  return (
    <Panel kind="Message" title={`${first?.seq} · ${first?.event}`}>
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
        <Pair
          name="confirms"
          value={connection.acks ? 'the client acknowledges messages' : 'no acks: at most transport-confirmed'}
        />
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

function Panel({ kind, title, children }: { kind: string; title: string; children: ComponentChildren }) {
  return (
    <aside class="card details" aria-label={`${kind} ${title}`}>
      <header>
        <h2 title={title}>{title}</h2>
        <span class="hint">{kind.toLowerCase()}</span>
      </header>
      {children}
    </aside>
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

function AttributePairs({ attributes }: { attributes: Attributes }) {
  const rows = attributeRows(attributes)
  if (rows.length === 0) return <p class="empty">None.</p>
  return (
    <dl class="pairs">
      {rows.map(({ key, value }) => (
        <Pair key={key} name={key} value={value} isCode />
      ))}
    </dl>
  )
}

interface PairProps {
  readonly name: string
  readonly value: string
  /** What the button copies, when that is more exact than what is shown. */
  readonly copied?: string
  readonly isCode?: boolean
  readonly children?: ComponentChildren
}

function Pair({ name, value, copied, isCode, children }: PairProps) {
  const isLong = value.includes('\n')
  return (
    <div class={isLong ? 'is-long' : ''}>
      <dt>{breakable(name)}</dt>
      <dd class={isCode ? 'mono' : ''} title={copied}>
        {isLong ? <pre tabIndex={0}>{value}</pre> : <span>{children ?? value}</span>}
        <CopyButton text={copied ?? value} what={name} />
      </dd>
    </div>
  )
}

/** A long key breaks after a dot rather than anywhere. */
function breakable(key: string): ComponentChildren {
  return key.split('.').flatMap((part, index) => (index === 0 ? [part] : ['.', <wbr key={index} />, part]))
}

/** `+12 ms` after the state before the first is shown as a time of day. */
function sinceFirst(message: DeliveryView, index: number): string | null {
  const [first] = message.states
  const state = message.states[index]
  return index === 0 || !first || !state ? null : `+${formatDuration(fromIso(state.at) - fromIso(first.at))}`
}
