/**
 * `npm run bench:trends`: how long trends, stalls and what is searched take to be told with a million runs kept, goal beside result
 * (DESIGN §7: what is asked of a million runs is answered within 20 ms, a page of much within 60 ms, p95).
 *
 * A real history, in its worker, is filled through its own door with the runs of 14 days (`test/kit/made-history.ts`):
 * each is saved twice, as it begins and as it ends. Then it is asked through the real server over HTTP, so that the time
 * is what a dashboard waits for. Exits 0 only when every goal is met. With a number: that many runs.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDeploys } from '../collector/deploys.ts'
import { openInvestigations } from '../collector/investigate/open-investigations.ts'
import { openDesk } from '../collector/keep/desk.ts'
import { openHistory } from '../collector/keep/history.ts'
import { openLogSearch } from '../collector/log-search.ts'
import { openLiveFeed } from '../collector/serve/live-feed.ts'
import { startServe } from '../collector/serve/start-serve.ts'
import { openBoardCounts } from '../collector/serve/board-counts.ts'
import type { StoredRun } from '../collector/stored-run.ts'
import { systemClock } from '../contract/clock.ts'
import { hours } from '../contract/units.ts'
import { madeHistory } from '../test/kit/made-history.ts'

const RUNS = Number(process.argv[2] ?? 1_000_000)
const TIMES = 60
const BATCH = 2_000

interface Row {
  readonly path: string
  readonly goalMs: number
}

const now = systemClock.now()
const WEEK_AGO = new Date(now - hours(7 * 24)).toISOString()
const FIVE_DAYS_AGO = new Date(now - hours(5 * 24)).toISOString()
// In the middle of what is kept, where nothing is in anybody's cache.
const MIDDLE_ID = `run_${(RUNS >> 1).toString(36).padStart(8, '0')}`
const MIDDLE_TRACE = (RUNS >> 1).toString(16).padStart(32, 'a')

// oxfmt-ignore
const ASKED: readonly Row[] = [
  { path: '/api/runs?limit=50',                                        goalMs: 20 },
  { path: '/api/stalls',                                               goalMs: 20 },
  { path: '/api/stalls?sort=trend&agent=support',                      goalMs: 20 },
  { path: '/api/stalls/:fingerprint',                                  goalMs: 20 },
  { path: '/api/stalls/:fingerprint/deploys',                          goalMs: 100 },
  { path: '/api/stalls/:fingerprint/deploys?from=now-14d',             goalMs: 100 },
  { path: '/api/deploys',                                              goalMs: 20 },
  { path: '/api/trends?from=now-1h',                                   goalMs: 20 },
  { path: '/api/trends',                                               goalMs: 60 },
  { path: '/api/trends?split=version',                                 goalMs: 60 },
  { path: '/api/trends?split=agent&environment=production',            goalMs: 60 },
  { path: '/api/trends?from=now-14d',                                  goalMs: 60 },
  { path: '/api/trends?from=now-14d&split=version',                    goalMs: 60 },
  { path: `/api/trends?from=${WEEK_AGO}&to=${FIVE_DAYS_AGO}`,          goalMs: 60 },
  { path: `/api/go/${MIDDLE_ID}`,                                        goalMs: 20 },
  { path: `/api/go/${MIDDLE_TRACE}`,                                     goalMs: 20 },
  { path: `/api/go/${MIDDLE_TRACE.slice(16)}`,                           goalMs: 20 },
  { path: `/api/go/${MIDDLE_ID}/7`,                                      goalMs: 20 },
  { path: '/api/go/u_17',                                              goalMs: 20 },
  { path: '/api/go/chat_17',                                           goalMs: 20 },
  { path: '/api/go/:fingerprint',                                      goalMs: 20 },
  { path: '/api/go/nobody-has-this',                                   goalMs: 20 },
  { path: '/api/values?field=agent',                                   goalMs: 20 },
  { path: '/api/values?field=user&like=u_1',                           goalMs: 20 },
  { path: '/api/values?field=environment',                             goalMs: 20 },
]

console.log(
  `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadavg()[0]?.toFixed(1)} at the start), Node ${process.version}`,
)
const dir = mkdtempSync(join(tmpdir(), 'laststep-trends-'))
const history = await openHistory({ dir, clock: systemClock, log: console })
let isMet = true
try {
  const beganAt = performance.now()
  await fill()
  const seconds = (performance.now() - beganAt) / 1_000
  const mib = statSync(join(dir, 'history.db')).size / 2 ** 20
  console.log(
    `filled    ${RUNS.toLocaleString('en')} runs of 14 days, each saved twice, in ${seconds.toFixed(0)} s: ` +
      `${Math.round((2 * RUNS) / seconds).toLocaleString('en')} rows/s, ${mib.toFixed(0)} MiB\n`,
  )
  await ask()
} finally {
  await history.close()
  rmSync(dir, { recursive: true })
}
console.log(isMet ? '\nevery goal met' : '\n! missed')
process.exitCode = isMet ? 0 : 1

async function fill(): Promise<void> {
  let ending: StoredRun[] = []
  let count = 0
  for (const { run, stalls } of madeHistory({ runs: RUNS, from: now - hours(14 * 24), to: now })) {
    const begun = { ...run.row, status: 'running', endedAt: null, rev: 1 } as const
    await history.saveRuns([{ ...run, row: begun, reached: {} }])
    if (stalls.length > 0) await history.saveStalls(stalls)
    ending.push(run)
    if (ending.length === BATCH) {
      await history.flushed()
      await history.saveRuns(ending)
      ending = []
    }
    if (++count % 200_000 === 0) console.error(`  ${count.toLocaleString('en')} runs`)
  }
  await history.saveRuns(ending)
  await history.flushed()
}

async function ask(): Promise<void> {
  const counts = openBoardCounts().read
  const feed = openLiveFeed({
    clock: systemClock,
    liveRuns: () => [],
    counts,
    isReady: () => true,
    findings: () => [],
  })
  const serve = await startServe({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log: { warn: console.warn, error: console.error },
    version: 'bench',
    webDir: '/nowhere',
    feed,
    kept: history,
    incidents: { act: async () => null, changes: () => [], homeOf: (fingerprint) => fingerprint, arranged: () => [] },
    // Nobody announced any; those that were seen are in the history.
    deploys: openDeploys({
      desk: { all: () => [], announce: (deploy) => ({ deploy, isNew: false }) },
      history: history.deploys,
      now: systemClock.now,
      log: console,
    }),
    investigations: openInvestigations({
      clock: systemClock,
      desk: openDesk(join(dir, 'desk')),
      edited: feed.edited,
      address: () => '',
    }),
    spans: openLogSearch({ dir: '/nowhere', log: { survey: () => [], hold: () => () => {} }, ...history.search }),
    runs: {
      listRuns: (query) => history.listRuns(query),
      findRun: (id) => history.findRun(id),
      readRun: async () => ({ spans: [], logs: [] }),
      openSpans: () => [],
      phaseOf: () => null,
      agentOf: () => null,
    },
    comparisons: {
      compare: () => Promise.reject(new Error('not asked here')),
      next: () => Promise.reject(new Error('not asked here')),
    },
    health: () => {
      throw new Error('not asked here')
    },
    metrics: () => ({ type: '', text: '' }),
    counts,
    setup: () => {
      throw new Error('not asked here')
    },
    sendTestRun: () => Promise.reject(new Error('not asked here')),
    findings: () => [],
    gaps: () => [],
    serviceCounts: () => {
      throw new Error('not asked here')
    },
  })
  const { incidents } = await history.listIncidents({ sort: 'stalls', limit: 1, now })
  console.log(`${'asked over HTTP'.padEnd(72)}      p50      p95        answer   goal`)
  for (const { path, goalMs } of ASKED) {
    const url = serve.address + path.replace(':fingerprint', incidents[0]?.fingerprint ?? '')
    const lengths: number[] = []
    let bytes = 0
    for (let time = 0; time < TIMES; time++) {
      const at = performance.now()
      const response = await fetch(url)
      bytes = (await response.arrayBuffer()).byteLength
      lengths.push(performance.now() - at)
      if (!response.ok) throw new Error(`${path}: ${response.status}`)
    }
    lengths.sort((a, b) => a - b)
    const [p50, p95] = [lengths[TIMES / 2] ?? 0, lengths[Math.ceil(TIMES * 0.95) - 1] ?? 0]
    const isMissed = p95 > goalMs
    isMet &&= !isMissed
    console.log(
      `${path.padEnd(72)}${p50.toFixed(1).padStart(6)} ms${p95.toFixed(1).padStart(6)} ms${(bytes / 1024).toFixed(0).padStart(10)} KiB   ≤ ${goalMs} ms${isMissed ? '  !' : ''}`,
    )
  }
  await serve.stop()
}
