/** In which order runs are listed. The address keeps it, and the collector does it. */
import type { ComponentChildren } from 'preact'
import { usualOrder, type RunOrder, type RunSort } from '../../contract/runs.ts'
import { Icon } from './icon.tsx'

export interface Sorting {
  readonly sort: RunSort
  readonly order: RunOrder
  sortBy(sort: RunSort, order: RunOrder): void
}

const COLUMNS: Readonly<Record<RunSort, { readonly says: string; readonly cell: string }>> = {
  started: { says: 'Started', cell: 'cell-age number' },
  duration: { says: 'Took', cell: 'cell-took number' },
  status: { says: 'Status', cell: '' },
  agent: { says: 'Agent · user', cell: '' },
}

/** The head of a column: pressed once it sorts by it, pressed again the other way round. */
export function SortHeader({ by, sorting }: { by: RunSort; sorting: Sorting }) {
  const { sort, order, sortBy } = sorting
  const { says, cell } = COLUMNS[by]
  const isSorted = sort === by
  const other = order === 'asc' ? 'desc' : 'asc'
  return (
    <span
      role="columnheader"
      class={cell}
      aria-sort={isSorted ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" class="sort" onClick={() => sortBy(by, isSorted ? other : usualOrder(by))}>
        {says}
        {isSorted && <Icon name="up" />}
      </button>
    </span>
  )
}

const ORDERS: readonly (readonly [RunSort, RunOrder, ComponentChildren])[] = [
  ['started', 'desc', 'Newest first'],
  ['started', 'asc', 'Oldest first'],
  ['duration', 'desc', 'Longest first'],
  ['duration', 'asc', 'Shortest first'],
  ['status', 'asc', 'In need first'],
  ['status', 'desc', 'Completed first'],
  ['agent', 'asc', 'By agent'],
  ['agent', 'desc', 'By agent, from the end'],
]

/** The same, where there is no room for columns. */
export function SortChoice({ sort, order, sortBy }: Sorting) {
  return (
    <select
      class="order narrow-only"
      aria-label="Order"
      value={`${sort} ${order}`}
      onChange={(event) => {
        const chosen = ORDERS.find(([by, way]) => `${by} ${way}` === event.currentTarget.value)
        if (chosen) sortBy(chosen[0], chosen[1])
      }}
    >
      {ORDERS.map(([by, way, says]) => (
        <option key={`${by} ${way}`} value={`${by} ${way}`}>
          {says}
        </option>
      ))}
    </select>
  )
}
