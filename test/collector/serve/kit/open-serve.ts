/** The real server and live feed on a port of their own, over runs that lie in memory. */
import { join } from 'node:path'
import type { Check } from '../../../../contract/health.ts'
import { systemClock, type Clock } from '../../../../contract/clock.ts'
import type { Finding } from '../../../../contract/findings.ts'
import type { RunRow } from '../../../../contract/runs.ts'
import type { Records } from '../../../../collector/record.ts'
import { openDeploys } from '../../../../collector/deploys.ts'
import { openDesk } from '../../../../collector/keep/desk.ts'
import { openIncidentBook, type IncidentBook } from '../../../../collector/incident-book.ts'
import { openInvestigations } from '../../../../collector/investigate/open-investigations.ts'
import { openLogSearch } from '../../../../collector/log-search.ts'
import { Unavailable } from '../../../../collector/unavailable.ts'
import type { RunQuery, StoredRun } from '../../../../collector/stored-run.ts'
import { openLiveFeed, type LiveFeed } from '../../../../collector/serve/live-feed.ts'
import { startServe } from '../../../../collector/serve/start-serve.ts'
import { readPage } from '../../../../collector/keep/read-page.ts'
import { openKept, type Kept } from './open-kept.ts'
import type { Hearing } from '../../../../contract/setup.ts'
import { temporaryFolder } from '../../../kit/programs.ts'
import { HOLDS, makeHealth } from '../../../kit/made-health.ts'
import { makeSetupFacts } from '../../../kit/made-setup.ts'
import { makeChange, openBoard } from './made-runs.ts'

export interface TestServe {
  readonly address: string
  readonly feed: LiveFeed
  /** What is kept, in a database in memory. */
  readonly kept: Kept
  readonly incidents: IncidentBook
  readonly board: ReturnType<typeof openBoard>
  /** Put a run into memory, count it and publish it. */
  change(row: RunRow): void
  store(run: StoredRun, records?: Records): void
  /** From now on the checks say this. */
  ail(check: Partial<Check>): void
  /** All is well again. */
  recover(): void
  find(finding: Finding): void
  /** Every query the server asked, in order. */
  readonly queries: readonly RunQuery[]
  /** What operators were told. */
  readonly logged: readonly string[]
  stop(): Promise<void>
}

interface Different {
  readonly webDir?: string
  readonly clientsMax?: number
  readonly clock?: Clock
  readonly hearing?: Partial<Hearing>
  /** Runs are listed from what is kept, in the place of those in memory. */
  readonly listsKept?: boolean
}

const DESKS = temporaryFolder('desks')
let desks = 0

export async function openServe(different: Different = {}): Promise<TestServe> {
  let health = makeHealth()
  let isClosed = false
  const kept = openKept()
  const desk = openDesk(join(DESKS, String(desks++)))
  const rows = new Map<string, RunRow>()
  const findings: Finding[] = []
  const stored = new Map<string, StoredRun>()
  const records = new Map<string, Records>()
  const queries: RunQuery[] = []
  const logged: string[] = []
  const log = (_facts: object, text: string): void => void logged.push(text)
  const board = openBoard()
  const { clientsMax, clock = systemClock } = different
  const feed = openLiveFeed({
    clock,
    liveRuns: () => rows.values(),
    counts: board.read,
    isReady: () => health.ready,
    findings: () => findings,
    ...(clientsMax === undefined ? {} : { clientsMax }),
  })
  const deploys = openDeploys({ desk: desk.deploys, history: kept.deploys, now: clock.now, log: { error: log } })
  const incidents = await openIncidentBook({
    clock,
    desk: desk.incidents,
    history: kept.source,
    impact: null,
    log: { error: log },
  })
  const serve = await startServe({
    host: '127.0.0.1',
    port: 0,
    clock,
    log: { warn: log, error: log },
    version: '0.1.0-test',
    webDir: different.webDir ?? '/nowhere',
    feed,
    kept: kept.source,
    incidents,
    deploys,
    investigations: openInvestigations({
      clock,
      desk: openDesk(temporaryFolder('desk')),
      edited: feed.edited,
      address: () => 'https://laststep.example',
    }),
    spans: openLogSearch({ dir: '/nowhere', log: { survey: () => [], hold: () => () => {} }, ...kept.source.search }),
    // Compared is what a real log holds: `comparisons.test.ts`.
    comparisons: { compare: async () => null, next: async () => null },
    health: () => health,
    counts: board.read,
    setup: () => makeSetupFacts(different.hearing),
    sendTestRun: async () => 'run_test_1',
    metrics: () => ({ type: 'text/plain; version=0.0.4', text: 'laststep_ready 1\n' }),
    findings: () => findings,
    serviceCounts: () => ({
      openRuns: rows.size,
      lagMs: 0,
      dropped: { spansRefused: 3 },
      unknownEvents: { foo: 2 },
      unknownContracts: ['mine'],
    }),
    gaps: () => [{ from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T00:10:00.000Z', reason: 'down' }],
    runs: {
      listRuns: async (query) => {
        queries.push(query)
        if (query.agent === 'break') throw new Error('the disk is on fire')
        if (query.agent === 'full') throw new Unavailable('the history is behind')
        if (query.cursor === 'forged') throw Object.assign(new Error('no such cursor'), { name: 'BadQuery' })
        if (different.listsKept === true) {
          const { pages, next } = kept.store.list(query)
          return { runs: pages.map((page) => readPage(page).row), next }
        }
        const runs = [...stored.values()].map((run) => run.row)
        return { runs: runs.slice(0, query.limit), next: runs.length > (query.limit ?? 50) ? 'more' : null }
      },
      findRun: async (id) => stored.get(id) ?? [...stored.values()].find((run) => run.row.traceId === id) ?? null,
      readRun: async (run) => records.get(run.row.id) ?? { spans: [], logs: [] },
      openSpans: () => [],
      phaseOf: () => null,
      agentOf: () => null,
    },
  })
  return {
    address: serve.address,
    feed,
    kept,
    incidents,
    board,
    change(row) {
      rows.set(row.id, row)
      board.note(makeChange(row), clock.now())
      feed.publish(row)
    },
    store(run, read = { spans: [], logs: [] }) {
      stored.set(run.row.id, run)
      records.set(run.row.id, read)
    },
    ail: (check) => void (health = makeHealth({ ready: false, checks: [{ ...HOLDS, ok: false, ...check }] })),
    recover: () => void (health = makeHealth()),
    find(finding) {
      findings.unshift(finding)
      feed.found()
    },
    queries,
    logged,
    async stop() {
      await serve.stop()
      await incidents.stop()
      if (!isClosed) desk.close()
      isClosed = true
    },
  }
}
