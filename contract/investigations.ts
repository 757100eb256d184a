/**
 * Investigations: five-whys sheets, as `/api/investigations` reads and writes them. Laststep drafts the first answers from
 * evidence; people edit them, several at once. A sheet is what its edits make of it, one after the other: nothing else
 * changes it, so its history has every text that anybody wrote. Times are ISO-8601 UTC.
 */
import type { IsoTime } from './runs.ts'
import type { Fingerprint } from './stalls.ts'
import type { Millis } from './units.ts'

/** `INV-12` */
export type InvestigationId = string
/** `E1`, `E2`, … within one sheet. Given by Laststep, and never given again after one is taken out. */
export type EvidenceId = string
/** Of an answer, an action or a note; whoever adds it makes it: 1 to 40 of `A-Z a-z 0-9 _ -`. */
export type PartId = string

export const INVESTIGATION_STATES = ['open', 'closed'] as const
export type InvestigationState = (typeof INVESTIGATION_STATES)[number]

/** `supported` needs evidence; without its last piece an answer is a hypothesis again. */
export const ANSWER_STATES = ['hypothesis', 'supported', 'refuted'] as const
export type AnswerState = (typeof ANSWER_STATES)[number]

export const EVIDENCE_KINDS = [
  'run',
  'span',
  'message',
  'log',
  'exception',
  'pulse',
  'compare',
  'chart',
  'deploy',
  'incident',
  'note',
] as const
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

/** One why and what is thought of it. Several with one parent are branches; `parentId` null is where the chain begins. */
export interface Answer {
  readonly id: PartId
  readonly parentId: PartId | null
  /** Among those of one parent the lowest is first; equal ones by id. Between two there is always room for one more. */
  readonly order: number
  /** One line of plain words. */
  readonly question: string
  /** Markdown. Empty for a question nobody has answered. */
  readonly text: string
  readonly state: AnswerState
  readonly evidence: readonly EvidenceId[]
  /** Laststep wrote it and nobody has touched it. */
  readonly isDraft: boolean
}

export interface FrozenValue {
  readonly name: string
  readonly value: string
}

/** A link to what was seen, and a copy of it: data is forgotten in time, and a link may die. */
export interface EvidenceDraft {
  readonly kind: EvidenceKind
  readonly title: string
  /** A path of the dashboard, pinned in time where it can be: `/runs/run_…?span=…`. Null for a note. */
  readonly link: string | null
  /** When what it shows happened. */
  readonly at: IsoTime | null
  /** The values shown when it was pinned, in their order. */
  readonly frozen: readonly FrozenValue[]
}

export interface PinnedEvidence extends EvidenceDraft {
  readonly id: EvidenceId
  readonly pinnedAt: IsoTime
  /** Null for what Laststep pinned, and where nobody said who he is. */
  readonly by: string | null
}

export interface Action {
  readonly id: PartId
  readonly text: string
  /** A name; null when nobody has it yet. */
  readonly owner: string | null
  /** `2026-12-01` */
  readonly due: string | null
  readonly isDone: boolean
}

export interface Note {
  readonly id: PartId
  /** Markdown. */
  readonly text: string
  readonly at: IsoTime
  readonly by: string | null
}

export interface Detection {
  /** When it really stood still: the last progress of the first run. */
  readonly beganAt: IsoTime | null
  /** When Laststep flagged it. */
  readonly detectedAt: IsoTime | null
  /** From the one to the other; null while one is not known. */
  readonly delayMs: Millis | null
}

export interface Investigation {
  readonly id: InvestigationId
  /** Grows by one with every request that edits it; 1 is as it was made. */
  readonly rev: number
  readonly title: string
  readonly state: InvestigationState
  /** What it is about; both null for a sheet that began empty. */
  readonly fingerprint: Fingerprint | null
  readonly runId: string | null
  readonly createdAt: IsoTime
  readonly updatedAt: IsoTime
  /** Who began it, and who edited it last. */
  readonly by: string | null
  readonly updatedBy: string | null
  /** Markdown. */
  readonly problem: string
  readonly answers: readonly Answer[]
  readonly evidence: readonly PinnedEvidence[]
  /** How many pieces of evidence were ever pinned: the next one's number is one more. */
  readonly pinned: number
  /** Markdown: contributing factors, and what limited the damage. */
  readonly contributing: string
  readonly limited: string
  readonly detection: Detection
  readonly actions: readonly Action[]
  readonly notes: readonly Note[]
}

export type SheetField = 'title' | 'problem' | 'contributing' | 'limited'
export type AnswerField = 'question' | 'text'

/**
 * One change. What it names must be, or have been, in the sheet. An edit of something that somebody took out meanwhile
 * changes nothing, stays in the history, and is told of in `overwritten`.
 */
export type Edit =
  | { readonly edit: 'set'; readonly field: SheetField; readonly value: string }
  | { readonly edit: 'set-state'; readonly value: InvestigationState }
  | { readonly edit: 'set-detection'; readonly field: 'beganAt' | 'detectedAt'; readonly value: IsoTime | null }
  | {
      readonly edit: 'add-answer'
      readonly id: PartId
      readonly parentId: PartId | null
      readonly order: number
      readonly question: string
      readonly text: string
    }
  | { readonly edit: 'set-answer'; readonly id: PartId; readonly field: AnswerField; readonly value: string }
  | { readonly edit: 'set-answer-state'; readonly id: PartId; readonly value: AnswerState }
  | { readonly edit: 'move-answer'; readonly id: PartId; readonly parentId: PartId | null; readonly order: number }
  /** What followed from it then follows from what it followed from. */
  | { readonly edit: 'remove-answer'; readonly id: PartId }
  /** `answerId`: attached to it at once. */
  | { readonly edit: 'add-evidence'; readonly evidence: EvidenceDraft; readonly answerId: PartId | null }
  | { readonly edit: 'remove-evidence'; readonly id: EvidenceId }
  | { readonly edit: 'attach-evidence'; readonly id: EvidenceId; readonly answerId: PartId }
  | { readonly edit: 'detach-evidence'; readonly id: EvidenceId; readonly answerId: PartId }
  | {
      readonly edit: 'add-action'
      readonly id: PartId
      readonly text: string
      readonly owner: string | null
      readonly due: string | null
    }
  | { readonly edit: 'set-action'; readonly id: PartId; readonly field: 'text'; readonly value: string }
  | { readonly edit: 'set-action'; readonly id: PartId; readonly field: 'owner' | 'due'; readonly value: string | null }
  | { readonly edit: 'set-action'; readonly id: PartId; readonly field: 'isDone'; readonly value: boolean }
  | { readonly edit: 'remove-action'; readonly id: PartId }
  | { readonly edit: 'add-note'; readonly id: PartId; readonly text: string }
  | { readonly edit: 'set-note'; readonly id: PartId; readonly value: string }
  | { readonly edit: 'remove-note'; readonly id: PartId }
  /** All of the sheet as it was at that revision. */
  | { readonly edit: 'restore'; readonly rev: number }

/** Body of `POST /api/investigations`: about an incident, about a run, or (with neither) empty. Answered by the sheet. */
export interface NewInvestigation {
  /** A fingerprint or its beginning, with or without `STL-`. */
  readonly incident?: string | undefined
  readonly run?: string | undefined
  readonly title?: string | undefined
  readonly by?: string | null | undefined
  /** Made by whoever asks; asked again with the same one, the sheet that was made is the answer. */
  readonly key?: string | undefined
}

/** Body of `POST /api/investigations/:id/edits`: all of the edits or none. */
export interface EditRequest {
  /** The revision the editor was looking at. */
  readonly baseRev: number
  readonly by?: string | null | undefined
  /** The page that edits, an id of its own making: nobody is told that he overwrote himself. */
  readonly editor?: string | undefined
  readonly edits: readonly Edit[]
  /** Made by whoever asks; a request sent again with the same one is answered again and done once. */
  readonly key: string
}

/**
 * What an edit of yours replaced that you had not seen: set by somebody after `baseRev`. The last write stands; what it
 * replaced is here and in the history.
 */
export interface Overwritten {
  /**
   * `title`, `problem`, `contributing`, `limited`, `state`, `detection.beganAt`, `answers.<id>.question`, `.text`, `.state` and
   * `.parentId`, `actions.<id>.text`, `.owner`, `.due` and `.isDone`, `notes.<id>.text`; of what was taken out, `answers.<id>`,
   * `evidence.<id>`, `actions.<id>`, `notes.<id>`.
   */
  readonly field: string
  readonly by: string | null
  readonly at: IsoTime
  /** What the other one had written; null when he had taken the thing out, and your edit has changed nothing. */
  readonly theirs: string | null
}

export interface EditAnswer {
  readonly investigation: Investigation
  readonly overwritten: readonly Overwritten[]
}

/**
 * Answer of `GET /api/investigations/:id/history?before=<rev>`: the latest first, `HISTORY_PAGE` at most; the last of all has
 * rev 1. The sheet as it was is `GET /api/investigations/:id?rev=…`.
 */
export interface InvestigationHistory {
  readonly entries: readonly HistoryEntry[]
}

export const HISTORY_PAGE = 200

export interface HistoryEntry {
  readonly rev: number
  readonly at: IsoTime
  readonly by: string | null
  readonly editor: string | null
  /** Empty for the first: the sheet as it was made. */
  readonly edits: readonly Edit[]
  readonly overwritten: readonly Overwritten[]
}

/** Answer of `GET /api/investigations?state=&incident=&run=`: the one edited last is first. */
export interface InvestigationList {
  readonly investigations: readonly InvestigationRow[]
  /** Of those that fit all but the state asked for. */
  readonly states: Readonly<Record<InvestigationState, number>>
}

export interface InvestigationRow extends Pick<
  Investigation,
  'id' | 'rev' | 'title' | 'state' | 'fingerprint' | 'runId' | 'createdAt' | 'updatedAt' | 'by' | 'updatedBy'
> {
  readonly answers: number
  readonly supported: number
  /** Actions that are not done. */
  readonly actionsOpen: number
}

/** What happened, in order of time, as `GET /api/investigations/:id/timeline` tells it. */
export interface InvestigationTimeline {
  readonly entries: readonly TimelineEntry[]
}

export const TIMELINE_KINDS = ['run', 'deploy', 'stall', 'alert', 'evidence', 'note'] as const
export type TimelineKind = (typeof TIMELINE_KINDS)[number]

export interface TimelineEntry {
  readonly at: IsoTime
  readonly kind: TimelineKind
  readonly text: string
  /** A path of the dashboard. */
  readonly link: string | null
}

export const EXPORT_FORMATS = ['md', 'json'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Of `GET /api/investigations/:id/export?format=json`; `md` is text. Links in it are whole addresses. */
export interface InvestigationExport {
  readonly investigation: Investigation
  readonly timeline: readonly TimelineEntry[]
  readonly address: string
}

/**
 * Answer of `GET /api/investigations/:id/issue-links?repository=<address>`: pages of the repository's site with a new issue
 * filled in. `isCut`: the sheet is longer than an address may be, so the issue has its beginning and a link to the whole.
 */
export interface IssueLinks {
  readonly links: readonly { readonly site: 'github' | 'gitlab'; readonly href: string; readonly isCut: boolean }[]
}

/** Characters, and counts for one sheet. A request with more is refused. */
export const SHEET_LIMITS = {
  name: 80,
  title: 200,
  text: 20_000,
  key: 80,
  link: 2_000,
  frozen: 40,
  frozenName: 100,
  frozenValue: 4_000,
  answers: 200,
  evidence: 300,
  actions: 200,
  notes: 500,
  editsAtOnce: 100,
} as const
