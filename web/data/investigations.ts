/** The investigations, as the API has them: lists and sheets, beginning one, adding to one. Comes with the first visit. */
import type { ReadonlySignal } from '@preact/signals'
import type { Clock } from '../../contract/clock.ts'
import { newId } from '../../contract/ids.ts'
import type {
  EditAnswer,
  EditRequest,
  EvidenceDraft,
  ExportFormat,
  Investigation,
  InvestigationHistory,
  InvestigationId,
  InvestigationList,
  InvestigationState,
  InvestigationTimeline,
  IssueLinks,
  NewInvestigation,
} from '../../contract/investigations.ts'
import { seconds } from '../../contract/units.ts'
import { posted } from './posted.ts'
import { ask, problemOf, type ApiProblem, type Queries, type Watch } from './queries.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import { openSheet } from './sheet.ts'

export interface InvestigationSettings {
  readonly clock: Clock
  readonly queries: Pick<Queries, 'answer'>
  /** The sheet that was edited last, as the live feed tells it; null before the first. */
  readonly edited: ReadonlySignal<{ readonly id: InvestigationId; readonly rev: number } | null>
  /** Of whoever sits here; null while he has not said. */
  readonly name: () => string | null
}

export type Answered<T> = { readonly answer: T } | { readonly problem: ApiProblem }

export interface Investigations {
  list(state: InvestigationState | null): Watch<InvestigationList>
  open(id: InvestigationId): OpenSheet
  /** @param key asked again with the same one, it is begun once */
  begin(about: Omit<NewInvestigation, 'by' | 'key'>, key: string): Promise<Answered<Investigation>>
  /** @param key asked again with the same one, it is added once */
  add(
    to: { readonly id: InvestigationId; readonly rev: number },
    evidence: EvidenceDraft,
    key: string,
  ): Promise<Answered<EditAnswer>>
  history(id: InvestigationId): Watch<InvestigationHistory>
  timeline(id: InvestigationId): Watch<InvestigationTimeline>
  issueLinks(id: InvestigationId, repository: string): Watch<IssueLinks>
  exportPath(id: InvestigationId, format: ExportFormat): string
  exportText(id: InvestigationId): Promise<Answered<string>>
  makeKey(): string
}

const LIST_EVERY = seconds(5)

const ROOT = '/api/investigations'
const at = (id: InvestigationId, part = ''): string => `${ROOT}/${encodeURIComponent(id)}${part}`
const exportPath = (id: InvestigationId, format: ExportFormat): string => at(id, `/export?format=${format}`)

export function openInvestigations(settings: InvestigationSettings): Investigations {
  const { queries, name } = settings
  return {
    list: (state) => queries.answer(state === null ? ROOT : `${ROOT}?state=${state}`, LIST_EVERY),
    open: (id) => openSheet(id, at(id), settings),
    begin: (about, key) => told(ask<Investigation>(ROOT, null, posted({ ...about, by: name(), key }))),
    add: ({ id, rev }, evidence, key) => {
      const edits = [{ edit: 'add-evidence', evidence, answerId: null }] as const
      const request: EditRequest = { baseRev: rev, by: name(), key, edits }
      return told(ask<EditAnswer>(at(id, '/edits'), null, posted(request)))
    },
    history: (id) => queries.answer(at(id, '/history'), false),
    timeline: (id) => queries.answer(at(id, '/timeline'), false),
    issueLinks: (id, repository) =>
      queries.answer(at(id, `/issue-links?repository=${encodeURIComponent(repository)}`), false),
    exportPath,
    exportText: (id) => told(fetchText(exportPath(id, 'md'))),
    makeKey: () => newId('edit'),
  }
}

async function fetchText(path: string): Promise<string> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`The collector answered ${answer.status} ${answer.statusText}.`)
  return answer.text()
}

function told<T>(promise: Promise<T>): Promise<Answered<T>> {
  return promise.then(
    (answer) => ({ answer }),
    (error: Error) => ({ problem: problemOf(error) }),
  )
}
