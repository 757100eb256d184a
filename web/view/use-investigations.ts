/** The investigations, once they are here; their data comes with the first page that shows one. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type {
  EditAnswer,
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
import type { OpenSheet } from '../model/open-sheet.ts'
import { useScreen, type Problem, type Watch } from './screen.ts'

export type Answered<T> = { readonly answer: T } | { readonly problem: Problem }

export interface Investigations {
  list(state: InvestigationState | null): Watch<InvestigationList>
  open(id: InvestigationId): OpenSheet
  begin(about: Omit<NewInvestigation, 'by' | 'key'>, key: string): Promise<Answered<Investigation>>
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
  /** For what is asked once, however often it is sent. */
  makeKey(): string
}

export function useInvestigations(): Investigations | null {
  const screen = useScreen()
  const loaded = useSignal<Investigations | null>(null)
  useEffect(() => void screen.investigations().then((here) => (loaded.value = here)), [])
  return loaded.value
}
