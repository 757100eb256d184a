/**
 * What somebody wrote in a sheet and the collector does not have yet. Texts wait until the hand rests, then they become a
 * batch; batches are sent one after the other, and each under a key of its own, so that one that is sent again is done once.
 *
 * ```
 * typed ──600 ms, blur──▶ packed ──sent──▶ accepted
 *                            ▲───retry──┘ └──▶ refused: alone, or first taken apart
 * ```
 */
import { applyEdit, type EditSetting } from '../../contract/apply-edit.ts'
import type { Edit, Investigation } from '../../contract/investigations.ts'
import { editOf, readField, textOf, type FieldName } from './sheet-fields.ts'

export interface UnsentText {
  readonly text: string
  /** What stood there when its writer began, and in which revision of the sheet. */
  readonly base: string
  readonly rev: number
}

export interface Batch {
  readonly key: string
  readonly baseRev: number
  readonly edits: readonly Edit[]
}

export interface Unsent {
  readonly texts: Readonly<Record<FieldName, UnsentText>>
  readonly batches: readonly Batch[]
}

export const NOTHING_UNSENT: Unsent = { texts: {}, batches: [] }

export function isEmpty({ texts, batches }: Unsent): boolean {
  return batches.length === 0 && Object.keys(texts).length === 0
}

/** What a field shows: the text being written, else the last one on its way, else what the collector has. */
export function shownText(sheet: Investigation, { texts, batches }: Unsent, field: FieldName): string | null {
  const typed = texts[field]
  if (typed !== undefined) return typed.text
  const underWay = batches
    .flatMap(({ edits }) => edits)
    .map(textOf)
    .findLast((written) => written?.field === field)
  return underWay ? underWay.text : readField(sheet, field)
}

/** The sheet as it will be when what is on its way has come; what it would not take is not shown. */
export function sheetWith(
  sheet: Investigation,
  { batches }: Unsent,
  setting: Pick<EditSetting, 'at' | 'by'>,
): Investigation {
  return batches
    .flatMap(({ edits }) => edits)
    .reduce((shown, edit) => {
      // What it was earlier only the collector knows.
      if (edit.edit === 'restore') return shown
      const applied = applyEdit(shown, edit, { ...setting, earlier: [sheet] })
      return applied.result === 'applied' ? applied.sheet : shown
    }, sheet)
}

export function typed(unsent: Unsent, sheet: Investigation, field: FieldName, text: string): Unsent {
  const { [field]: before, ...others } = unsent.texts
  const base = before?.base ?? shownText(sheet, unsent, field) ?? ''
  // Written and taken back: there is nothing to send.
  if (text === base) return { ...unsent, texts: others }
  return { ...unsent, texts: { ...unsent.texts, [field]: { text, base, rev: before?.rev ?? sheet.rev } } }
}

/** @param key of the batch that is made, if there is anything to make it of */
export function packed(unsent: Unsent, sheet: Investigation, edits: readonly Edit[], key: string): Unsent {
  const written = Object.entries(unsent.texts).flatMap(([field, { text }]) => editOf(field, text) ?? [])
  const all = [...written, ...edits]
  // A text that may not be sent (a title of nothing) is given up.
  if (all.length === 0) return written.length === Object.keys(unsent.texts).length ? unsent : { ...unsent, texts: {} }
  // What somebody has not seen is what came after the oldest of them.
  const baseRev = Math.min(sheet.rev, ...Object.values(unsent.texts).map(({ rev }) => rev))
  return { texts: {}, batches: [...unsent.batches, { key, baseRev, edits: all }] }
}

/** The first batch is done. */
export function accepted({ texts, batches }: Unsent): Unsent {
  return { texts, batches: batches.slice(1) }
}

/**
 * The first batch will never be taken. One of its edits is to blame: the others have their turn without it.
 * @param makeKey for each of them
 * @returns what was refused, once it is known
 */
export function refused(
  { texts, batches }: Unsent,
  makeKey: () => string,
): { readonly unsent: Unsent; readonly dropped: Edit | null } {
  const [first, ...rest] = batches
  const [only, ...others] = first?.edits ?? []
  if (first === undefined || only === undefined || others.length === 0)
    return { unsent: { texts, batches: rest }, dropped: only ?? null }
  const alone = first.edits.map((edit) => ({ key: makeKey(), baseRev: first.baseRev, edits: [edit] }))
  return { unsent: { texts, batches: [...alone, ...rest] }, dropped: null }
}

export function without({ texts, batches }: Unsent, key: string): Unsent {
  return { texts, batches: batches.filter((batch) => batch.key !== key) }
}

/** Both, each batch once: a tab that is reloaded has its own and finds what it left for others. */
export function united(own: Unsent, left: Unsent): Unsent {
  const keys = new Set(own.batches.map(({ key }) => key))
  return { texts: own.texts, batches: [...own.batches, ...left.batches.filter(({ key }) => !keys.has(key))] }
}

/** What was stored in this tab, by this version of the page or another; null when it is none of ours. */
export function readUnsent(stored: unknown): Unsent | null {
  if (!isObject(stored) || !isObject(stored['texts']) || !Array.isArray(stored['batches'])) return null
  const texts = Object.entries(stored['texts']).filter(
    ([field, one]) => editOf(field, 'any') !== null && isObject(one) && isUnsentText(one),
  )
  const batches = stored['batches'].filter(
    (one): one is Batch =>
      isObject(one) &&
      typeof one['key'] === 'string' &&
      typeof one['baseRev'] === 'number' &&
      Array.isArray(one['edits']),
  )
  return { texts: Object.fromEntries(texts) as Unsent['texts'], batches }
}

function isUnsentText({ text, base, rev }: Readonly<Record<string, unknown>>): boolean {
  return typeof text === 'string' && typeof base === 'string' && typeof rev === 'number'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
