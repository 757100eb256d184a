/** What a message, a connection and a process say of themselves, once one of them is selected. */
import type { ConnectionView, DeliveryView, ProcessView } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { describeClock, formatBytes, formatDuration, formatTime } from '../model/format.ts'
import { confirmationWords, DELIVERY_WORDS } from '../model/words.ts'
import type { RunSelection } from '../paths.ts'
import { copyOfMessage } from './copy-of-run.ts'
import { Pair, Panel } from './details-parts.tsx'
import { useScreen } from './screen.ts'

interface MessageProps {
  readonly runId: string
  readonly messages: readonly DeliveryView[]
  readonly select: (selection: Partial<RunSelection>) => void
}

export function MessageDetails({ runId, messages, select }: MessageProps) {
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

export function ConnectionDetails({ connection }: { connection: ConnectionView }) {
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

export function ProcessDetails({ process }: { process: ProcessView }) {
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

/** `+12 ms` after the state before the first is shown as a time of day. */
function sinceFirst(message: DeliveryView, index: number): string | null {
  const [first] = message.states
  const state = message.states[index]
  return index === 0 || !first || !state ? null : `+${formatDuration(fromIso(state.at) - fromIso(first.at))}`
}
