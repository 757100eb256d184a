/** The texts of a sheet that people write, each by one name: `problem`, `answers.<id>.text`, `actions.<id>.due`, `notes.<id>.text`. */
import type { Action, Answer, AnswerField, Edit, Investigation, SheetField } from '../../contract/investigations.ts'

/** As `Overwritten.field` says it. */
export type FieldName = string

const SHEET_FIELDS: readonly SheetField[] = ['title', 'problem', 'contributing', 'limited']
const ANSWER_FIELDS: readonly AnswerField[] = ['question', 'text']
const ACTION_FIELDS = ['text', 'owner', 'due'] as const
type ActionField = (typeof ACTION_FIELDS)[number]

type Place =
  | { readonly of: 'sheet'; readonly field: SheetField }
  | { readonly of: 'answers'; readonly id: string; readonly field: AnswerField }
  | { readonly of: 'actions'; readonly id: string; readonly field: ActionField }
  | { readonly of: 'notes'; readonly id: string }

export const fieldOf = {
  answer: ({ id }: Pick<Answer, 'id'>, field: AnswerField): FieldName => `answers.${id}.${field}`,
  action: ({ id }: Pick<Action, 'id'>, field: ActionField): FieldName => `actions.${id}.${field}`,
  note: ({ id }: { readonly id: string }): FieldName => `notes.${id}.text`,
}

/** What stands there; null when there is no such place (any more). */
export function readField(sheet: Investigation, name: FieldName): string | null {
  const place = placeOf(name)
  switch (place?.of) {
    case 'sheet':
      return sheet[place.field]
    case 'answers':
      return sheet.answers.find(({ id }) => id === place.id)?.[place.field] ?? null
    case 'actions': {
      const action = sheet.actions.find(({ id }) => id === place.id)
      return action === undefined ? null : (action[place.field] ?? '')
    }
    case 'notes':
      return sheet.notes.find(({ id }) => id === place.id)?.text ?? null
    default:
      return null
  }
}

/** The edit that writes it there; null for a name that is no text of a sheet, and for a title of nothing: a sheet has one. */
export function editOf(name: FieldName, value: string): Edit | null {
  const place = placeOf(name)
  switch (place?.of) {
    case 'sheet':
      if (place.field === 'title' && value.trim() === '') return null
      return { edit: 'set', field: place.field, value }
    case 'answers':
      return { edit: 'set-answer', id: place.id, field: place.field, value }
    case 'actions':
      return place.field === 'text'
        ? { edit: 'set-action', id: place.id, field: 'text', value }
        : { edit: 'set-action', id: place.id, field: place.field, value: value.trim() === '' ? null : value.trim() }
    case 'notes':
      return { edit: 'set-note', id: place.id, value }
    default:
      return null
  }
}

/** The text an edit writes and where; null for one that writes none. */
export function textOf(edit: Edit): { readonly field: FieldName; readonly text: string } | null {
  switch (edit.edit) {
    case 'set':
      return { field: edit.field, text: edit.value }
    case 'set-answer':
      return { field: fieldOf.answer(edit, edit.field), text: edit.value }
    case 'set-action':
      return edit.field === 'isDone'
        ? null
        : { field: fieldOf.action(edit, edit.field), text: edit.value === null ? '' : edit.value }
    case 'set-note':
      return { field: fieldOf.note(edit), text: edit.value }
    default:
      return null
  }
}

function placeOf(name: FieldName): Place | null {
  const [first = '', id = '', rest = ''] = name.split('.')
  const sheetField = SHEET_FIELDS.find((field) => field === name)
  if (sheetField !== undefined) return { of: 'sheet', field: sheetField }
  const answerField = ANSWER_FIELDS.find((field) => field === rest)
  if (first === 'answers' && answerField !== undefined) return { of: 'answers', id, field: answerField }
  const actionField = ACTION_FIELDS.find((field) => field === rest)
  if (first === 'actions' && actionField !== undefined) return { of: 'actions', id, field: actionField }
  return first === 'notes' && rest === 'text' ? { of: 'notes', id } : null
}
