/** What a list of runs does with a hand on its rows: it notes where one came from, and a click looks before it goes. */
import { useLocation } from 'preact-iso/router'
import { paths } from '../paths.ts'
import { useScreen } from './screen.ts'

/**
 * @param peeks true where a click shows the run beside the list; Enter and a new tab open it everywhere
 * @param ids of all rows, where not all of them are in the document
 */
export function useRowClicks(peeks: boolean, ids?: readonly string[]) {
  const { trail } = useScreen()
  const { url, route } = useLocation()
  return (event: MouseEvent & { readonly currentTarget: HTMLElement }) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null
    const id = row?.dataset['row']
    if (id === undefined) return
    const rows = event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')
    const inOrder = ids ?? [...rows].flatMap((each) => each.dataset['row'] ?? [])
    trail.leave({ ids: inOrder, from: paths.peek(url, null) })
    const opens = event.detail === 0 || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey
    if (!peeks || opens) return
    event.preventDefault()
    // The router takes every click on a link that reaches the window.
    event.stopPropagation()
    route(paths.peek(url, id))
  }
}
