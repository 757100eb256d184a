/** The run's other records, oldest first, on the same clock as the timeline. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { LogView, RunDetail } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { formatCount, formatTime } from '../model/format.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import type { RunSelection } from '../paths.ts'
import { copyOfLog } from './copy-of-run.ts'
import { CopyTrigger } from './copy.tsx'
import { useScreen } from './screen.ts'

interface LogListProps {
  readonly run: RunDetail
  readonly selection: RunSelection
  readonly select: (selection: Partial<RunSelection>) => void
}

/** The last lines are the ones that matter; the rest is one press away. */
const SHOWN_AT_FIRST = 100

export function LogList({ run, selection, select }: LogListProps) {
  const isWhole = useSignal(false)
  const { logs } = run
  const wantsEarlier = selection.log !== null && selection.log < logs.length - SHOWN_AT_FIRST
  const from = isWhole.value || wantsEarlier ? 0 : Math.max(0, logs.length - SHOWN_AT_FIRST)
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
      </header>
      {logs.length === 0 ? (
        <p class="empty">This run wrote no logs.</p>
      ) : (
        <ol class="logs">
          {logs.slice(from).map((log, index) => (
            <LogLine
              key={from + index}
              log={log}
              copied={() => copyOfLog(run.id, log, from + index)}
              isSelected={selection.log === from + index}
              select={log.spanId === null ? null : () => select({ log: from + index, span: log.spanId })}
            />
          ))}
        </ol>
      )}
    </section>
  )
}

interface LogLineProps {
  readonly log: LogView
  readonly copied: () => CopyThing
  readonly isSelected: boolean
  /** Null when the line belongs to no span. */
  readonly select: (() => void) | null
}

function LogLine({ log, copied, isSelected, select }: LogLineProps) {
  const { live } = useScreen()
  const line = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isSelected) line.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  const text = [log.event, log.body].filter(Boolean).join(' · ')
  return (
    <li ref={line} class={`log is-${log.severity.toLowerCase()}`} aria-current={isSelected || undefined}>
      <time dateTime={log.at} title={log.at}>
        {formatTime(fromIso(log.at), live.tick.peek())}
      </time>
      <span class="severity">{log.severity.toLowerCase()}</span>
      {select === null ? (
        <span class="log-text">{text}</span>
      ) : (
        <button type="button" class="log-text" onClick={select}>
          {text}
        </button>
      )}
      <CopyTrigger thing={copied} what="this line" />
    </li>
  )
}
