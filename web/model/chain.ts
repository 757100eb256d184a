/** The chain of whys as the page lists it: each answer under the one it follows from, branches one after the other. */
import type { Answer, AnswerState, Edit, PartId } from '../../contract/investigations.ts'

export interface ChainRow {
  readonly answer: Answer
  /** `1`, `2`, … by how many whys deep it is; `2b` for the second answer of one why. */
  readonly label: string
  readonly depth: number
  /** Another answer to the same why stands before it. */
  readonly isBranch: boolean
  /** How deep within branches it stands: what is no branch stays at the edge. */
  readonly indent: number
  /** Neighbours of the same parent; null at the ends. */
  readonly before: Answer | null
  readonly after: Answer | null
}

export const STATE_WORDS: Readonly<Record<AnswerState, string>> = {
  hypothesis: 'hypothesis',
  supported: 'supported',
  refuted: 'refuted',
}

/** Depth first. What hangs on nothing that is there begins a chain of its own; rings cannot hide anything. */
export function chainOf(answers: readonly Answer[]): readonly ChainRow[] {
  const ids = new Set(answers.map(({ id }) => id))
  const children = Map.groupBy(answers, ({ parentId }) => (parentId !== null && ids.has(parentId) ? parentId : null))
  const rows: ChainRow[] = []
  const seen = new Set<PartId>()
  const visit = (parentId: PartId | null, depth: number, indent: number): void => {
    const siblings = (children.get(parentId) ?? []).toSorted(byOrder)
    siblings.forEach((answer, index) => {
      if (seen.has(answer.id)) return
      seen.add(answer.id)
      const own = indent + (index > 0 ? 1 : 0)
      rows.push({
        answer,
        label: `${depth + 1}${index === 0 ? '' : letter(index)}`,
        depth,
        isBranch: index > 0,
        indent: own,
        before: siblings[index - 1] ?? null,
        after: siblings[index + 1] ?? null,
      })
      visit(answer.id, depth + 1, own)
    })
  }
  visit(null, 0, 0)
  for (const answer of answers)
    if (!seen.has(answer.id)) {
      seen.add(answer.id)
      rows.push({ answer, label: '?', depth: 0, isBranch: false, indent: 0, before: null, after: null })
    }
  return rows
}

/** The next why, below this answer; the first one of all for null. */
export function addWhy(answers: readonly Answer[], below: Answer | null, id: PartId): Edit {
  const order = lastOrder(answers, below?.id ?? null) + 1
  return { edit: 'add-answer', id, parentId: below?.id ?? null, order, question: '', text: '' }
}

/** Another answer to the same why. */
export function addBranch(answers: readonly Answer[], beside: Answer, id: PartId): Edit {
  const { parentId, question } = beside
  return { edit: 'add-answer', id, parentId, order: lastOrder(answers, parentId) + 1, question, text: '' }
}

/** One place up among those of its parent; null for the first. */
export function moveUp({ answer, before }: ChainRow, answers: readonly Answer[]): Edit | null {
  if (before === null) return null
  const siblings = answers.filter(({ parentId }) => parentId === answer.parentId).toSorted(byOrder)
  const beyond = siblings[siblings.findIndex(({ id }) => id === before.id) - 1]
  const order = beyond === undefined ? before.order - 1 : (beyond.order + before.order) / 2
  return { edit: 'move-answer', id: answer.id, parentId: answer.parentId, order }
}

function lastOrder(answers: readonly Answer[], parentId: PartId | null): number {
  return Math.max(0, ...answers.filter((one) => one.parentId === parentId).map(({ order }) => order))
}

function byOrder(a: Answer, b: Answer): number {
  return a.order - b.order || (a.id < b.id ? -1 : 1)
}

/** `b`, `c`, …; beyond the alphabet a number. */
function letter(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : `.${index + 1}`
}
