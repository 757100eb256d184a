/** Sheets made for tests, and what they are about. */
import { UNTOUCHED } from '../../../../contract/incidents.ts'
import type { Answer, EditRequest, Investigation, PinnedEvidence } from '../../../../contract/investigations.ts'
import type { RunDetail, RunRow, Verdict } from '../../../../contract/runs.ts'
import type { IncidentDetail } from '../../../../contract/stalls.ts'
import { seconds, toIso } from '../../../../contract/units.ts'
import { addEntry, decideEdits, type Decision, type Ledger } from '../../../../collector/investigate/sheet-ledger.ts'
import { makeRow, makeVerdict, START } from '../../serve/kit/made-runs.ts'

export const ANA = { by: 'ana', editor: 'tab-a' }
export const BEN = { by: 'ben', editor: 'tab-b' }

export function makeAnswer(id: string, different: Partial<Answer> = {}): Answer {
  const empty = { question: `why ${id}?`, text: '', state: 'hypothesis', evidence: [], isDraft: true } as const
  return { id, parentId: null, order: 1, ...empty, ...different }
}

export function makePiece(id: string, different: Partial<PinnedEvidence> = {}): PinnedEvidence {
  const draft = { kind: 'run', title: `what ${id} is`, link: '/runs/run_1', at: toIso(START), frozen: [] } as const
  return { id, ...draft, pinnedAt: toIso(START), by: null, ...different }
}

/** Two answers, the second below the first and supported by the one piece of evidence. */
export function makeSheet(different: Partial<Investigation> = {}): Investigation {
  return {
    id: 'INV-1',
    rev: 1,
    title: 'Stalls',
    state: 'open',
    fingerprint: null,
    runId: null,
    createdAt: toIso(START),
    updatedAt: toIso(START),
    by: null,
    updatedBy: null,
    problem: '',
    answers: [makeAnswer('a1'), makeAnswer('a2', { parentId: 'a1', state: 'supported', evidence: ['E1'] })],
    evidence: [makePiece('E1')],
    pinned: 1,
    contributing: '',
    limited: '',
    detection: { beganAt: null, detectedAt: null, delayMs: null },
    actions: [{ id: 'x1', text: 'add an index', owner: null, due: null, isDone: false }],
    notes: [{ id: 'n1', text: 'seen before', at: toIso(START), by: 'ana' }],
    ...different,
  }
}

/** Edits one after the other, as their editors send them. */
export function openTestLedger(sheet: Investigation = makeSheet()) {
  let ledger: Ledger = { sheets: [sheet], entries: [] }
  let requests = 0
  return {
    /** @param baseRev the newest when absent */
    edit(who: { by: string | null; editor?: string }, edits: EditRequest['edits'], baseRev?: number): Decision {
      requests += 1
      const rev = ledger.sheets.length
      const request = { baseRev: baseRev ?? rev, ...who, edits, key: `k${requests}` }
      const decision = decideEdits(ledger, request, START + seconds(requests))
      if (decision.result === 'edited') ledger = addEntry(ledger, decision.entry)
      return decision
    },
    get ledger() {
      return ledger
    },
  }
}

type DifferentRun = Partial<RunRow> &
  Pick<Partial<RunDetail>, 'checklist' | 'spans' | 'logs' | 'deliveries' | 'connections' | 'process' | 'pastStalls'>

export function makeDetail(different: DifferentRun = {}, verdict: Partial<Verdict> = {}): RunDetail {
  const {
    checklist = [],
    spans = [],
    logs = [],
    deliveries = [],
    connections = [],
    process = null,
    pastStalls = [],
    ...ofRow
  } = different
  const row = makeRow(ofRow)
  return {
    ...row,
    outcome: null,
    asOf: null,
    verdict: makeVerdict(row, verdict),
    pastStalls,
    checklist,
    spans,
    spansTotal: spans.length,
    leftOut: [],
    subAgents: [],
    patterns: [],
    deliveries,
    connections,
    logs,
    process,
    fingerprint: null,
    gaps: [],
    contract: { name: 'laststep', hash: '0123456789ab' },
  }
}

export function makeSpan(different: Partial<RunDetail['spans'][number]> = {}): RunDetail['spans'][number] {
  return {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: null,
    name: 'execute_tool search_orders',
    phase: 'tool',
    startedAt: toIso(START),
    endedAt: null,
    lastHeardAt: toIso(START + seconds(2)),
    openState: 'open',
    status: 'unset',
    statusMessage: null,
    code: { file: 'src/tools/search.ts', line: 88, function: null },
    attributes: {},
    events: [],
    ...different,
  }
}

export function makeIncident(different: Partial<IncidentDetail> = {}): IncidentDetail {
  return {
    fingerprint: '4f2a09aabbccddee',
    environment: 'staging',
    agent: 'support',
    phase: 'tool',
    step: 'search_orders',
    cause: 'tool-silent',
    code: { file: 'src/tools/search.ts', line: 88, function: null },
    life: UNTOUCHED,
    tag: 'new',
    stalls: 41,
    standing: 3,
    users: 38,
    sessions: 39,
    recovered: 2,
    completedLate: 1,
    atRisk: null,
    siblings: [],
    firstAt: toIso(START),
    firstVersion: '1.4.2',
    lastAt: toIso(START + seconds(90)),
    deploy: null,
    versions: [{ version: '1.4.2', stalls: 41 }],
    trend: [],
    trendFrom: toIso(START),
    deploys: [],
    firstStall: null,
    latestStalls: [],
    userIds: [],
    codeKey: 'src/tools/search.ts:88',
    merged: [],
    splitFrom: null,
    ...different,
  }
}
