/** The fields of a sheet by name, as `Overwritten` tells them: which an edit writes, and what stands in one. */
import type { Edit, Investigation } from '../../contract/investigations.ts'

/** Of an edit that takes something out or puts back what was, all fields that it does away with. */
export function fieldsOf(edit: Edit, sheet: Investigation): readonly string[] {
  switch (edit.edit) {
    case 'set':
      return [edit.field]
    case 'set-state':
      return ['state']
    case 'set-detection':
      return [`detection.${edit.field}`]
    case 'set-answer':
      return [`answers.${edit.id}.${edit.field}`]
    case 'set-answer-state':
      return [`answers.${edit.id}.state`]
    case 'move-answer':
      return [`answers.${edit.id}.parentId`]
    case 'remove-answer':
      return answerFields(edit.id)
    case 'set-action':
      return [`actions.${edit.id}.${edit.field}`]
    case 'remove-action':
      return actionFields(edit.id)
    case 'set-note':
    case 'remove-note':
      return [`notes.${edit.id}.text`]
    case 'restore':
      return [
        ...WHOLE,
        ...sheet.answers.flatMap(({ id }) => answerFields(id)),
        ...sheet.actions.flatMap(({ id }) => actionFields(id)),
        ...sheet.notes.map(({ id }) => `notes.${id}.text`),
      ]
    // Nothing that somebody wrote gives way to these.
    case 'add-answer':
    case 'add-evidence':
    case 'remove-evidence':
    case 'attach-evidence':
    case 'detach-evidence':
    case 'add-action':
    case 'add-note':
      return []
  }
}

/** As text, whatever it is; null for what is not there. */
export function readField(sheet: Investigation, field: string): string | null {
  let value: unknown = sheet
  for (const name of field.split('.')) {
    if (Array.isArray(value)) value = value.find((part: { readonly id: string }) => part.id === name)
    else if (typeof value === 'object' && value !== null)
      value = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : null
    else return null
  }
  return value === null || value === undefined || typeof value === 'object' ? null : String(value)
}

/** Whether a part, `answers.a1`, is in the sheet. */
export function hasPart(sheet: Investigation, part: string): boolean {
  return readField(sheet, `${part}.id`) !== null
}

const WHOLE = ['title', 'problem', 'contributing', 'limited', 'state', 'detection.beganAt', 'detection.detectedAt']

function answerFields(id: string): string[] {
  return ['question', 'text', 'state'].map((field) => `answers.${id}.${field}`)
}

function actionFields(id: string): string[] {
  return ['text', 'owner', 'due', 'isDone'].map((field) => `actions.${id}.${field}`)
}
