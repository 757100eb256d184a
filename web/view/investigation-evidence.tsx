/** What was pinned: the values as they were, which stay when the data is forgotten, and the way back to where they were. */
import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { EvidenceId, Investigation, PinnedEvidence } from '../../contract/investigations.ts'
import { fromIso } from '../../contract/units.ts'
import { formatTime } from '../model/format.ts'
import { KIND_WORDS, ownPath } from '../model/investigation-words.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import { CopyButton } from './copy.tsx'
import { Icon } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import { placeBeside } from './place-beside.ts'
import { say } from './said.tsx'
import { useScreen } from './screen.ts'

/** The one piece that is looked at, and the chip it was opened from. */
const shown = signal<{ readonly id: EvidenceId; readonly from: HTMLElement } | null>(null)

export function EvidenceChip({ id }: { id: EvidenceId }) {
  return (
    <button
      type="button"
      class="chip evidence-chip"
      aria-haspopup="dialog"
      aria-expanded={shown.value?.id === id}
      aria-label={`Evidence ${id}`}
      onClick={(event) => (shown.value = { id, from: event.currentTarget })}
    >
      {id}
    </button>
  )
}

/** Once on the page: it opens beside the chip that asks for it. */
export function EvidencePopover({ sheet }: { sheet: Investigation }) {
  const popover = useRef<HTMLDivElement>(null)
  const open = shown.value
  const evidence = sheet.evidence.find(({ id }) => id === open?.id)
  useLayoutEffect(() => {
    if (open === null || popover.current === null) return
    popover.current.showPopover()
    placeBeside(popover.current, open.from.getBoundingClientRect())
    popover.current.focus()
  }, [open])
  useEffect(() => () => void (shown.value = null), [])
  if (open === null || evidence === undefined) return null
  return (
    <div
      ref={popover}
      popover="auto"
      role="dialog"
      tabIndex={-1}
      class="evidence-popover"
      aria-label={`Evidence ${evidence.id}`}
      onToggle={(event) => {
        if (event.newState !== 'closed') return
        shown.value = null
        open.from.focus()
      }}
    >
      <h3>
        {evidence.id} · {KIND_WORDS[evidence.kind]}
      </h3>
      <Title evidence={evidence} />
      <Pinned evidence={evidence} />
      <Values evidence={evidence} />
    </div>
  )
}

export function EvidenceList({ open, sheet }: { open: OpenSheet; sheet: Investigation }) {
  const list = useRef<HTMLOListElement>(null)
  // A page on paper has everything.
  useEffect(() => {
    const unfold = () => list.current?.querySelectorAll('details').forEach((one) => (one.open = true))
    addEventListener('beforeprint', unfold)
    return () => removeEventListener('beforeprint', unfold)
  }, [])
  return (
    <section class="card">
      <header>
        <h2>Evidence</h2>
        <span class="count">{sheet.evidence.length}</span>
      </header>
      {sheet.evidence.length === 0 ? (
        <p class="empty">
          Nothing is pinned yet. On a run, a span, a message, a log line, an incident or a chart press{' '}
          <KeyHint action="pin" />, or choose “Add to an investigation” in its copy menu.
        </p>
      ) : (
        <ol class="pinned" role="list" ref={list}>
          {sheet.evidence.map((evidence) => (
            <li key={evidence.id} id={evidence.id}>
              <span class="mono evidence-id">{evidence.id}</span>
              <div>
                <p>
                  <span class="tag">{KIND_WORDS[evidence.kind]}</span> <Title evidence={evidence} />
                </p>
                <Pinned evidence={evidence} />
                {evidence.frozen.length > 0 && (
                  <details>
                    <summary>
                      {evidence.frozen.length} {evidence.frozen.length === 1 ? 'value' : 'values'} as pinned
                    </summary>
                    <Values evidence={evidence} />
                  </details>
                )}
              </div>
              <button
                type="button"
                class="copy no-print"
                aria-label={`Take out evidence ${evidence.id}`}
                title="Take out"
                onClick={() => {
                  open.change({ edit: 'remove-evidence', id: evidence.id })
                  say(`${evidence.id} is taken out; the history has it`)
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Title({ evidence: { title, link } }: { evidence: PinnedEvidence }) {
  const path = ownPath(link)
  return path === null ? <span>{title}</span> : <a href={path}>{title}</a>
}

function Pinned({ evidence: { at, pinnedAt, by } }: { evidence: PinnedEvidence }) {
  const { live } = useScreen()
  const now = live.tick.peek()
  return (
    <p class="hint">
      {at !== null && (
        <>
          <time dateTime={at} title={at}>
            {formatTime(fromIso(at), now)}
          </time>
          {' · '}
        </>
      )}
      pinned{' '}
      <time dateTime={pinnedAt} title={pinnedAt}>
        {formatTime(fromIso(pinnedAt), now)}
      </time>
      {by === null ? '' : ` by ${by}`}
    </p>
  )
}

function Values({ evidence: { id, frozen } }: { evidence: PinnedEvidence }) {
  return (
    <dl class="pairs">
      {frozen.map(({ name, value }, index) => (
        <div key={index} class={value.length > 60 ? 'is-long' : ''}>
          <dt>{name}</dt>
          <dd>
            <span>{value}</span>
            <CopyButton text={value} what={`${name} of ${id}`} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
