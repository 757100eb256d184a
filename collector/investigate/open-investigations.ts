/** The sheets, from the desk: what is asked of one is worked out of its ledger, and an edit is on disk before it is answered. */
import type { Clock } from '../../contract/clock.ts'
import type {
  HistoryEntry,
  Investigation,
  InvestigationExport,
  InvestigationId,
  InvestigationList,
  InvestigationRow,
} from '../../contract/investigations.ts'
import type { Instant } from '../../contract/units.ts'
import type { InvestigationSource } from '../investigation.ts'
import { draftSheet } from './draft-sheet.ts'
import { linkIssues } from './link-issues.ts'
import { addEntry, decideEdits, newestOf, replay, type Ledger, type LedgerEntry } from './sheet-ledger.ts'
import { writeMarkdown } from './write-markdown.ts'
import { writeTimeline } from './write-timeline.ts'

/** The part of the desk that keeps sheets; `keep/desk-investigations.ts` fits. */
export interface SheetDesk {
  create(key: string | null, make: (no: number) => KeptSheet): number
  read(no: number): { readonly first: string; readonly entries: readonly string[] } | null
  append(no: number, rev: number, entry: string, row: string): void
  list(about: { readonly fingerprint?: string | undefined; readonly runId?: string | undefined }): readonly string[]
  told(about: { readonly fingerprint: string | null; readonly runId: string | null }): readonly {
    readonly body: string
    readonly toldAt: Instant
  }[]
}

export interface KeptSheet {
  readonly first: string
  readonly row: string
  readonly fingerprint: string | null
  readonly runId: string | null
}

export interface InvestigationSettings {
  readonly clock: Clock
  readonly desk: { readonly investigations: SheetDesk }
  /** A sheet is there, or at a new revision. */
  readonly edited: (id: InvestigationId, rev: number) => void
  /** Where people reach the dashboard. */
  readonly address: () => string
}

/** Of what is kept nowhere. */
const DRAFT_ID = 'INV-0'
/** Ledgers held after they were asked for; a sheet somebody works on is asked for again within the second. */
const HELD_MAX = 20

export function openInvestigations({
  clock,
  edited,
  address,
  ...settings
}: InvestigationSettings): InvestigationSource {
  const desk = settings.desk.investigations
  const held = new Map<number, Ledger>()

  const hold = (no: number, ledger: Ledger): Ledger => {
    held.delete(no)
    held.set(no, ledger)
    for (const oldest of held.keys()) if (held.size > HELD_MAX) held.delete(oldest)
    return ledger
  }

  const ledgerOf = (id: InvestigationId): { readonly no: number; readonly ledger: Ledger } | null => {
    const no = numberOf(id)
    if (no === null) return null
    const ledger = held.get(no) ?? readLedger(desk, no)
    return ledger === null ? null : { no, ledger: hold(no, ledger) }
  }

  const source: InvestigationSource = {
    create(request, facts) {
      const now = clock.now()
      const no = desk.create(request.key ?? null, (next) => keep(draftSheet(`INV-${next}`, request, facts, now)))
      const made = ledgerOf(`INV-${no}`)
      if (made === null) throw new Error(`investigation ${no} was made and is not there`)
      const sheet = newestOf(made.ledger)
      edited(sheet.id, sheet.rev)
      return sheet
    },

    draft: (request, facts) => draftSheet(DRAFT_ID, request, facts, clock.now()),

    list({ state, ...about }) {
      const rows = desk.list(about).map((row) => JSON.parse(row) as InvestigationRow)
      const count = (counted: InvestigationRow['state']): number => rows.filter((row) => row.state === counted).length
      return {
        investigations: state === undefined ? rows : rows.filter((row) => row.state === state),
        states: { open: count('open'), closed: count('closed') },
      } satisfies InvestigationList
    },

    find(id, rev) {
      const ledger = ledgerOf(id)?.ledger
      if (ledger === undefined) return null
      return rev === undefined ? newestOf(ledger) : (ledger.sheets[rev - 1] ?? null)
    },

    history(id, before, limit) {
      const ledger = ledgerOf(id)?.ledger
      if (ledger === undefined) return null
      const { createdAt: at, by } = ledger.sheets[0]
      const first: HistoryEntry = { rev: 1, at, by, editor: null, edits: [], overwritten: [] }
      const earlier = [first, ...ledger.entries.map(toldEntry)].filter(({ rev }) => rev < before)
      return earlier.slice(-limit).toReversed()
    },

    edit(id, request) {
      const found = ledgerOf(id)
      if (found === null) return null
      const { no, ledger } = found
      const decision = decideEdits(ledger, request, clock.now())
      if (decision.result === 'refused') return { refused: decision.because }
      const { entry } = decision
      if (decision.result === 'repeated') return { investigation: newestOf(ledger), overwritten: entry.overwritten }
      const { sheet } = decision
      desk.append(no, entry.rev, JSON.stringify(entry), JSON.stringify(rowOf(sheet)))
      hold(no, addEntry(ledger, entry))
      edited(id, entry.rev)
      return { investigation: sheet, overwritten: entry.overwritten }
    },

    timeline: (sheet, facts) => writeTimeline(sheet, facts, desk.told(sheet)),

    write(sheet, facts, format) {
      const timeline = source.timeline(sheet, facts)
      const exported = withAddresses({ investigation: sheet, timeline, address: address() })
      return format === 'md' ? writeMarkdown(exported) : JSON.stringify(exported, null, 2)
    },

    issueLinks: (sheet, facts, repository) => ({
      links: linkIssues(repository, sheet.title, source.write(sheet, facts, 'md'), sheetAddress(address(), sheet.id)),
    }),
  }
  return source
}

function readLedger(desk: SheetDesk, no: number): Ledger | null {
  const kept = desk.read(no)
  if (kept === null) return null
  const entries = kept.entries.map((entry) => JSON.parse(entry) as LedgerEntry)
  return replay(JSON.parse(kept.first) as Investigation, entries)
}

function numberOf(id: InvestigationId): number | null {
  const digits = /^INV-([1-9]\d{0,8})$/i.exec(id)?.[1]
  return digits === undefined ? null : Number(digits)
}

function keep(sheet: Investigation): KeptSheet {
  const { fingerprint, runId } = sheet
  return { first: JSON.stringify(sheet), row: JSON.stringify(rowOf(sheet)), fingerprint, runId }
}

function rowOf(sheet: Investigation): InvestigationRow {
  const { id, rev, title, state, fingerprint, runId, createdAt, updatedAt, by, updatedBy, answers, actions } = sheet
  const same = { id, rev, title, state, fingerprint, runId, createdAt, updatedAt, by, updatedBy }
  return {
    ...same,
    answers: answers.length,
    supported: answers.filter((answer) => answer.state === 'supported').length,
    actionsOpen: actions.filter(({ isDone }) => !isDone).length,
  }
}

/** The key of a request is nobody's business but its sender's. */
function toldEntry({ key: _key, ...entry }: LedgerEntry): HistoryEntry {
  return entry
}

function sheetAddress(address: string, id: InvestigationId): string {
  return `${address}/investigations/${id}`
}

/** Outside the dashboard a path leads nowhere. */
function withAddresses({ investigation, timeline, address }: InvestigationExport): InvestigationExport {
  const whole = (link: string | null): string | null => (link === null ? null : address + link)
  return {
    investigation: {
      ...investigation,
      evidence: investigation.evidence.map((piece) => ({ ...piece, link: whole(piece.link) })),
    },
    timeline: timeline.map((entry) => ({ ...entry, link: whole(entry.link) })),
    address: sheetAddress(address, investigation.id),
  }
}
