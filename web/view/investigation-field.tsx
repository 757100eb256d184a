/** One text of a sheet: written in place, saved by itself, and never changed under the hand that writes it. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { fromIso } from '../../contract/units.ts'
import type { Clash } from '../model/clash.ts'
import { formatClock, localiseTimes } from '../model/format.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import type { FieldName } from '../model/sheet-fields.ts'
import { shownText } from '../model/unsent.ts'
import { CopyButton } from './copy.tsx'
import { Markdown } from './markdown.tsx'
import { useScreen } from './screen.ts'

interface FieldProps {
  readonly open: OpenSheet
  readonly name: FieldName
  readonly label: string
  /** `markdown` is rendered while nobody writes in it; a `line` has no line breaks. */
  readonly kind: 'markdown' | 'line' | 'date'
  readonly placeholder?: string
  /** It was just added: whoever added it wants to write. */
  readonly isNew?: boolean
  readonly charsMax?: number
}

export function SheetField({ open, name, label, kind, placeholder, isNew = false, charsMax }: FieldProps) {
  const { live } = useScreen()
  const { shown: sheet, unsent, clashes } = open.state.value
  const isIn = useSignal(false)
  const wantsFocus = useRef(isNew)
  /** What stands in the field while somebody is in it, whatever others do. */
  const held = useRef('')
  const control = useRef<HTMLTextAreaElement & HTMLInputElement>(null)
  const latest = sheet === null ? '' : (shownText(sheet, unsent, name) ?? '')
  const text = isIn.value ? held.current : latest
  const clash = clashes.find(({ field }) => field === name)
  const isShown = kind === 'markdown' && !isIn.value && text !== ''
  const write = () => {
    held.current = latest
    isIn.value = true
  }
  useEffect(() => {
    if (wantsFocus.current || (isIn.value && document.activeElement !== control.current)) control.current?.focus()
    wantsFocus.current = false
  }, [isIn.value])
  const controls = {
    ref: control,
    value: text,
    'aria-label': label,
    placeholder,
    maxLength: charsMax,
    onFocus: () => {
      if (!isIn.peek()) write()
      open.enter(name)
    },
    onBlur: () => {
      open.leave(name)
      whenReleased(() => (isIn.value = false))
    },
    onInput: (event: { readonly currentTarget: HTMLTextAreaElement | HTMLInputElement }) => {
      // A line that is pasted with breaks in it is still one.
      held.current =
        kind === 'line' ? event.currentTarget.value.replaceAll(/\s*\n\s*/g, ' ') : event.currentTarget.value
      open.type(name, held.current)
    },
    onKeyDown: (event: KeyboardEvent) => {
      const isLeft = event.key === 'Enter' && (kind !== 'markdown' || event.ctrlKey || event.metaKey)
      if (!isLeft && event.key !== 'Escape') return
      event.preventDefault()
      control.current?.blur()
    },
  }
  return (
    <div class={`sheet-field is-${kind}`}>
      {isShown ? (
        <div class="written">
          {/* A shorter way for the hand; the button beside it is for everybody. */}
          <div
            onClick={(event) => {
              if (!(event.target as Element).closest('a') && getSelection()?.isCollapsed !== false) write()
            }}
          >
            <Markdown text={localiseTimes(text, live.tick.peek())} />
          </div>
          <button type="button" class="link no-print" aria-label={`Edit ${label}`} onClick={write}>
            Edit
          </button>
        </div>
      ) : kind === 'date' ? (
        <input type="date" {...controls} />
      ) : (
        // A line as well: a long one is read whole on a phone.
        <textarea rows={kind === 'line' ? 1 : 2} {...controls} />
      )}
      {clash && <ClashNotice clash={clash} open={open} />}
    </div>
  )
}

let isPressed = false
const press = (event: Event) => (isPressed = event.type === 'pointerdown')
for (const type of ['pointerdown', 'pointerup', 'pointercancel']) addEventListener(type, press, { capture: true })

/** A field that gives up its room while something below it is being pressed would move that from under the finger. */
function whenReleased(go: () => void): void {
  if (!isPressed) return go()
  const goOnce = () => {
    for (const type of ['pointerup', 'pointercancel']) removeEventListener(type, goOnce)
    // The click itself comes after the release.
    requestAnimationFrame(go)
  }
  for (const type of ['pointerup', 'pointercancel']) addEventListener(type, goOnce)
}

/** Both texts in sight: what stands is the last one written, and the history has all. */
export function ClashNotice({ clash, open }: { clash: Clash; open: OpenSheet }) {
  const { field, by, at, theirs, mine } = clash
  const who = by ?? 'Somebody else'
  const when = formatClock(fromIso(at))
  return (
    <div class="clash no-print" role="status">
      <p>
        {theirs === null
          ? `${who} took this out at ${when}, while you were writing. The history has your text.`
          : `${who} wrote here at ${when}, while you were in it:`}
      </p>
      {theirs !== null && <blockquote>{theirs === '' ? <em>nothing: it was emptied</em> : theirs}</blockquote>}
      {mine !== '' && (
        <>
          <p>Yours:</p>
          <blockquote>
            {mine} <CopyButton text={mine} what="your text" />
          </blockquote>
        </>
      )}
      <p class="buttons">
        <button type="button" class="button" onClick={() => open.settle(field, 'mine')}>
          {theirs === null ? 'Understood' : 'Keep yours'}
        </button>
        {theirs !== null && (
          <button type="button" class="button" onClick={() => open.settle(field, 'theirs')}>
            Take theirs
          </button>
        )}
      </p>
    </div>
  )
}
