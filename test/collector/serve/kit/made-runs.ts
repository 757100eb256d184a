/** Runs made for tests: a plain healthy one, with whatever a test wants different. */
import type { FailingFinding, SilentFinding } from '../../../../contract/findings.ts'
import type { RunRow, Verdict } from '../../../../contract/runs.ts'
import { toIso, type Instant } from '../../../../contract/units.ts'
import { openBoardCounts, type BoardBook, type BoardChange } from '../../../../collector/serve/board-counts.ts'
import type { StoredRun } from '../../../../collector/stored-run.ts'

export const START: Instant = Date.parse('2026-11-22T03:00:00.000Z')

export function makeRow(different: Partial<RunRow> = {}): RunRow {
  return {
    id: 'run_1',
    rev: 1,
    traceId: 'a'.repeat(32),
    agent: 'support',
    service: 'runtime',
    version: '1.4.2',
    environment: 'staging',
    userId: 'u_1',
    sessionId: null,
    status: 'running',
    step: { phase: 'reasoning', name: 'gpt-5', spanId: null, since: toIso(START), code: null },
    cause: null,
    confidence: 'T1',
    explainedBy: null,
    isUnconfirmed: false,
    startedAt: toIso(START),
    lastProgressAt: toIso(START),
    endedAt: null,
    events: 0,
    delivery: { required: 0, confirmed: 0, outcome: 'pending' },
    ...different,
  }
}

export function makeVerdict(row: RunRow, different: Partial<Verdict> = {}): Verdict {
  return {
    status: row.status,
    step: row.step,
    cause: row.cause,
    since: row.lastProgressAt,
    deadline: null,
    limit: null,
    confidence: row.confidence,
    evidence: [],
    otherwise: null,
    explainedBy: row.explainedBy,
    unconfirmed: null,
    lateByMs: null,
    ...different,
  }
}

type MadeChange = Omit<BoardChange, 'before'>

/** A board that is told with each change what its run was before, as the run book tells it. */
export function openBoard(): Omit<BoardBook, 'note'> & { note(change: MadeChange, now: Instant): void } {
  const board = openBoardCounts()
  const latest = new Map<string, BoardChange['before']>()
  return {
    ...board,
    note(change, now) {
      const { id } = change.run.row
      board.note({ ...change, before: latest.get(id) ?? null }, now)
      latest.set(id, change.run)
    },
  }
}

/** @param since of the verdict: for a stall, its deadline */
export function makeChange(
  row: RunRow,
  different: { since?: Instant; outcomeAt?: Instant; finishedSteps?: BoardChange['finishedSteps'] } = {},
): MadeChange {
  const verdict = makeVerdict(row, different.since === undefined ? {} : { since: toIso(different.since) })
  const facts = { outcomeAt: different.outcomeAt ?? null, spanEndedAt: null }
  return { run: { row, verdict, facts }, finishedSteps: different.finishedSteps ?? [] }
}

export function makeStored(row: RunRow, different: Partial<StoredRun> = {}): StoredRun {
  return {
    row,
    otherIds: [],
    spanId: null,
    verdict: makeVerdict(row),
    outcome: null,
    checklist: [
      {
        event: 'agent_started',
        phase: 'started',
        state: 'done',
        at: toIso(START),
        count: 1,
        delivery: 'received',
        seq: 2,
      },
    ],
    process: null,
    pastStalls: [],
    contract: { name: 'laststep', hash: '0123456789ab' },
    reached: {},
    ...different,
  }
}

export function makeFinding(different: Partial<SilentFinding> = {}): SilentFinding {
  const who = { instance: 'p-1', service: 'runtime', environment: 'staging' }
  return {
    id: 'find_1',
    kind: 'source-silent',
    rev: 1,
    state: 'open',
    name: 'p-1 (service runtime)',
    since: toIso(START),
    lastHeardAt: toIso(START),
    endedAt: null,
    openRuns: 3,
    limit: { ms: 12_500, from: 'contract › pulse.missed', learned: null },
    sources: [{ ...who, lastHeardAt: toIso(START), openRuns: 3, backAt: null }],
    sourcesTotal: 1,
    ...different,
  }
}

export function makeFailing(different: Partial<FailingFinding> = {}): FailingFinding {
  return {
    id: 'find_2',
    kind: 'connections-failing',
    rev: 1,
    state: 'open',
    name: 'connections to runtime in staging',
    since: toIso(START),
    endedAt: null,
    service: 'runtime',
    environment: 'staging',
    failure: 'auth-hung',
    closeCode: null,
    closeReason: null,
    trouble: 'are not authenticated within 10 s',
    connections: 3,
    lastFailedAt: toIso(START),
    openConnections: 0,
    limit: { ms: 10_000, from: 'contract › ready', learned: null },
    instances: ['p-1'],
    ...different,
  }
}
