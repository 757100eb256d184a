/** Everything about one span: what it says, the lines and messages that came of it, and all of it as it is. */
import type { RunDetail, SpanView } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { formatCode, formatCount, formatLength, formatTime } from '../model/format.ts'
import { DELIVERY_WORDS } from '../model/words.ts'
import { DETAILS_TABS, type DetailsTab, type RunSelection, type RunView } from '../paths.ts'
import { copyOfSpan } from './copy-of-run.ts'
import { CopyButton } from './copy.tsx'
import { AttributePairs, Pair, Panel } from './details-parts.tsx'
import { useScreen } from './screen.ts'

interface SpanDetailsProps {
  readonly span: SpanView
  readonly run: RunDetail
  readonly select: (selection: Partial<RunSelection>) => void
  readonly tab: DetailsTab
  readonly show: (view: Partial<RunView>) => void
}

const TAB_WORDS: Readonly<Record<DetailsTab, string>> = {
  attributes: 'Attributes',
  logs: 'Logs',
  messages: 'Messages',
  raw: 'Raw',
}
const PANEL_ID = 'span-panel'

export function SpanDetails({ span, run, select, tab, show }: SpanDetailsProps) {
  const logs = run.logs.flatMap((log, index) => (log.spanId === span.spanId ? [{ ...log, index }] : []))
  const messages = run.deliveries.filter(({ spanId }) => spanId === span.spanId)
  const counts: Partial<Record<DetailsTab, number>> = { logs: logs.length, messages: messages.length }
  return (
    <Panel kind="Span" title={span.name} copied={copyOfSpan(run.id, span)}>
      <div
        class="tabs"
        role="tablist"
        aria-label="Of this span"
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
          if (by === undefined) return
          event.preventDefault()
          const next = DETAILS_TABS.at((DETAILS_TABS.indexOf(tab) + by) % DETAILS_TABS.length)
          if (next === undefined) return
          show({ tab: next })
          event.currentTarget.querySelector<HTMLElement>(`[data-tab=${next}]`)?.focus()
        }}
      >
        {DETAILS_TABS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            data-tab={each}
            aria-selected={each === tab}
            aria-controls={PANEL_ID}
            tabIndex={each === tab ? 0 : -1}
            onClick={() => show({ tab: each })}
          >
            {TAB_WORDS[each]} {counts[each] !== undefined && <span class="hint">{formatCount(counts[each])}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={PANEL_ID} aria-label={TAB_WORDS[tab]}>
        {tab === 'attributes' && <SpanFacts span={span} />}
        {tab === 'logs' && <SpanLogs logs={logs} select={select} />}
        {tab === 'messages' && <SpanMessages messages={messages} select={select} />}
        {tab === 'raw' && <RawSpan span={span} />}
      </div>
    </Panel>
  )
}

function SpanLogs({
  logs,
  select,
}: {
  logs: readonly (RunDetail['logs'][number] & { readonly index: number })[]
  select: SpanDetailsProps['select']
}) {
  const { live } = useScreen()
  if (logs.length === 0) return <p class="empty">No line was logged in this span itself.</p>
  return (
    <ol class="span-records">
      {logs.map((log) => (
        <li key={log.index}>
          <time dateTime={log.at}>{formatTime(fromIso(log.at), live.tick.peek())}</time>{' '}
          <button type="button" class="link" onClick={() => select({ log: log.index, span: log.spanId })}>
            {[log.event, log.body].filter(Boolean).join(' · ')}
          </button>
        </li>
      ))}
    </ol>
  )
}

function SpanMessages({ messages, select }: { messages: RunDetail['deliveries']; select: SpanDetailsProps['select'] }) {
  if (messages.length === 0) return <p class="empty">No message was sent from this span itself.</p>
  return (
    <ol class="span-records">
      {messages.map(({ seq, event, connectionId, attempt, states }) => {
        const last = states.at(-1)?.state
        return (
          <li key={`${seq} ${connectionId} ${attempt}`}>
            <button type="button" class="link" onClick={() => select({ message: seq })}>
              {seq} · {event}
            </button>{' '}
            <span class="hint">{last && DELIVERY_WORDS[last]}</span>
          </li>
        )
      })}
    </ol>
  )
}

/** As the API tells it. */
function RawSpan({ span }: { span: SpanView }) {
  const text = JSON.stringify(span, null, 2)
  return (
    <div class="raw">
      <CopyButton text={text} what="span as JSON" />
      <pre tabIndex={0}>{text}</pre>
    </div>
  )
}

const OPEN_WORDS = {
  open: 'open — no end received',
  stopped: 'no end: its process stopped',
  unreported: 'ended, but its end was never reported',
} as const

function SpanFacts({ span }: { span: SpanView }) {
  const { live } = useScreen()
  const now = live.tick.peek()
  const length = span.endedAt === null ? null : formatLength(fromIso(span.endedAt) - fromIso(span.startedAt))
  return (
    <>
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
    </>
  )
}
