/** Trends bring a library for charts along: they are loaded when somebody goes there, and never with another page. */
import type { ComponentType } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './run-table.tsx'

let loaded: ComponentType | null = null

export function TrendsRoute() {
  const isReady = useSignal(loaded !== null)
  const isFailed = useSignal(false)
  const load = () => {
    isFailed.value = false
    import('./trends-page.tsx').then(
      ({ TrendsPage }) => {
        loaded = TrendsPage
        isReady.value = true
      },
      () => (isFailed.value = true),
    )
  }
  useEffect(() => void (document.title = 'Trends · Laststep'), [])
  useEffect(() => void (loaded === null && load()), [])
  if (isReady.value && loaded !== null) {
    const Page = loaded
    return <Page />
  }
  const message = 'This page could not be loaded. The collector may be away, or newer than what is open here: reload.'
  return (
    <>
      <h1 class="sr">Trends</h1>
      {isFailed.value ? (
        <ProblemBox problem={{ code: null, message }} retry={load} />
      ) : (
        <section class="card" aria-busy="true">
          <SkeletonRows />
        </section>
      )}
    </>
  )
}
