/** A page that is loaded when somebody goes there: what one page needs alone is no burden to the others. */
import type { ComponentType } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './run-table.tsx'

/** @param name what it is called while it is on its way */
export function lazyRoute(name: string, load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | null = null
  return function LazyRoute() {
    const isReady = useSignal(loaded !== null)
    const isFailed = useSignal(false)
    const fetch = () => {
      isFailed.value = false
      load().then(
        (page) => {
          loaded = page
          isReady.value = true
        },
        () => (isFailed.value = true),
      )
    }
    useEffect(() => void (loaded === null && fetch()), [])
    if (isReady.value && loaded !== null) {
      const Page = loaded
      return <Page />
    }
    const message = 'This page could not be loaded. The collector may be away, or newer than what is open here: reload.'
    return (
      <>
        <h1 class="sr">{name}</h1>
        {isFailed.value ? (
          <ProblemBox problem={{ code: null, message }} retry={fetch} />
        ) : (
          <section class="card" aria-busy="true">
            <SkeletonRows />
          </section>
        )}
      </>
    )
  }
}
