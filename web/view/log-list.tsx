/** The run's other records, oldest first, on the same clock as the timeline. */
import { computed, useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { LogView, RunDetail } from '../../contract/runs.ts'
import { fromIso, type Instant, type Millis } from '../../contract/units.ts'
import { formatCount, formatTime } from '../model/format.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import type { RunSelection } from '../paths.ts'
import { copyOfLog } from './copy-of-run.ts'
import { CopyTrigger } from './copy.tsx'
import { KeyHint } from './key-hint.tsx'
import { useKeys } from './keyboard.ts'
import { lazyPart } from './lazy.tsx'
import { useScreen } from './screen.ts'
import type { TimeCursor } from './time-cursor.tsx'

interface LogListProps {
  readonly run: RunDetail
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>) => void
  readonly cursor: TimeCursor
  /** Instant of zero on the cursor's axis. */
  readonly origin: Instant
}

const LogFilter = lazyPart(async () => (await import('./run-parts.ts')).LogFilter)

/** The last lines are the ones that matter; the rest is one press away. */
const SHOWN_AT_FIRST = 100

export function LogList({ run, selection, select, cursor, origin }: LogListProps) {
  const isWhole = useSignal(false)
  const { logs } = run
  const isFiltered = useSignal(false)
  const left = useSignal<readonly number[] | null>(null)
  const list = useRef<HTMLOListElement>(null)
  const isAtEnd = useRef(false)
  useKeys({ filter: () => (isFiltered.value = true) })
  // Whoever has come to the end stays there while lines come.
  useLayoutEffect(() => {
    if (isAtEnd.current) list.current?.scrollTo(0, list.current.scrollHeight)
  }, [logs])
  const wantsEarlier = selection.log !== null && selection.log < logs.length - SHOWN_AT_FIRST
  // The list is drawn again when the hand passes a line, not whenever it moves.
  const reachedLine = useMemo(() => computed(() => reachedBy(logs, origin, cursor.at.value)), [logs, origin, cursor])
  const reached = reachedLine.value
  const from = left.value !== null || isWhole.value || wantsEarlier ? 0 : Math.max(0, logs.length - SHOWN_AT_FIRST)
  const shown = left.value ?? [...logs.keys()].slice(from)
  return (
    <section class="card">
      <header>
        <h2>Logs</h2>
        <span class="count">{formatCount(logs.length)}</span>
        {from > 0 && (
          <button type="button" class="button" onClick={() => (isWhole.value = true)}>
            Show {formatCount(from)} earlier
          </button>
        )}
        <span class="grow" />
        {isFiltered.value ? (
          <LogFilter logs={logs} left={left} close={() => (isFiltered.value = false)} />
        ) : (
          logs.length > 0 && (
            <button type="button" class="button" onClick={() => (isFiltered.value = true)}>
              Filter <KeyHint action="filter" />
            </button>
          )
        )}
      </header>
      {logs.length === 0 ? (
        <p class="empty">This run wrote no logs.</p>
      ) : (
        <ol
          class="logs"
          ref={list}
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) =>
            (isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 1)
          }
        >
          {shown.map((index) => {
            const log = logs[index]
            return (
              log && (
                <LogLine
                  key={index}
                  log={log}
                  isReached={reached === index}
                  point={(isPointed) => cursor.point(isPointed ? fromIso(log.at) - origin : null)}
                  copied={() => copyOfLog(run.id, log, index)}
                  isSelected={selection.log === index}
                  select={() => select({ log: index, span: log.spanId })}
                />
              )
            )
          })}
        </ol>
      )}
    </section>
  )
}

/** The last line up to a moment; lines are in order of time. -1 before the first. */
function reachedBy(logs: readonly LogView[], origin: Instant, moment: Millis | null): number {
  return moment === null ? -1 : logs.findLastIndex(({ at }) => fromIso(at) <= origin + moment)
}

interface LogLineProps {
  readonly log: LogView
  readonly copied: () => CopyThing
  readonly isSelected: boolean
  /** The cursor stands between this line and the next. */
  readonly isReached: boolean
  readonly point: (isPointed: boolean) => void
  readonly select: () => void
}

function LogLine({ log, copied, isSelected, isReached, point, select }: LogLineProps) {
  const { live } = useScreen()
  const line = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isSelected) line.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  const text = [log.event, log.body].filter(Boolean).join(' · ')
  return (
    <li
      ref={line}
      class={`log is-${log.severity.toLowerCase()} ${isReached ? 'is-reached' : ''}`}
      aria-current={isSelected || undefined}
      onPointerEnter={() => point(true)}
      onPointerLeave={() => point(false)}
    >
      <time dateTime={log.at} title={log.at}>
        {formatTime(fromIso(log.at), live.tick.peek())}
      </time>
      <span class="severity">{log.severity.toLowerCase()}</span>
      <button type="button" class="log-text" onClick={select}>
        {text}
      </button>
      <CopyTrigger thing={copied} what="this line" />
    </li>
  )
}
