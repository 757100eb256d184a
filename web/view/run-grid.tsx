/**
 * Kept runs as a table of any length: only rows near the screen are in the document, so the browser's own find sees no
 * others. Nothing here moves by itself: values change in place, and rows come when somebody asks for them.
 */
import { useMemo, useRef } from 'preact/hooks'
import { useComputed, type ReadonlySignal, type Signal } from '@preact/signals'
import { useLocation } from 'preact-iso/router'
import type { RunRow } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { isTestRun } from '../model/attention.ts'
import { formatAge, formatCount, formatDuration, formatTime } from '../model/format.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import { rowsAround } from '../model/row-window.ts'
import { selectBetween, toggleRow, type Selection } from '../model/row-selection.ts'
import { paths } from '../paths.ts'
import { readPeek } from '../read-address.ts'
import { copyOfRow } from './copy-of-run.ts'
import { copyOfRows } from './copy-of-rows.ts'
import { copyRef, CopyTrigger, openCopyMenu } from './copy.tsx'
import { StatusMark } from './icon.tsx'
import { RunId, StepWords, TestMark, Unconfirmed } from './run-table.tsx'
import { useScreen } from './screen.ts'
import { SortHeader, type Sorting } from './sort-runs.tsx'
import { useRowClicks } from './use-row-clicks.ts'
import { useRowWindow } from './use-row-window.ts'

interface RunGridProps {
  readonly runs: readonly RunRow[]
  readonly hasMore: boolean
  readonly sorting: Sorting
  readonly selected: Signal<Selection>
  /** The row with the focus, by its run. */
  readonly focused: Signal<string | null>
}

export function RunGrid({ runs, hasMore, sorting, selected, focused }: RunGridProps) {
  const list = useRef<HTMLDivElement>(null)
  const probe = useRef<HTMLDivElement>(null)
  const shown = useRowWindow(list, probe, runs.length)
  const ids = useMemo(() => runs.map(({ id }) => id), [runs])
  const clicks = useRowClicks(true, ids)
  const { rowHeight } = shown.value
  const at = focused.value === null ? -1 : ids.indexOf(focused.value)
  const select = useRowPicks(ids, selected)
  const copyOf = (run: RunRow) => {
    const picked = runs.filter(({ id }) => selected.peek().has(id))
    return picked.length > 0 ? copyOfRows(picked) : copyOfRow(run)
  }
  return (
    <div role="table" class="run-grid" aria-label="Runs" aria-rowcount={hasMore ? -1 : runs.length + 1}>
      <div class="row row-head" role="row" aria-rowindex={1}>
        <span role="columnheader">
          <span class="sr">Selected</span>
        </span>
        <span role="columnheader">Run</span>
        <SortHeader by="status" sorting={sorting} />
        <span role="columnheader">Step · code</span>
        <span role="columnheader" class="cell-version">
          Version
        </span>
        <SortHeader by="agent" sorting={sorting} />
        <SortHeader by="started" sorting={sorting} />
        <SortHeader by="duration" sorting={sorting} />
        <span role="columnheader" class="cell-events number">
          Events
        </span>
      </div>
      <div class="row-probe" ref={probe} aria-hidden="true" />
      <div
        class={`rows ${selected.value.size > 0 ? 'is-selecting' : ''}`}
        role="rowgroup"
        ref={list}
        style={{ height: `${runs.length * rowHeight}px` }}
        onClickCapture={clicks}
        onFocusIn={(event) => (focused.value = rowOf(event.target) ?? focused.peek())}
        onFocusOut={(event) => event.relatedTarget !== null && (focused.value = rowOf(event.relatedTarget))}
      >
        {rowsAround(shown.value, at, runs.length).map((index) => {
          const run = runs[index]
          return (
            run && (
              <GridRow
                key={run.id}
                run={run}
                index={index}
                top={index * rowHeight}
                picked={selected}
                pick={select}
                copyOf={copyOf}
              />
            )
          )
        })}
      </div>
    </div>
  )
}

/** The run of the row that an element is in. */
export function rowOf(element: EventTarget | null): string | null {
  const row = element instanceof Element ? element.closest('.row')?.querySelector<HTMLElement>('[data-row]') : null
  return row?.dataset['row'] ?? null
}

/** One by one, or with Shift from the one before. */
function useRowPicks(ids: readonly string[], selected: Signal<Selection>) {
  const before = useRef<string | null>(null)
  return (id: string, isShift: boolean) => {
    const from = isShift ? before.current : null
    before.current = id
    selected.value = from === null ? toggleRow(selected.peek(), id) : selectBetween(selected.peek(), ids, from, id)
  }
}

interface GridRowProps {
  readonly run: RunRow
  readonly index: number
  /** px from the top of the list. */
  readonly top: number
  readonly picked: ReadonlySignal<Selection>
  readonly pick: (id: string, isShift: boolean) => void
  /** Those that were picked, in its place. */
  readonly copyOf: (run: RunRow) => CopyThing
}

/** Where the board knows better than the answer did, the board's word counts. */
function GridRow({ run: fetched, index, top, picked, pick, copyOf }: GridRowProps) {
  const { live } = useScreen()
  const { query } = useLocation()
  const row = useMemo(() => live.row(fetched.id), [fetched.id])
  const isPicked = useComputed(() => picked.value.has(fetched.id))
  const run = row.value !== null && row.value.rev > fetched.rev ? row.value : fetched
  const isHere = readPeek(query) === run.id
  const copied = () => copyOf(run)
  const { step, cause } = run
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      class={`row is-${run.status} ${isHere ? 'is-here' : ''} ${isPicked.value ? 'is-picked' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      onContextMenu={(event) => {
        // A finger held on a row. With a mouse the browser's own menu comes: it opens links in new tabs.
        if (!(event instanceof PointerEvent) || event.pointerType !== 'touch') return
        event.preventDefault()
        void openCopyMenu(copied(), event.currentTarget)
      }}
    >
      <span role="cell" class="cell-pick">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select run ${run.id}`}
          checked={isPicked.value}
          onClick={(event) => {
            pick(run.id, event.shiftKey)
            // With Shift it stays picked, whatever the browser made of the click.
            event.currentTarget.checked = picked.peek().has(run.id)
          }}
        />
      </span>
      <span role="cell" class="cell-run mono" title={run.id}>
        <a
          class="row-link"
          href={paths.run(run.id)}
          data-row={run.id}
          aria-current={isHere ? 'true' : undefined}
          ref={copyRef(copied)}
        >
          <RunId id={run.id} />
        </a>
        {isTestRun(run) && <TestMark />}
      </span>
      <span role="cell" class="cell-status">
        <StatusMark status={run.status} />
        {run.isUnconfirmed && <Unconfirmed />}
      </span>
      <span role="cell" class="cell-step">
        {(step === null || step.phase === 'terminal') && cause === null ? '–' : <StepWords run={run} />}
      </span>
      <span role="cell" class="cell-version mono">
        {run.version ?? '–'}
      </span>
      <span role="cell" class="cell-who">
        {[run.agent, run.userId].filter(Boolean).join(' · ') || run.service || '–'}
      </span>
      <span role="cell" class="cell-age number" title={formatTime(fromIso(run.startedAt), live.now())}>
        <Ago since={run.startedAt} />
      </span>
      <span role="cell" class="cell-took number">
        {run.endedAt === null ? (
          <Going since={run.startedAt} />
        ) : (
          formatDuration(fromIso(run.endedAt) - fromIso(run.startedAt))
        )}
      </span>
      <span role="cell" class="cell-events number">
        {formatCount(run.events)}
      </span>
      <span role="cell" class="cell-copy">
        <CopyTrigger thing={copied} what={`run ${run.id}`} isStop={false} />
      </span>
    </div>
  )
}

/** `12 s ago`. */
function Ago({ since }: { since: string }) {
  const { live } = useScreen()
  return <>{formatAge(live.tick.value - fromIso(since))} ago</>
}

/** How long it has gone on so far. */
function Going({ since }: { since: string }) {
  const { live } = useScreen()
  return <>{formatAge(live.tick.value - fromIso(since))}</>
}
