/**
 * A sheet with all that was done to it. Every request that edits is one entry and one revision; the sheet is the fold of
 * them, so reading the entries again gives the same sheet, and what anybody ever wrote is in one of them.
 */
import type { Edit, EditRequest, HistoryEntry, Investigation, Overwritten } from '../../contract/investigations.ts'
import { fromIso, toIso, type Instant } from '../../contract/units.ts'
import { applyEdit } from '../../contract/apply-edit.ts'
import { fieldsOf, hasPart, readField } from './edited-fields.ts'

/** As it is kept. */
export interface LedgerEntry extends HistoryEntry {
  readonly key: string
}

export interface Ledger {
  /** Each revision, the first first: they share what did not change. */
  readonly sheets: readonly [Investigation, ...Investigation[]]
  /** From revision 2 on. */
  readonly entries: readonly LedgerEntry[]
}

export type Decision =
  | { readonly result: 'edited'; readonly entry: LedgerEntry; readonly sheet: Investigation }
  /** This request was done before. */
  | { readonly result: 'repeated'; readonly entry: LedgerEntry }
  | { readonly result: 'refused'; readonly because: string }

export function newestOf({ sheets }: Ledger): Investigation {
  return sheets.at(-1) ?? sheets[0]
}

/** What a request does to a sheet: all of it or nothing. */
export function decideEdits(ledger: Ledger, request: EditRequest, at: Instant): Decision {
  const { baseRev, edits, key } = request
  const repeated = ledger.entries.find((entry) => entry.key === key)
  if (repeated !== undefined) return { result: 'repeated', entry: repeated }
  const { rev } = newestOf(ledger)
  if (baseRev > rev) return { result: 'refused', because: `there is no revision ${baseRev}; the latest is ${rev}` }
  const by = request.by?.trim() || null
  const entry = { rev: rev + 1, at: toIso(at), by, editor: request.editor ?? null, edits, key }
  const done = applyAll(ledger, entry)
  if (done.result === 'refused') return done
  const overwritten = [
    ...done.gone.map((part) => goneBy(ledger, part)),
    ...replacedBy(ledger, entry, done.sheet, baseRev),
  ]
  return { result: 'edited', entry: { ...entry, overwritten }, sheet: done.sheet }
}

/** The ledger with one entry more, which was decided for it. @throws when it was not */
export function addEntry(ledger: Ledger, entry: LedgerEntry): Ledger {
  return { sheets: [...ledger.sheets, sheetAfter(ledger, entry)], entries: [...ledger.entries, entry] }
}

/** What `addEntry` makes of a first revision and entries one after the other. */
export function replay(first: Investigation, entries: readonly LedgerEntry[]): Ledger {
  const sheets: [Investigation, ...Investigation[]] = [first]
  for (const entry of entries) sheets.push(sheetAfter({ sheets, entries }, entry))
  return { sheets, entries }
}

function sheetAfter(ledger: Ledger, entry: LedgerEntry): Investigation {
  const done = applyAll(ledger, entry)
  if (done.result === 'refused') throw new Error(`revision ${entry.rev} does not follow: ${done.because}`)
  return done.sheet
}

type Done =
  | { readonly result: 'done'; readonly sheet: Investigation; readonly gone: readonly string[] }
  | { readonly result: 'refused'; readonly because: string }

function applyAll(
  ledger: Ledger,
  { rev, at, by, edits }: Pick<LedgerEntry, 'rev' | 'at' | 'by'> & { readonly edits: readonly Edit[] },
): Done {
  let sheet: Investigation = { ...newestOf(ledger), rev, updatedAt: at, updatedBy: by }
  const gone: string[] = []
  const setting = { at: fromIso(at), by, earlier: ledger.sheets }
  for (const edit of edits) {
    const applied = applyEdit(sheet, edit, setting)
    if (applied.result === 'refused') return applied
    if (applied.result === 'gone') gone.push(applied.part)
    else ({ sheet } = applied)
  }
  return { result: 'done', sheet, gone }
}

/** Who took a part out; the editor himself within this request, when nobody did before. */
function goneBy({ sheets, entries }: Ledger, part: string): Overwritten {
  const last = sheets.findLastIndex((sheet) => hasPart(sheet, part))
  const { by, at } = entries[last] ?? { by: null, at: sheets[0].createdAt }
  return { field: part, by, at, theirs: null }
}

/** Fields that this entry changes, and that somebody else wrote last, after what its editor had seen. */
function replacedBy(
  ledger: Ledger,
  { edits, editor }: Pick<LedgerEntry, 'edits' | 'editor'>,
  result: Investigation,
  baseRev: number,
): Overwritten[] {
  const newest = newestOf(ledger)
  const since = ledger.entries.filter(({ rev }) => rev > baseRev)
  if (since.length === 0) return []
  const fields = new Set(edits.flatMap((edit) => fieldsOf(edit, newest)))
  return [...fields].flatMap((field): Overwritten[] => {
    const theirs = readField(newest, field)
    if (theirs === null || theirs === readField(result, field)) return []
    const writer = since.findLast(({ rev }) => isWrittenIn(ledger, rev, field))
    const isOwn = writer === undefined || (editor !== null && writer.editor === editor)
    return isOwn ? [] : [{ field, by: writer.by, at: writer.at, theirs }]
  })
}

function isWrittenIn({ sheets }: Ledger, rev: number, field: string): boolean {
  const [before, after] = [sheets[rev - 2], sheets[rev - 1]]
  return before !== undefined && after !== undefined && readField(before, field) !== readField(after, field)
}
