/** What the API asks of investigations, and the facts it brings along to have one drafted and told. */
import type {
  EditAnswer,
  EditRequest,
  ExportFormat,
  EvidenceDraft,
  HistoryEntry,
  Investigation,
  InvestigationId,
  InvestigationList,
  InvestigationState,
  IssueLinks,
  NewInvestigation,
  TimelineEntry,
} from '../contract/investigations.ts'
import type { RunDetail } from '../contract/runs.ts'
import type { Fingerprint, IncidentDetail } from '../contract/stalls.ts'

/** As much as is kept of what a sheet is about. */
export interface SheetFacts {
  /** The run, or of an incident one of its runs. */
  readonly run: RunDetail | null
  readonly incident: IncidentDetail | null
  /** What else is known to have changed before it began. */
  readonly changes: readonly Change[]
}

/** A sentence that is true of its evidence: `server.address is orders-db-2 in 93 % of the stalled runs and 9 % of the others`. */
export interface Change {
  readonly text: string
  readonly evidence: EvidenceDraft
}

export interface InvestigationQuery {
  readonly state?: InvestigationState | undefined
  readonly fingerprint?: Fingerprint | undefined
  readonly runId?: string | undefined
}

export interface InvestigationSource {
  /** On disk when it returns. */
  create(request: NewInvestigation, facts: SheetFacts): Investigation
  /** What `create` would make, kept nowhere. */
  draft(request: NewInvestigation, facts: SheetFacts): Investigation
  list(query: InvestigationQuery): InvestigationList
  /** @param rev the newest when absent. @returns null when there is none */
  find(id: InvestigationId, rev?: number): Investigation | null
  /** Entries with a lower revision, the latest first; null when there is no such sheet. */
  history(id: InvestigationId, before: number, limit: number): readonly HistoryEntry[] | null
  /** On disk when it returns; null when there is no such sheet. */
  edit(id: InvestigationId, request: EditRequest): EditAnswer | { readonly refused: string } | null
  timeline(sheet: Investigation, facts: SheetFacts): readonly TimelineEntry[]
  /** The whole sheet as a text of this form. */
  write(sheet: Investigation, facts: SheetFacts, format: ExportFormat): string
  /** @param repository an address on the site that has it, or a template that leads to a line of its code */
  issueLinks(sheet: Investigation, facts: SheetFacts, repository: string): IssueLinks
}
