/**
 * What one edit makes of a sheet. Pure: the same edits in the same order are the same sheet, in the collector, which keeps
 * them, and on a page, which shows what it has not sent yet.
 */
import {
  SHEET_LIMITS,
  type Answer,
  type Detection,
  type Edit,
  type Investigation,
  type PartId,
} from './investigations.ts'
import { fromIso, toIso, type Instant } from './units.ts'

/** Who edits, when, and what the sheet was before: all revisions in the collector, where `earlier[0]` is the first. */
export interface EditSetting {
  readonly at: Instant
  readonly by: string | null
  readonly earlier: readonly Investigation[]
}

export type Applied =
  | { readonly result: 'applied'; readonly sheet: Investigation }
  /** What it names was in the sheet and is not any more: `answers.a1`, `evidence.E3`. The sheet stays as it is. */
  | { readonly result: 'gone'; readonly part: string }
  | { readonly result: 'refused'; readonly because: string }

export function applyEdit(sheet: Investigation, edit: Edit, setting: EditSetting): Applied {
  const changed = change(sheet, edit, setting)
  if (changed.result !== 'applied') return changed
  const full = (['answers', 'evidence', 'actions', 'notes'] as const).find(
    (list) => changed.sheet[list].length > SHEET_LIMITS[list] && changed.sheet[list].length > sheet[list].length,
  )
  return full === undefined ? changed : refused(`a sheet holds ${SHEET_LIMITS[full]} ${full}; take one out first`)
}

function change(sheet: Investigation, edit: Edit, setting: EditSetting): Applied {
  switch (edit.edit) {
    case 'set':
      return applied({ ...sheet, [edit.field]: edit.value })
    case 'set-state':
      return applied({ ...sheet, state: edit.value })
    case 'set-detection':
      return applied({ ...sheet, detection: detectionOf({ ...sheet.detection, [edit.field]: edit.value }) })
    case 'add-answer':
      return addAnswer(sheet, edit, setting)
    case 'set-answer':
      return changePart(sheet, 'answers', edit.id, setting, (answer) => ({
        ...answer,
        [edit.field]: edit.value,
        isDraft: false,
      }))
    case 'set-answer-state':
      if (edit.value === 'supported' && find(sheet.answers, edit.id)?.evidence.length === 0)
        return refused('an answer is supported by evidence; pin some to it first')
      return changePart(sheet, 'answers', edit.id, setting, (answer) => ({
        ...answer,
        state: edit.value,
        isDraft: false,
      }))
    case 'move-answer':
      return moveAnswer(sheet, edit, setting)
    case 'remove-answer':
      return removeAnswer(sheet, edit.id, setting)
    case 'add-evidence':
      return addEvidence(sheet, edit, setting)
    case 'remove-evidence':
      return removePart(sheet, 'evidence', edit.id, setting, (rest) => ({
        ...rest,
        answers: rest.answers.map((answer) => without(answer, edit.id)),
      }))
    case 'attach-evidence':
      if (find(sheet.evidence, edit.id) === undefined) return missing(sheet, 'evidence', edit.id, setting)
      return changePart(sheet, 'answers', edit.answerId, setting, (answer) => having(answer, edit.id))
    case 'detach-evidence':
      if (find(sheet.evidence, edit.id) === undefined) return missing(sheet, 'evidence', edit.id, setting)
      return changePart(sheet, 'answers', edit.answerId, setting, (answer) => without(answer, edit.id))
    case 'add-action': {
      const { id, text, owner, due } = edit
      return addPart(sheet, 'actions', { id, text, owner, due, isDone: false })
    }
    case 'set-action':
      return changePart(sheet, 'actions', edit.id, setting, (action) => ({ ...action, [edit.field]: edit.value }))
    case 'remove-action':
      return removePart(sheet, 'actions', edit.id, setting)
    case 'add-note': {
      const { at, by } = setting
      return addPart(sheet, 'notes', { id: edit.id, text: edit.text, at: toIso(at), by })
    }
    case 'set-note':
      return changePart(sheet, 'notes', edit.id, setting, (note) => ({ ...note, text: edit.value }))
    case 'remove-note':
      return removePart(sheet, 'notes', edit.id, setting)
    case 'restore':
      return restore(sheet, edit.rev, setting)
  }
}

export function detectionOf({ beganAt, detectedAt }: Omit<Detection, 'delayMs'>): Detection {
  const delayMs = beganAt === null || detectedAt === null ? null : fromIso(detectedAt) - fromIso(beganAt)
  return { beganAt, detectedAt, delayMs: delayMs === null || delayMs < 0 ? null : delayMs }
}

function addAnswer(sheet: Investigation, edit: Edit & { edit: 'add-answer' }, setting: EditSetting): Applied {
  const { id, order, question, text } = edit
  const parentId = standingParent(sheet, edit.parentId, setting)
  if (parentId === undefined) return unknown('answers', edit.parentId)
  const answer: Answer = { id, parentId, order, question, text, state: 'hypothesis', evidence: [], isDraft: false }
  return addPart(sheet, 'answers', answer)
}

function moveAnswer(sheet: Investigation, edit: Edit & { edit: 'move-answer' }, setting: EditSetting): Applied {
  const { id, order } = edit
  const parentId = standingParent(sheet, edit.parentId, setting)
  if (parentId === undefined) return unknown('answers', edit.parentId)
  for (let above: PartId | null = parentId; above !== null; above = find(sheet.answers, above)?.parentId ?? null)
    if (above === id) return refused('an answer cannot follow from itself, nor from what follows from it')
  return changePart(sheet, 'answers', id, setting, (answer) => ({ ...answer, parentId, order }))
}

function removeAnswer(sheet: Investigation, id: PartId, setting: EditSetting): Applied {
  const parentId = find(sheet.answers, id)?.parentId ?? null
  return removePart(sheet, 'answers', id, setting, (rest) => ({
    ...rest,
    answers: rest.answers.map((answer) => (answer.parentId === id ? { ...answer, parentId } : answer)),
  }))
}

/** What somebody hangs below an answer that another took out meanwhile hangs below what that one hung below. */
function standingParent(sheet: Investigation, id: PartId | null, { earlier }: EditSetting): PartId | null | undefined {
  const seen = new Set<PartId>()
  for (let parent = id; parent !== null && !seen.has(parent);) {
    if (find(sheet.answers, parent) !== undefined) return parent
    seen.add(parent)
    const before = earlier.findLast(({ answers }) => answers.some((answer) => answer.id === parent))
    if (before === undefined) return undefined
    parent = find(before.answers, parent)?.parentId ?? null
  }
  return null
}

function addEvidence(
  sheet: Investigation,
  { evidence, answerId }: Edit & { edit: 'add-evidence' },
  setting: EditSetting,
): Applied {
  const pinned = sheet.pinned + 1
  const id = `E${pinned}`
  const { at, by } = setting
  const withIt = { ...sheet, pinned, evidence: [...sheet.evidence, { ...evidence, id, pinnedAt: toIso(at), by }] }
  if (answerId === null) return applied(withIt)
  const attached = changePart(withIt, 'answers', answerId, setting, (answer) => having(answer, id))
  // What was pinned is not lost with the answer it was meant for.
  return attached.result === 'gone' ? applied(withIt) : attached
}

function restore(sheet: Investigation, rev: number, { earlier }: EditSetting): Applied {
  const then = earlier[rev - 1]
  if (then === undefined) return refused(`there is no revision ${rev}; the latest is ${earlier.length}`)
  const { rev: now, pinned, updatedAt, updatedBy } = sheet
  return applied({ ...then, rev: now, pinned, updatedAt, updatedBy })
}

/** The lists of a sheet whose parts have an id. */
type List = 'answers' | 'evidence' | 'actions' | 'notes'
type Part<L extends List> = Investigation[L][number]

function addPart<L extends List>(sheet: Investigation, list: L, part: Part<L>): Applied {
  const parts: readonly { readonly id: string }[] = sheet[list]
  if (find(parts, part.id) !== undefined) return refused(`there is a ${list}.${part.id} already`)
  return applied({ ...sheet, [list]: [...parts, part] })
}

function changePart<L extends List>(
  sheet: Investigation,
  list: L,
  id: string,
  setting: EditSetting,
  changed: (part: Part<L>) => Part<L>,
): Applied {
  const parts: readonly Part<L>[] = sheet[list]
  if (find(parts, id) === undefined) return missing(sheet, list, id, setting)
  return applied({ ...sheet, [list]: parts.map((part) => (part.id === id ? changed(part) : part)) })
}

function removePart(
  sheet: Investigation,
  list: List,
  id: string,
  setting: EditSetting,
  after: (rest: Investigation) => Investigation = (rest) => rest,
): Applied {
  const parts: readonly Part<List>[] = sheet[list]
  if (find(parts, id) === undefined) return missing(sheet, list, id, setting)
  return applied(after({ ...sheet, [list]: parts.filter((part) => part.id !== id) }))
}

function missing(sheet: Investigation, list: List, id: string, { earlier }: EditSetting): Applied {
  const wasThere = [...earlier, sheet].some((before) =>
    (before[list] as readonly { readonly id: string }[]).some((part) => part.id === id),
  )
  return wasThere ? { result: 'gone', part: `${list}.${id}` } : unknown(list, id)
}

function unknown(list: List, id: string | null): Applied {
  return refused(`there is no ${list}.${id} in this sheet`)
}

function having(answer: Answer, id: string): Answer {
  return answer.evidence.includes(id) ? answer : { ...answer, evidence: [...answer.evidence, id] }
}

function without(answer: Answer, id: string): Answer {
  if (!answer.evidence.includes(id)) return answer
  const evidence = answer.evidence.filter((each) => each !== id)
  const isBare = answer.state === 'supported' && evidence.length === 0
  return { ...answer, evidence, state: isBare ? 'hypothesis' : answer.state }
}

function find<P extends { readonly id: string }>(parts: readonly P[], id: string): P | undefined {
  return parts.find((part) => part.id === id)
}

const applied = (sheet: Investigation): Applied => ({ result: 'applied', sheet })
const refused = (because: string): Applied => ({ result: 'refused', because })
