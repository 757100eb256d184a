/** Parts of the page that come when somebody goes there, and never before. */
import type { ComponentType } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'

export interface Lazy<Props> {
  readonly load: () => Promise<ComponentType<Props>>
  /** Null until it was loaded once. */
  loaded: ComponentType<Props> | null
}

export function lazy<Props = object>(load: () => Promise<ComponentType<Props>>): Lazy<Props> {
  return { load, loaded: null }
}

/** @returns what was loaded; null while it is on its way or could not be */
export function useLazy<Props>(part: Lazy<Props>) {
  const loads = useSignal(0)
  const isFailed = useSignal(false)
  const load = () => {
    isFailed.value = false
    part.load().then(
      (View) => {
        part.loaded = View
        loads.value += 1
      },
      () => (isFailed.value = true),
    )
  }
  useEffect(() => void (part.loaded === null && load()), [])
  return { View: loads.value >= 0 ? part.loaded : null, isFailed: isFailed.value, load }
}

/** A part that only some visits need: nothing is shown while it is on its way. */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const part = lazy(load)
  return function LazyPart(props: Props) {
    const { View } = useLazy(part)
    return View && <View {...props} />
  }
}

/** @param title of the document and, until the page is there, its heading; null for a part of another page */
export function lazyPage(title: string | null, load: () => Promise<ComponentType>): ComponentType {
  const page = lazy(load)
  return function LazyPage() {
    const { View, isFailed, load: again } = useLazy(page)
    useEffect(() => {
      if (title !== null) document.title = `${title} · Laststep`
    }, [])
    if (View !== null) return <View />
    const message = 'This page could not be loaded. The collector may be away, or newer than what is open here: reload.'
    return (
      <>
        {title !== null && <h1 class="sr">{title}</h1>}
        {isFailed ? (
          <ProblemBox problem={{ code: null, message }} retry={again} />
        ) : (
          <section class="card coming" aria-busy="true">
            <SkeletonRows />
          </section>
        )}
      </>
    )
  }
}
