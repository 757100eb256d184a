/** What narrows the list of a run's logs; it comes when somebody wants it. */
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import type { LogView } from '../../contract/runs.ts'
import { count } from '../model/format.ts'
import { filterLogs, LEVELS, type Level } from '../model/filter-logs.ts'

interface LogFilterProps {
  readonly logs: readonly LogView[]
  /** Is told which lines are left; null for all of them. */
  readonly left: Signal<readonly number[] | null>
  readonly close: () => void
}

export function LogFilter({ logs, left, close }: LogFilterProps) {
  const text = useSignal('')
  const level = useSignal<Level | null>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const found = useMemo(
    () => filterLogs(logs, { text: text.value, level: level.value }),
    [logs, text.value, level.value],
  )
  useEffect(() => void (left.value = found), [found])
  useEffect(() => () => void (left.value = null), [])
  return (
    <search
      class="log-filter"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <input
        ref={field}
        type="text"
        aria-label="Lines that say"
        placeholder="Lines that say…"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <select
        aria-label="Level"
        onChange={(event) => (level.value = LEVELS.find((each) => each === event.currentTarget.value) ?? null)}
      >
        <option value="">All levels</option>
        {LEVELS.slice(1).map((each) => (
          <option key={each} value={each}>
            {each}
            {each === 'fatal' ? '' : ' and above'}
          </option>
        ))}
      </select>
      <span role="status">{found !== null && `${count(found.length, 'line')} of ${logs.length}`}</span>
      <button type="button" class="button" onClick={close}>
        Close <kbd class="wide-only">Esc</kbd>
      </button>
    </search>
  )
}
