/**
 * Go to anything, do anything: an id of any kind, a page, what the keys do here, the runs seen last. A combobox over a
 * listbox (WAI-ARIA); the focus stays in the field, and goes back to where it was when the palette closes.
 */
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { systemClock } from '../../contract/clock.ts'
import { isSpanId } from '../../contract/ids.ts'
import type { Resolution } from '../../contract/search.ts'
import { capitalise, formatDay, shortId } from '../model/format.ts'
import { KEYMAP, type KeyAction } from '../model/keymap.ts'
import { hitWords, narrowOffers, rowHint, type Offer } from '../model/palette.ts'
import { pathOfHit, paths } from '../paths.ts'
import type { CopyForm } from '../model/copy-forms.ts'
import { formsOf, thingAtHand, useCopyAloud } from './copy.tsx'
import { actionsNow, act } from './keyboard.ts'
import { THEMES, useScreen } from './screen.ts'

/** Shorter texts are words to choose by, not ids. */
const ID_CHARS_MIN = 3
/** A pasted id is looked up at once; while somebody types, only what stays for a moment. */
const TYPING_MS = 120
/** What makes no sense from within the palette, or stands in it in other words. */
const NOT_OFFERED: ReadonlySet<KeyAction> = new Set<KeyAction>([
  'palette',
  'close',
  'next',
  'previous',
  'open',
  'copy-its-link',
  'copy-its-id',
  'copy-its-markdown',
  'copy-its-json',
])

/** @param begunWith what was typed while it was on its way */
export function Palette({ close, begunWith }: { close: () => void; begunWith: string }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const typed = useSignal(begunWith)
  const chosen = useSignal(0)
  const found = useFound(typed.value.trim())
  const standing = useStandingOffers()
  useLayoutEffect(() => dialog.current?.showModal(), [])

  const text = typed.value.trim()
  const offers = [...useHitOffers(found.answer), ...useRunOffers(text), ...standing]
  const shown = [...narrowOffers(offers, found.isOf(text) ? '' : text), ...useLastResorts(text, found.answer)]
  const visible = found.isOf(text) ? shown.filter(({ group }) => group === FOUND || group === ELSEWHERE) : shown
  const at = Math.min(chosen.value, visible.length - 1)
  const choose = (offer: Offer | undefined) => {
    if (offer === undefined) return
    // Closed first: the focus is back where it was, and what is chosen may take it elsewhere.
    dialog.current?.close()
    offer.choose()
  }
  const step = (by: number) => (chosen.value = (at + by + visible.length) % Math.max(1, visible.length))

  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Search and do"
      onClose={close}
      onClick={(event) => event.target === event.currentTarget && dialog.current?.close()}
      onKeyDown={(event) => {
        const isHeld = event.ctrlKey || event.metaKey
        if (isHeld && event.key === 'k') dialog.current?.close()
        else if (event.key === 'ArrowDown') step(1)
        else if (event.key === 'ArrowUp') step(-1)
        else if (event.key === 'Enter') choose(visible[at])
        else return
        event.preventDefault()
      }}
    >
      <div class="palette-field">
        <input
          type="text"
          role="combobox"
          aria-label="Any id, a page, or what to do"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant={visible[at] && optionId(visible[at])}
          placeholder="Any id, a page, or what to do"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          autofocus
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value
            chosen.value = 0
          }}
        />
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Close <kbd class="wide-only">Esc</kbd>
        </button>
      </div>
      <p class="palette-says" role="status">
        {/* That it is nobody's id would contradict what begins with it. */}
        {found.isNobodys && visible.some(({ group }) => group !== ELSEWHERE) ? '' : found.says}
      </p>
      <Options offers={visible} at={at} point={(index) => (chosen.value = index)} choose={choose} />
    </dialog>
  )
}

const FOUND = 'Found'
const ELSEWHERE = 'Elsewhere'

interface OptionsProps {
  readonly offers: readonly Offer[]
  readonly at: number
  readonly point: (index: number) => void
  readonly choose: (offer: Offer) => void
}

function Options({ offers, at, point, choose }: OptionsProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const groups = [...Map.groupBy(offers, ({ group }) => group)]
  return (
    <div class="palette-list" id="palette-list" role="listbox" aria-label="What there is" ref={list}>
      {groups.map(([group, members]) => (
        <div key={group} role="group" aria-label={group}>
          <p class="palette-group" aria-hidden="true">
            {group}
          </p>
          {members.map((offer) => (
            <div
              key={offer.id}
              id={optionId(offer)}
              role="option"
              aria-selected={offer === offers[at]}
              // Only a hand that moves points: a list that grows under a resting one chooses nothing.
              onPointerMove={() => point(offers.indexOf(offer))}
              onClick={() => choose(offer)}
            >
              <span class="palette-label">{offer.label}</span>
              <span class="palette-hint">{offer.hint}</span>
              {offer.keys !== '' && <kbd class="wide-only">{offer.keys}</kbd>}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}

function optionId({ id }: Offer): string {
  return `offer-${id}`
}

/** What the collector knows by the id that was typed. */
function useFound(text: string) {
  const { lookUp, live } = useScreen()
  const asked = useSignal('')
  useEffect(() => {
    const isId = text.length >= ID_CHARS_MIN && !text.includes(' ')
    const timer = systemClock.after(TYPING_MS, () => (asked.value = isId ? text : ''))
    return () => timer.cancel()
  }, [text])
  const id = asked.value
  const watch = useMemo(() => (id === '' ? null : lookUp(id)), [id])
  useEffect(() => watch?.stop, [watch])
  const { data = null, problem = null, isFetching = false } = watch?.state.value ?? {}
  const answer = data !== null && id === text ? data : null
  return {
    answer,
    /** The typed text is an id of something: nothing else was meant by it. */
    isOf: (typed: string) => typed !== '' && answer !== null && answer.hits.length > 0,
    isNobodys: answer?.hits.length === 0,
    says: problem?.message ?? (isFetching ? 'Looking…' : answer === null ? '' : says(answer, live.now())),
  }
}

function says({ asked, hits, isCut, keptSince }: Resolution, now: number): string {
  if (hits.length > 0) return isCut ? `The ${hits.length} nearest of those that have this id` : `${hits.length} found`
  const since = keptSince === null ? '' : ` since ${formatDay(Math.min(Date.parse(keptSince), now))}`
  return `No run, trace, message, user, session or incident kept${since} has the id “${shortId(asked)}”`
}

function useHitOffers(answer: Resolution | null): Offer[] {
  const { route } = useLocation()
  return (answer?.hits ?? []).map((hit, index) => ({
    ...hitWords(hit),
    id: `hit-${index}`,
    group: FOUND,
    keys: '',
    choose: () => route(pathOfHit(hit)),
  }))
}

/** What can be done here, by the registry of the keys; asked once, before the palette has the focus. */
function useStandingOffers(): readonly Offer[] {
  const { theme } = useScreen()
  const { route } = useLocation()
  const copyAloud = useCopyAloud()
  const thing = useMemo(() => thingAtHand(document.activeElement), [])
  const forms = useSignal<readonly CopyForm[]>([])
  useEffect(() => void (thing && formsOf(thing).then((loaded) => (forms.value = loaded))), [])
  return useMemo(() => {
    const copies = forms.value.map((form) => {
      const keys = `copy-its-${form.kind}`
      return {
        id: `copy-${form.kind}`,
        group: capitalise(thing?.what ?? ''),
        label: `Copy ${form.name}`,
        hint: '',
        keys: keys in KEYMAP ? KEYMAP[keys as KeyAction].keys : '',
        choose: () => void copyAloud(form),
      }
    })
    const now = actionsNow()
    const actions = (Object.keys(KEYMAP) as KeyAction[])
      .filter((action) => now.has(action) && !NOT_OFFERED.has(action))
      .map((action) => {
        const { says: label, keys, where } = KEYMAP[action]
        const group = action.startsWith('go-') ? 'Pages' : 'Do'
        return {
          id: action,
          group,
          label,
          hint: where === 'everywhere' ? '' : where,
          keys,
          choose: () => void act(action),
        }
      })
    const themes = THEMES.map((name) => ({
      id: `theme-${name}`,
      group: 'Settings',
      label: `Theme: ${name}`,
      hint: theme.choice.peek() === name ? 'now' : '',
      keys: '',
      choose: () => theme.choose(name),
    }))
    // Pages that have no key.
    const pages = [
      { id: 'start', label: 'Go to Start', path: paths.start() },
      { id: 'settings', label: 'Go to Settings', path: paths.settings() },
    ].map(({ path, ...page }) => ({ ...page, group: 'Pages', hint: '', keys: '', choose: () => route(path) }))
    return [
      ...copies,
      ...actions.filter(({ group }) => group === 'Pages'),
      ...pages,
      ...actions.filter(({ group }) => group === 'Do'),
      ...themes,
    ]
  }, [forms.value])
}

/** The runs seen last; and, once something is typed, those on the board that say it. */
function useRunOffers(text: string): Offer[] {
  const { live, recent } = useScreen()
  const { route } = useLocation()
  const seen = recent.ids.peek()
  const board = live.board.peek().runs
  const ids = text === '' ? seen : new Set([...seen, ...board.keys()])
  return Array.from(ids, (id) => {
    const row = board.get(id)
    return {
      id: `run-${id}`,
      group: text === '' ? 'Seen last' : 'Runs',
      label: shortId(id),
      hint: row === undefined ? '' : rowHint(row),
      keys: '',
      choose: () => route(paths.run(id)),
    }
  })
}

/** Where else to look for what was typed. */
function useLastResorts(text: string, answer: Resolution | null): Offer[] {
  const { route } = useLocation()
  if (text.length < ID_CHARS_MIN || (answer !== null && answer.hits.length > 0)) return []
  const go = {
    id: 'go',
    group: ELSEWHERE,
    label: `Go to “${shortId(text)}”`,
    hint: 'whatever has this id',
    keys: '',
    choose: () => route(paths.go(text)),
  }
  const spans = {
    id: 'spans',
    group: ELSEWHERE,
    label: `Search spans that say “${shortId(text)}”`,
    hint: 'back through everything that is kept',
    keys: '',
    choose: () => route(paths.runs({ attributes: [isSpanId(text) ? `span.id:is:${text}` : `*:has:${text}`] })),
  }
  // It was looked up already, in vain.
  return answer === null ? [go, spans] : [spans]
}
