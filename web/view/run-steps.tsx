/** From one run to the next in the list one came from. */
import { useLocation } from 'preact-iso/router'
import { formatCount } from '../model/format.ts'
import { paths } from '../paths.ts'
import { Icon } from './icon.tsx'
import { useKeys } from './keyboard.ts'
import { useScreen } from './screen.ts'

/** The keys; also while the run itself is still on its way, so that one can leaf through a list. */
export function useRunSteps(id: string): void {
  const { route } = useLocation()
  const { before, after } = useNeighbours(id)
  useKeys({
    'previous-run': () => before !== undefined && route(paths.run(before)),
    'next-run': () => after !== undefined && route(paths.run(after)),
  })
}

export function RunSteps({ id }: { id: string }) {
  const { ids, from, at, before, after } = useNeighbours(id)
  if (at < 0) return null
  return (
    <nav class="run-steps" aria-label="Runs of the list you came from">
      <Step id={before} says="Previous run" keys="[" />
      <a href={from}>
        {formatCount(at + 1)} of {formatCount(ids.length)}
      </a>
      <Step id={after} says="Next run" keys="]" />
    </nav>
  )
}

function useNeighbours(id: string) {
  const { ids, from } = useScreen().trail.read() ?? { ids: [], from: '' }
  const at = ids.indexOf(id)
  const [before, after] = at < 0 ? [] : [ids[at - 1], ids[at + 1]]
  return { ids, from, at, before, after }
}

function Step({ id, says, keys }: { id: string | undefined; says: string; keys: '[' | ']' }) {
  const icon = <Icon name={keys === '[' ? 'back' : 'chevron'} />
  if (id === undefined) return <span class="button is-square is-off">{icon}</span>
  return (
    <a class="button is-square" href={paths.run(id)} aria-label={says} title={`${says} (${keys})`}>
      {icon}
    </a>
  )
}
