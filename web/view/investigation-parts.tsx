/** What follows from a sheet, and what was noticed on the way: actions, notes, how long it took to see, what happened when. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { newId } from '../../contract/ids.ts'
import { SHEET_LIMITS, type Detection, type Investigation } from '../../contract/investigations.ts'
import { fromIso, toIso } from '../../contract/units.ts'
import { formatDuration, formatSecond, formatTime } from '../model/format.ts'
import { ownPath } from '../model/investigation-words.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import { fieldOf } from '../model/sheet-fields.ts'
import { Icon } from './icon.tsx'
import { SheetField } from './investigation-field.tsx'
import { useScreen } from './screen.ts'
import type { Investigations } from './use-investigations.ts'

interface PartProps {
  readonly open: OpenSheet
  readonly sheet: Investigation
}

export function Actions({ open, sheet }: PartProps) {
  const added = useSignal<string | null>(null)
  const add = () => {
    added.value = newId('part')
    open.change({ edit: 'add-action', id: added.value, text: '', owner: null, due: null })
  }
  return (
    <section class="card">
      <header>
        <h2>Actions</h2>
        <span class="count">{sheet.actions.length}</span>
      </header>
      <ul class="actions" role="list">
        {sheet.actions.map((action, index) => (
          <li key={action.id} class={action.isDone ? 'is-done' : ''}>
            <label class="action-done">
              <input
                type="checkbox"
                checked={action.isDone}
                onChange={(event) =>
                  open.change({
                    edit: 'set-action',
                    id: action.id,
                    field: 'isDone',
                    value: event.currentTarget.checked,
                  })
                }
              />
              <span class="sr">Action {index + 1} is done</span>
            </label>
            <SheetField
              open={open}
              name={fieldOf.action(action, 'text')}
              label={`Action ${index + 1}`}
              kind="line"
              placeholder="What is to be done"
              isNew={added.peek() === action.id}
              charsMax={SHEET_LIMITS.text}
            />
            <SheetField
              open={open}
              name={fieldOf.action(action, 'owner')}
              label={`Owner of action ${index + 1}`}
              kind="line"
              placeholder="Owner"
              charsMax={SHEET_LIMITS.name}
            />
            <SheetField
              open={open}
              name={fieldOf.action(action, 'due')}
              label={`Action ${index + 1} is due`}
              kind="date"
            />
            <button
              type="button"
              class="copy no-print"
              aria-label={`Take out action ${index + 1}`}
              title="Take out"
              onClick={() => open.change({ edit: 'remove-action', id: action.id })}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <p class="in-card no-print">
        <button type="button" class="button" onClick={add}>
          <Icon name="plus" /> Action
        </button>
      </p>
    </section>
  )
}

export function Notes({ open, sheet }: PartProps) {
  const { live } = useScreen()
  const added = useSignal<string | null>(null)
  const add = () => {
    added.value = newId('part')
    open.change({ edit: 'add-note', id: added.value, text: '' })
  }
  return (
    <section class="card">
      <header>
        <h2>Notes</h2>
        <span class="count">{sheet.notes.length}</span>
      </header>
      <ul class="notes" role="list">
        {sheet.notes.map((note, index) => (
          <li key={note.id}>
            <p class="hint">
              <time dateTime={note.at} title={note.at}>
                {formatSecond(fromIso(note.at), live.tick.peek())}
              </time>
              {note.by === null ? '' : ` · ${note.by}`}
              <button
                type="button"
                class="copy no-print"
                aria-label={`Take out note ${index + 1}`}
                title="Take out"
                onClick={() => open.change({ edit: 'remove-note', id: note.id })}
              >
                <Icon name="close" />
              </button>
            </p>
            <SheetField
              open={open}
              name={fieldOf.note(note)}
              label={`Note ${index + 1}`}
              kind="markdown"
              isNew={added.peek() === note.id}
              charsMax={SHEET_LIMITS.text}
            />
          </li>
        ))}
      </ul>
      <p class="in-card no-print">
        <button type="button" class="button" onClick={add}>
          <Icon name="plus" /> Note
        </button>
      </p>
    </section>
  )
}

const DETECTION_WORDS = { beganAt: 'It stood still since', detectedAt: 'It was seen at' } as const

export function DetectionCard({ open, sheet: { detection } }: PartProps) {
  const { delayMs } = detection
  return (
    <section class="card">
      <header>
        <h2>Detection delay</h2>
        <span class="grow" />
        <b>{delayMs === null ? 'not known' : formatDuration(delayMs)}</b>
      </header>
      {(['beganAt', 'detectedAt'] as const).map((field) => (
        <MomentField key={field} open={open} detection={detection} field={field} />
      ))}
    </section>
  )
}

interface MomentProps {
  readonly open: OpenSheet
  readonly detection: Detection
  readonly field: 'beganAt' | 'detectedAt'
}

function MomentField({ open, detection, field }: MomentProps) {
  const at = detection[field]
  return (
    <label class="field moment">
      <span>{DETECTION_WORDS[field]} (UTC)</span>
      <input
        key={at}
        type="datetime-local"
        step="0.001"
        defaultValue={at === null ? '' : at.replace(/Z$/, '')}
        onBlur={(event) => {
          const written = event.currentTarget.value
          const instant = Date.parse(`${written}Z`)
          const value = written === '' ? null : Number.isNaN(instant) ? at : toIso(instant)
          if (value !== at) open.change({ edit: 'set-detection', field, value })
        }}
      />
    </label>
  )
}

export function TimelineCard({ data, sheet }: { data: Investigations; sheet: Investigation }) {
  const { live } = useScreen()
  const watch = useMemo(() => data.timeline(sheet.id), [])
  useEffect(() => watch.stop, [watch])
  // Notes and evidence are part of it.
  useEffect(() => watch.refresh(), [sheet.rev])
  const { data: timeline, problem } = watch.state.value
  const now = live.tick.peek()
  return (
    <section class="card">
      <header>
        <h2>Timeline</h2>
      </header>
      {problem !== null && timeline === null && <p class="empty">{problem.message}</p>}
      {timeline?.entries.length === 0 && <p class="empty">Nothing that has a time is known yet.</p>}
      <ol class="sheet-timeline" role="list">
        {timeline?.entries.map(({ at, kind, text, link }, index) => {
          const path = ownPath(link)
          return (
            <li key={index}>
              <time dateTime={at} title={at}>
                {formatTime(fromIso(at), now)}
              </time>
              <span>
                <span class="tag">{kind}</span> {path === null ? text : <a href={path}>{text}</a>}
              </span>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
