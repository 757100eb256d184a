/**
 * One sheet, open in this tab: what the collector has of it, what was written here and is not there yet, and the way from
 * the one to the other. What is unsent is kept in the tab's own storage with every key, so a reload loses nothing; while the
 * collector does not answer it is tried again for ever.
 */
import { batch, signal } from '@preact/signals'
import type { Timer } from '../../contract/clock.ts'
import { newId } from '../../contract/ids.ts'
import type { Edit, EditAnswer, EditRequest, Investigation, InvestigationId } from '../../contract/investigations.ts'
import { seconds } from '../../contract/units.ts'
import { addClashes, clashesOf, clashesOfSave } from '../model/clash.ts'
import { retryDelay } from '../model/connection.ts'
import type { OpenSheet, SheetState } from '../model/open-sheet.ts'
import { readField, type FieldName } from '../model/sheet-fields.ts'
import {
  accepted,
  isEmpty,
  NOTHING_UNSENT,
  packed,
  readUnsent,
  refused,
  sheetWith,
  shownText,
  typed,
  united,
  without,
  type Unsent,
} from '../model/unsent.ts'
import type { InvestigationSettings } from './investigations.ts'
import { posted } from './posted.ts'
import { ask, problemOf, type ApiProblem } from './queries.ts'

type Writable = { -readonly [Key in keyof SheetState]: SheetState[Key] }

/** From the last key to the save. */
const REST_MS = 600
/** What others do is told by the live feed; this is for what it did not tell, and for a collector that was away. */
const LOOK_EVERY = seconds(5)

export function openSheet(id: InvestigationId, path: string, settings: InvestigationSettings): OpenSheet {
  const { clock, edited, name } = settings
  const storage = openStorage(`laststep-sheet-${id}`)
  const state = signal<SheetState>({
    sheet: null,
    shown: null,
    unsent: storage.read(),
    saving: { state: 'saved', at: null },
    clashes: [],
    refused: [],
    problem: null,
  })
  /** The fields somebody is in, with what he saw there when he went in. */
  const held = new Map<FieldName, string>()
  const editor = editorOf()
  const makeKey = () => newId('edit')
  let rest: Timer | null = null
  let retry: Timer | null = null
  let failures = 0
  let isSending = false
  let isStopped = false

  const put = (change: Partial<Omit<SheetState, 'shown'>>): void => {
    const next: Writable = { ...state.peek(), ...change }
    const { sheet, unsent } = next
    const isOther = change.sheet !== undefined || change.unsent !== undefined
    if (isOther && sheet !== null) next.shown = sheetWith(sheet, unsent, { at: clock.now(), by: name() })
    state.value = next
    if (change.unsent !== undefined) storage.write(change.unsent)
  }

  const take = (newer: Investigation): void => {
    const { sheet, unsent, clashes } = state.peek()
    if (sheet !== null && newer.rev <= sheet.rev) return put({ problem: null })
    const news = sheet === null ? [] : clashesOf(sheet, newer, unsent, held)
    put({ sheet: newer, problem: null, clashes: addClashes(clashes, news) })
  }

  const look = async (): Promise<void> => {
    try {
      take(await ask<Investigation>(path, null))
      if (!isStopped) void send()
    } catch (error) {
      put({ problem: problemOf(error as Error) })
    }
  }

  /** One batch after the other, until none is left or nobody answers. */
  const send = async (): Promise<void> => {
    retry?.cancel()
    if (isSending) return
    isSending = true
    for (;;) {
      const [first] = state.peek().unsent.batches
      if (first === undefined) break
      put({ saving: { state: 'saving' } })
      try {
        const request: EditRequest = { ...first, by: name(), editor }
        const { investigation, overwritten } = await ask<EditAnswer>(`${path}/edits`, null, posted(request))
        failures = 0
        storage.forget(first.key)
        const news = clashesOfSave(overwritten, investigation, state.peek().unsent)
        // In one step: what was on its way is neither shown twice nor gone for a moment.
        batch(() => {
          take(investigation)
          put({
            unsent: accepted(state.peek().unsent),
            saving: { state: 'saved', at: clock.now() },
            clashes: addClashes(state.peek().clashes, news),
          })
        })
      } catch (error) {
        const problem = problemOf(error as Error)
        if (isForNow(problem)) {
          put({ saving: { state: 'retrying', message: problem.message } })
          if (!isStopped) retry = clock.after(retryDelay(failures++, Math.random()), () => void send())
          break
        }
        storage.forget(first.key)
        const { unsent, dropped } = refused(state.peek().unsent, makeKey)
        const more = dropped === null ? [] : [{ edit: dropped, message: problem.message }]
        put({ unsent, saving: { state: 'saved', at: null }, refused: [...state.peek().refused, ...more] })
      }
    }
    isSending = false
  }

  const flush = (...edits: readonly Edit[]): void => {
    rest?.cancel()
    const { sheet, unsent } = state.peek()
    if (sheet === null) return
    put({ unsent: packed(unsent, sheet, edits, makeKey()) })
    void send()
  }

  const type = (field: FieldName, text: string): void => {
    const { sheet, unsent } = state.peek()
    if (sheet === null) return
    put({ unsent: typed(unsent, sheet, field, text) })
    rest?.cancel()
    rest = clock.after(REST_MS, flush)
  }

  const stops = [
    edited.subscribe((last) => {
      if (last?.id === id && last.rev > (state.peek().sheet?.rev ?? 0)) void look()
    }),
    clock.every(LOOK_EVERY, () => void look()).cancel,
    listen(document, 'visibilitychange', () => document.visibilityState === 'hidden' && flush()),
    listen(window, 'pagehide', () => {
      flush()
      storage.leave(state.peek().unsent)
    }),
  ]
  void look()

  return {
    state,
    enter(field) {
      const { sheet, unsent } = state.peek()
      if (sheet !== null) held.set(field, shownText(sheet, unsent, field) ?? '')
    },
    leave(field) {
      held.delete(field)
      flush()
    },
    type,
    change: flush,
    settle(field, whose) {
      const { clashes, sheet } = state.peek()
      const clash = clashes.find((one) => one.field === field)
      put({ clashes: clashes.filter((one) => one !== clash) })
      if (clash === undefined || sheet === null) return
      if (whose === 'theirs' && clash.theirs !== null) type(field, clash.theirs)
      // What is on its way is mine already. Else mine is what he replaced, and is written once more.
      const isUnderWay = shownText(sheet, state.peek().unsent, field) !== readField(sheet, field)
      if (whose === 'mine' && !isUnderWay) type(field, clash.mine)
      flush()
    },
    forgetRefused: () => put({ refused: [] }),
    refresh: () => void look(),
    stop() {
      flush()
      storage.leave(state.peek().unsent)
      isStopped = true
      retry?.cancel()
      for (const stop of stops) stop()
    },
  }
}

/** Nobody answered, or not now, or not to this one: the same may well be taken later. */
function isForNow({ code }: ApiProblem): boolean {
  return code !== 'invalid' && code !== 'too-large'
}

function listen(target: EventTarget, type: string, hear: () => void): () => void {
  target.addEventListener(type, hear)
  return () => target.removeEventListener(type, hear)
}

const EDITOR_KEY = 'laststep-editor'

/** The same tab is the same editor, through a reload: nobody is told that he overwrote himself. */
function editorOf(): string {
  const made = newId('page')
  try {
    const known = sessionStorage.getItem(EDITOR_KEY)
    if (known === null) sessionStorage.setItem(EDITOR_KEY, made)
    return known ?? made
  } catch {
    return made
  }
}

/**
 * In the tab's own storage, which a reload finds again. A tab that is closed leaves what is unsent to the next one that
 * opens the sheet.
 */
function openStorage(key: string) {
  return {
    read: () => united(load('sessionStorage', key), load('localStorage', key)),
    write: (unsent: Unsent) => save('sessionStorage', key, unsent),
    leave: (unsent: Unsent) => save('localStorage', key, united({ ...unsent, texts: {} }, load('localStorage', key))),
    /** This batch is settled: whoever opens the sheet next need not send it. */
    forget: (batch: string) => save('localStorage', key, without(load('localStorage', key), batch)),
  }
}

type Place = 'sessionStorage' | 'localStorage'

function load(place: Place, key: string): Unsent {
  try {
    return readUnsent(JSON.parse(window[place].getItem(key) ?? 'null')) ?? NOTHING_UNSENT
  } catch {
    return NOTHING_UNSENT
  }
}

function save(place: Place, key: string, unsent: Unsent): void {
  try {
    if (isEmpty(unsent)) window[place].removeItem(key)
    else window[place].setItem(key, JSON.stringify(unsent))
  } catch {
    // Storage may be forbidden or full; what is unsent then lasts as long as the page.
  }
}
