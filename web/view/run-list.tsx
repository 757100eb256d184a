/** The list of kept runs: fetched in pages, in the order and from the place that was asked for. */
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso/router'
import type { RunOrder, RunSort } from '../../contract/runs.ts'
import { formatCount } from '../model/format.ts'
import { extendRows, NO_ROWS, toggleRow, type Selection } from '../model/row-selection.ts'
import { paths, type RunsFilter } from '../paths.ts'
import { focusRow, useKeys } from './keyboard.ts'
import { forgetPlace, usePlace, type Place } from './list-place.ts'
import { ProblemBox } from './problem-box.tsx'
import { RunGrid, rowOf } from './run-grid.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { SelectedRuns } from './selected-runs.tsx'
import { SortChoice } from './sort-runs.tsx'

/** @param empty is shown in the place of no runs */
export function RunList({ filter, empty }: { filter: RunsFilter; empty: ComponentChildren }) {
  const { watchRuns } = useScreen()
  const { route } = useLocation()
  // Not the address: a run beside the list is no other question.
  const address = paths.runs(filter)
  const scrolledTo = useRef(0)
  const now = useRef<() => Omit<Place, 'top'>>(() => ({ row: null, selected: NO_ROWS }))
  const place = usePlace(address, () => ({ top: scrolledTo.current, ...now.current() }))
  const focused = useSignal(place?.row ?? null)
  const selected = useSignal(place?.selected ?? NO_ROWS)
  now.current = () => ({ row: focused.peek(), selected: selected.peek() })
  const watch = useMemo(() => watchRuns(filter, place !== null), [address])
  useEffect(() => watch.stop, [watch])
  const { data, problem, isFetching } = watch.state.value
  const runs = data?.runs ?? []
  useLayoutEffect(() => {
    // Another list is another choice.
    selected.value = place?.selected ?? NO_ROWS
    focused.value = place?.row ?? null
  }, [place, address])
  useLayoutEffect(() => {
    const note = () => (scrolledTo.current = scrollY)
    addEventListener('scroll', note, { passive: true })
    return () => removeEventListener('scroll', note)
  }, [])
  const hasRuns = runs.length > 0
  useLayoutEffect(() => {
    if (place === null || !hasRuns) return
    scrollTo(0, place.top)
    if (place.row !== null)
      document.querySelector<HTMLElement>(`[data-row="${CSS.escape(place.row)}"]`)?.focus({ preventScroll: true })
  }, [place, hasRuns])
  useSelectKeys(selected)
  const refresh = () => {
    watch.renew()
    scrollTo(0, 0)
  }
  const sorting = {
    sort: filter.sort,
    order: filter.order,
    sortBy: (sort: RunSort, order: RunOrder) => {
      const sorted = paths.runs({ ...filter, sort, order })
      forgetPlace(sorted)
      route(sorted, true)
    },
  }
  const picked = runs.filter(({ id }) => selected.value.has(id))
  return (
    <>
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      <section class="card" aria-busy={isFetching}>
        <header>
          <h2>Runs</h2>
          {data && (
            <span class="count">
              {formatCount(runs.length)}
              {data.hasMore ? ' shown' : ''}
            </span>
          )}
          {picked.length > 0 && <SelectedRuns runs={picked} selected={selected} />}
          <span class="grow" />
          <SortChoice {...sorting} />
          <button type="button" class="button" onClick={refresh} disabled={isFetching}>
            Refresh
          </button>
        </header>
        {data !== null && !hasRuns ? (
          empty
        ) : (
          <RunGrid
            runs={runs}
            hasMore={data?.hasMore !== false}
            sorting={sorting}
            selected={selected}
            focused={focused}
          />
        )}
        {data === null && problem === null && <SkeletonRows />}
        {data?.hasMore && (
          <p class="more">
            <button type="button" class="button" onClick={watch.more} disabled={isFetching}>
              {isFetching ? 'Loading…' : 'Load more runs'}
            </button>
          </p>
        )}
      </section>
    </>
  )
}

/** A row at a time: the one with the focus, and those it passes with Shift. */
function useSelectKeys(selected: { value: Selection; peek(): Selection }): void {
  const extend = (step: 1 | -1) => {
    const from = rowOf(document.activeElement)
    focusRow(step)
    const to = rowOf(document.activeElement)
    if (from !== null && to !== null && from !== to) selected.value = extendRows(selected.peek(), from, to)
  }
  useKeys({
    select: () => {
      const row = rowOf(document.activeElement)
      if (row !== null) selected.value = toggleRow(selected.peek(), row)
    },
    'select-next': () => extend(1),
    'select-previous': () => extend(-1),
  })
}
