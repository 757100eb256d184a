/** What somebody picked among the runs, and what can be done with it. */
import { useLocation } from 'preact-iso/router'
import type { Signal } from '@preact/signals'
import type { RunRow } from '../../contract/runs.ts'
import { count } from '../model/format.ts'
import { NO_ROWS, type Selection } from '../model/row-selection.ts'
import { paths } from '../paths.ts'
import { readPeek } from '../read-address.ts'
import { copyOfRows } from './copy-of-rows.ts'
import { CopyMenu, useCopyThing } from './copy.tsx'
import { useKeys } from './keyboard.ts'

export function SelectedRuns({ runs, selected }: { runs: readonly RunRow[]; selected: Signal<Selection> }) {
  const { url, query, route } = useLocation()
  const thing = copyOfRows(runs)
  const clear = () => (selected.value = NO_ROWS)
  useCopyThing(thing)
  // What lies on top closes first.
  useKeys({ close: () => (readPeek(query) === null ? clear() : route(paths.peek(url, null))) })
  return (
    <div class="picked" role="group" aria-label="Selected runs">
      <span role="status">{count(runs.length, 'run')} selected</span>
      <CopyMenu thing={thing} />
      <button type="button" class="button" onClick={clear}>
        Clear <kbd class="wide-only">Esc</kbd>
      </button>
    </div>
  )
}
