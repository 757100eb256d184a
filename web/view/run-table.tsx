/** Runs as rows. Each row is one link; a cell that ticks renders alone. */
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import type { ReadonlySignal } from '@preact/signals'
import type { RunRow } from '../../contract/runs.ts'
import { TROUBLED_STATUSES } from '../../contract/statuses.ts'
import { fromIso } from '../../contract/units.ts'
import { isFaded, isTestRun } from '../model/attention.ts'
import { formatAge, formatCode, formatCount, formatDuration, formatStep, shortCode, shortId } from '../model/format.ts'
import { CAUSE_WORDS } from '../model/words.ts'
import { paths } from '../paths.ts'
import { readPeek } from '../read-address.ts'
import { copyOfRow } from './copy-of-run.ts'
import { copyRef, CopyTrigger, openCopyMenu } from './copy.tsx'
import { StatusMark } from './icon.tsx'
import { useScreen } from './screen.ts'
import { useRowClicks } from './use-row-clicks.ts'

export function RunTable({ ids, empty }: { ids: ReadonlySignal<readonly string[]>; empty: ComponentChildren }) {
  const { live } = useScreen()
  // A row that left the board stays in a held list, so the list keeps the signals of what it shows.
  const kept = useRef(new Map<string, ReadonlySignal<RunRow | null>>())
  const rows = ids.value.map((id) => [id, kept.current.get(id) ?? live.row(id)] as const)
  kept.current = new Map(rows)
  if (rows.length === 0) return <>{empty}</>
  return (
    <RowList>
      {rows.map(([id, row]) => (
        <LiveRow key={id} row={row} />
      ))}
    </RowList>
  )
}

function RowList({ children }: { children: ComponentChildren }) {
  return (
    <>
      <div class="row row-head" aria-hidden="true">
        <span>Run</span>
        <span>Status</span>
        <span>Step · code</span>
        <span>Version</span>
        <span>Agent · user</span>
        <span class="number">In step</span>
        <span class="number">Events</span>
      </div>
      <ul class="rows" role="list" onClickCapture={useRowClicks(true)}>
        {children}
      </ul>
    </>
  )
}

function LiveRow({ row }: { row: ReadonlySignal<RunRow | null> }) {
  const { live } = useScreen()
  const run = row.value
  if (run === null) return null
  // A settled run that still holds its place steps back; one that needs attention does not.
  return (
    <Row
      run={run}
      isFaded={run.endedAt !== null && !TROUBLED_STATUSES.has(run.status) && isFaded(run, live.tick.value)}
    />
  )
}

function Row({ run, isFaded }: { run: RunRow; isFaded: boolean }) {
  const { query } = useLocation()
  const copied = () => copyOfRow(run)
  return (
    <li>
      <a
        class={`row is-${run.status} ${isFaded ? 'is-faded' : ''}`}
        href={paths.run(run.id)}
        data-row={run.id}
        aria-current={readPeek(query) === run.id ? 'true' : undefined}
        ref={copyRef(copied)}
        onContextMenu={(event) => {
          // A finger held on a row. With a mouse the browser's own menu comes: it opens links in new tabs.
          if (!(event instanceof PointerEvent) || event.pointerType !== 'touch') return
          event.preventDefault()
          void openCopyMenu(copied(), event.currentTarget)
        }}
      >
        <span class="cell-run mono" title={run.id}>
          <RunId id={run.id} />
          {isTestRun(run) && <TestMark />}
        </span>
        <span class="cell-status">
          <StatusMark status={run.status} />
          {run.isUnconfirmed && <Unconfirmed />}
        </span>
        <span class="cell-step">
          <StepWords run={run} />
        </span>
        <span class="cell-version mono">{run.version ?? '–'}</span>
        <span class="cell-who">{[run.agent, run.userId].filter(Boolean).join(' · ') || run.service || '–'}</span>
        <span class="cell-age number">
          <Age run={run} />
        </span>
        <span class="cell-events number">{formatCount(run.events)}</span>
      </a>
      <CopyTrigger thing={copied} what={`run ${run.id}`} isStop={false} />
    </li>
  )
}

/** Beside the id of a run that is nobody's work. */
export function TestMark() {
  return (
    <span class="test-mark" title="Sent to see what a stall looks like; in no count, and it ends by itself">
      test
    </span>
  )
}

export function Unconfirmed() {
  const meaning = 'Unconfirmed: nothing has been heard of it since Laststep last did not hear for a while'
  return (
    <abbr class="unconfirmed" title={meaning} aria-label={meaning} role="img">
      ?
    </abbr>
  )
}

/** The end of an id is what people compare, so it is bold. */
export function RunId({ id }: { id: string }) {
  const short = shortId(id)
  return (
    <>
      {short.slice(0, -4)}
      <b>{short.slice(-4)}</b>
    </>
  )
}

/** Where it stands. A run at its end stands nowhere: what went wrong is said, or how long it took. */
export function StepWords({ run }: { run: RunRow }) {
  const { step, cause } = run
  if (step === null || step.phase === 'terminal') {
    if (cause !== null) return <>{CAUSE_WORDS[cause]}</>
    if (run.endedAt === null) return <>–</>
    return <span class="hint">took {formatDuration(fromIso(run.endedAt) - fromIso(run.startedAt))}</span>
  }
  return (
    <>
      {formatStep(step)} {step.code && <code title={formatCode(step.code)}>{shortCode(step.code)}</code>}
    </>
  )
}

/** How long a run has stood in its step; for one that ended, how long ago. */
function Age({ run }: { run: RunRow }) {
  const { live } = useScreen()
  const now = live.tick.value
  if (run.endedAt !== null) return <>{formatAge(now - fromIso(run.endedAt))} ago</>
  return <>{formatAge(now - fromIso(run.step?.since ?? run.startedAt))}</>
}
