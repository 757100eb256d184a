/** A page that is loaded when somebody goes there, and never with another. */
import type { ComponentType } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './run-table.tsx'

/** @param title of the document and, until the page is there, its heading; null for a part of another page */
export function lazyRoute(title: string | null, load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | null = null
  return function LazyRoute() {
    const isReady = useSignal(loaded !== null)
    const isFailed = useSignal(false)
    const fetchPage = () => {
      isFailed.value = false
      load().then(
        (page) => {
          loaded = page
          isReady.value = true
        },
        () => (isFailed.value = true),
      )
    }
    useEffect(() => {
      if (title !== null) document.title = `${title} · Laststep`
      if (loaded === null) fetchPage()
    }, [])
    if (isReady.value && loaded !== null) {
      const Page = loaded
      return <Page />
    }
    const message = 'This page could not be loaded. The collector may be away, or newer than what is open here: reload.'
    return (
      <>
        {title !== null && <h1 class="sr">{title}</h1>}
        {isFailed.value ? (
          <ProblemBox problem={{ code: null, message }} retry={fetchPage} />
        ) : (
          <section class="card" aria-busy="true">
            <SkeletonRows />
          </section>
        )}
      </>
    )
  }
}
