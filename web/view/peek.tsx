/** A run beside the list it is in: what happened and why, without leaving. On a phone it is a sheet. */
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { NO_WISH, NOTHING_SELECTED, paths, type RunSelection } from '../paths.ts'
import { readPeek } from '../read-address.ts'
import { Checklist } from './checklist.tsx'
import { CopyButton } from './copy.tsx'
import { EvidenceList } from './evidence-list.tsx'
import { Icon } from './icon.tsx'
import { focusRow, useKeys } from './keyboard.ts'
import { ProblemBox } from './problem-box.tsx'
import { RunHeadline } from './run-headline.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useFreshRun } from './use-fresh-run.ts'
import { useScreen } from './screen.ts'

/** The run the address names, and the key that looks at the row one is on. */
export function Peek() {
  const { url, query, route } = useLocation()
  const id = readPeek(query)
  useKeys({
    peek: () => {
      const row = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row']
      if (row !== undefined) route(paths.peek(url, row))
    },
  })
  return id === null ? null : <PeekAt key={id} id={id} />
}

function PeekAt({ id }: { id: string }) {
  const { url, route } = useLocation()
  const close = () => route(paths.peek(url, null))
  const step = (by: 1 | -1) => {
    focusRow(by)
    const row = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row']
    if (row !== undefined) route(paths.peek(url, row), true)
  }
  useKeys({
    close,
    next: () => step(1),
    previous: () => step(-1),
  })
  const isNarrow = useMemo(() => matchMedia('(width < 720px)').matches, [])
  const sheet = useRef<HTMLDialogElement>(null)
  useEffect(() => void sheet.current?.showModal(), [])
  if (isNarrow)
    return (
      <dialog class="peek" ref={sheet} aria-label={`Run ${id}`} onCancel={close} onClose={close}>
        <PeekBody id={id} close={close} />
      </dialog>
    )
  return (
    <aside class="peek" aria-label={`Run ${id}`}>
      <PeekBody id={id} close={close} />
    </aside>
  )
}

function PeekBody({ id, close }: { id: string; close: () => void }) {
  const { watchRun } = useScreen()
  const { route } = useLocation()
  const watch = useMemo(() => watchRun(id, NO_WISH), [id])
  useEffect(() => watch.stop, [watch])
  useFreshRun(id, watch)
  const { data: run, problem } = watch.state.value
  const open = (selection: Partial<RunSelection>) => route(paths.run(id, selection))
  return (
    <>
      <header>
        <a class="button is-primary" href={paths.run(id)}>
          Open <kbd class="wide-only">Enter</kbd>
        </a>
        <span class="mono peek-id" title={id}>
          {id}
        </span>
        <CopyButton text={id} what="run id" />
        <button type="button" class="button is-square" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      {run === null && problem === null && <SkeletonRows />}
      {run !== null && (
        <>
          <RunHeadline run={run} isPart />
          <Checklist run={run} select={open} />
          <EvidenceList run={run} selection={NOTHING_SELECTED} select={open} />
        </>
      )}
    </>
  )
}
