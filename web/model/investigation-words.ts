/** What is said of a sheet's parts and of its history, and where its issues may go. */
import {
  INVESTIGATION_STATES,
  type Edit,
  type EvidenceKind,
  type InvestigationState,
} from '../../contract/investigations.ts'

export const KIND_WORDS: Readonly<Record<EvidenceKind, string>> = {
  run: 'run',
  span: 'span',
  message: 'message',
  log: 'log line',
  exception: 'exception',
  pulse: 'pulse',
  compare: 'comparison',
  chart: 'chart',
  deploy: 'deploy',
  incident: 'incident',
  note: 'note',
}

/** What the list is narrowed to. It stands here, for only the pages of investigations need it. */
export function readInvestigationState(query: Readonly<Record<string, string>>): InvestigationState | null {
  return INVESTIGATION_STATES.find((state) => state === query['state']) ?? null
}

/** A path of this dashboard; null for what would lead elsewhere, whoever wrote it. */
export function ownPath(link: string | null): string | null {
  return link !== null && /^\/(?![/\\])/.test(link) ? link : null
}

/** `answered “the pool is exhausted”`, `took out evidence E3`. */
export function editWords(edit: Edit): string {
  switch (edit.edit) {
    case 'set':
      return `${edit.field}: ${quoted(edit.value)}`
    case 'set-state':
      return edit.value === 'open' ? 'opened again' : 'closed'
    case 'set-detection':
      return `${edit.field === 'beganAt' ? 'it began' : 'it was detected'} ${edit.value === null ? 'at no known time' : `at ${edit.value}`}`
    case 'add-answer':
      return edit.text === '' ? `asked ${quoted(edit.question)}` : `answered ${quoted(edit.text)}`
    case 'set-answer':
      return `${edit.field === 'text' ? 'answer' : 'question'}: ${quoted(edit.value)}`
    case 'set-answer-state':
      return `an answer is ${edit.value === 'hypothesis' ? 'a hypothesis' : edit.value}`
    case 'move-answer':
      return 'moved an answer'
    case 'remove-answer':
      return 'took out an answer'
    case 'add-evidence':
      return `pinned ${quoted(edit.evidence.title)}`
    case 'remove-evidence':
      return `took out evidence ${edit.id}`
    case 'attach-evidence':
      return `attached ${edit.id} to an answer`
    case 'detach-evidence':
      return `took ${edit.id} from an answer`
    case 'add-action':
      return edit.text === '' ? 'added an action' : `action: ${quoted(edit.text)}`
    case 'set-action':
      return edit.field === 'isDone'
        ? `an action is ${edit.value ? 'done' : 'open'}`
        : `${edit.field === 'text' ? 'action' : `${edit.field} of an action`}: ${quoted(edit.value ?? '')}`
    case 'remove-action':
      return 'took out an action'
    case 'add-note':
      return edit.text === '' ? 'added a note' : `noted ${quoted(edit.text)}`
    case 'set-note':
      return `note: ${quoted(edit.value)}`
    case 'remove-note':
      return 'took out a note'
    case 'restore':
      return `restored revision ${edit.rev}`
  }
}

const QUOTED_MAX = 200

function quoted(text: string): string {
  if (text.trim() === '') return '(empty)'
  return `“${text.length <= QUOTED_MAX ? text : `${text.slice(0, QUOTED_MAX)}…`}”`
}

/**
 * The repository's own page, of the template that leads to its code: `https://github.com/acme/agent`. Null when the
 * template leads to none.
 */
export function repositoryOf(template: string): string | null {
  const url = URL.parse(template.replaceAll(/[{}]/g, ''))
  if (url === null || !/^https?:$/.test(url.protocol)) return null
  const [project = ''] = url.pathname.split(/\/(?:-|blob|tree|src|raw|blame)\//)
  const parts = project.split('/').filter(Boolean)
  return parts.length < 2 ? null : `${url.origin}/${parts.join('/')}`
}
