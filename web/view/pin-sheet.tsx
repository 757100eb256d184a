/** Adds what is at hand to an investigation: one that is open, or a new one. The values are frozen when it opens. */
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import type { EvidenceDraft, InvestigationRow } from '../../contract/investigations.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import { KIND_WORDS } from '../model/investigation-words.ts'
import { paths } from '../paths.ts'
import { pinned } from './copy.tsx'
import { Icon } from './icon.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { say } from './said.tsx'
import type { Problem } from './screen.ts'
import { useInvestigations, type Investigations } from './use-investigations.ts'

/** Those somebody wrote in last; the others are on their own page. */
const ROWS_MAX = 8

export function PinSheet() {
  const thing = pinned.value
  const data = useInvestigations()
  const evidence = useSignal<EvidenceDraft | null>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  useEffect(() => void thing?.draft().then((draft) => (evidence.value = draft)), [])
  const close = () => dialog.current?.close()
  if (thing === null) return null
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby="pin-title"
      onClose={() => (pinned.value = null)}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <header>
        <h2 id="pin-title">Add to an investigation</h2>
        <button type="button" class="button is-square" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <What thing={thing} evidence={evidence.value} />
      {data !== null && evidence.value !== null ? (
        <Choice data={data} evidence={evidence.value} close={close} />
      ) : (
        <SkeletonRows />
      )}
    </dialog>
  )
}

function What({ thing, evidence }: { thing: CopyThing; evidence: EvidenceDraft | null }) {
  if (evidence === null) return <p class="in-card">{thing.what}</p>
  const { kind, title, frozen } = evidence
  return (
    <p class="in-card">
      <span class="tag">{KIND_WORDS[kind]}</span> {title}{' '}
      <span class="hint">
        with {frozen.length} {frozen.length === 1 ? 'value' : 'values'} as they are now
      </span>
    </p>
  )
}

interface ChoiceProps {
  readonly data: Investigations
  readonly evidence: EvidenceDraft
  readonly close: () => void
}

function Choice({ data, evidence, close }: ChoiceProps) {
  const { path, route } = useLocation()
  const watch = useMemo(() => data.list('open'), [])
  useEffect(() => watch.stop, [watch])
  const problem = useSignal<{ readonly problem: Problem; readonly again: () => void } | null>(null)
  /** One for each, so that whoever presses twice pins once. */
  const keys = useMemo(() => new Map<string, string>(), [])
  const keyFor = (what: string): string => {
    const key = keys.get(what) ?? data.makeKey()
    keys.set(what, key)
    return key
  }
  const addTo = async ({ id, rev }: Pick<InvestigationRow, 'id' | 'rev'>): Promise<boolean> => {
    const told = await data.add({ id, rev }, evidence, keyFor(id))
    if ('answer' in told) {
      say(`Added to ${id} as ${told.answer.investigation.evidence.at(-1)?.id ?? 'evidence'}`)
      close()
      return true
    }
    problem.value = { problem: told.problem, again: () => void addTo({ id, rev }) }
    return false
  }
  const begin = async (): Promise<void> => {
    const told = await data.begin(aboutOf(evidence), keyFor('new'))
    if ('problem' in told) problem.value = { problem: told.problem, again: () => void begin() }
    else if (await addTo(told.answer)) route(paths.investigation(told.answer.id))
  }
  const { data: list, problem: away } = watch.state.value
  const choices = useRef<HTMLUListElement>(null)
  // The one that was written in last is one key away.
  useEffect(() => choices.current?.querySelector('button')?.focus(), [list === null])
  const here = list?.investigations.filter(({ id }) => path === paths.investigation(id)) ?? []
  const rows = [...here, ...(list?.investigations ?? []).filter((row) => !here.includes(row))].slice(0, ROWS_MAX)
  return (
    <>
      {problem.value !== null && <ProblemBox problem={problem.value.problem} retry={problem.value.again} />}
      {away !== null && list === null && <ProblemBox problem={away} retry={watch.refresh} />}
      <ul class="pin-choice" role="list" ref={choices}>
        {rows.map((row) => (
          <li key={row.id}>
            <button type="button" class="button" onClick={() => void addTo(row)}>
              <span class="mono">{row.id}</span> <span>{row.title}</span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" class="button" onClick={() => void begin()}>
            <Icon name="plus" /> A new investigation
          </button>
        </li>
      </ul>
    </>
  )
}

/** What a new one is about, as the evidence's own link names it. */
function aboutOf({ link }: EvidenceDraft): { readonly run?: string; readonly incident?: string } {
  const [, kind, id = ''] = /^\/(runs|stalls)\/([^/?]+)/.exec(link ?? '') ?? []
  if (kind === 'runs') return { run: decodeURIComponent(id) }
  return kind === 'stalls' ? { incident: decodeURIComponent(id) } : {}
}
