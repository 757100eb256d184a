/**
 * Compares two groups of 10,000 runs over HTTP, with a million runs kept:
 *
 * ```
 * npm run bench:compare [-- --runs 20000 --kept 1000000]
 * ```
 *
 * `--runs` are sent as OTLP through the real door, spans of many runs in each request, so that the log holds their bytes;
 * the rest of `--kept` are rows of the history alone, of which a comparison only has to find its way past. Exits with 1
 * when an answer takes longer than a second.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { readCollectorConfig } from '../collector/config.ts'
import { openHistory } from '../collector/keep/history.ts'
import { startCollector } from '../collector/main.ts'
import { systemClock } from '../contract/clock.ts'
import type { Comparison } from '../contract/compare.ts'
import { hours, toIso } from '../contract/units.ts'
import { madeHistory } from '../test/kit/made-history.ts'
import { forProtobuf } from '../test/collector/accept/arbitrary-otlp.ts'
import { encode } from '../test/collector/accept/oracle.ts'
import { plantRuns } from '../test/kit/planted-runs.ts'
import { openGoals } from './goals.ts'

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '20000' }, kept: { type: 'string', default: '1000000' } },
})
const RUNS = Number(options.runs)
const KEPT = Number(options.kept)
const ANSWER_MS_MAX = 1_000
const TIMES = 7
const now = systemClock.now()

const goals = openGoals(
  `compare: ${RUNS.toLocaleString('en')} runs in the log, ${KEPT.toLocaleString('en')} in the history; ` +
    `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
)
const dataDir = mkdtempSync(join(tmpdir(), 'laststep-compare-'))
try {
  await fillHistory()
  await measure()
} finally {
  rmSync(dataDir, { recursive: true })
}
goals.conclude()

async function fillHistory(): Promise<void> {
  const history = await openHistory({ dir: join(dataDir, 'history'), clock: systemClock, log: console })
  const at = performance.now()
  for (const { run } of madeHistory({
    runs: Math.max(0, KEPT - RUNS),
    from: now - hours(14 * 24),
    to: now - hours(12),
  }))
    await history.saveRuns([run])
  await history.flushed()
  await history.close()
  goals.row('rows kept besides', '', `${((performance.now() - at) / 1_000).toFixed(0)} s`, null)
}

async function measure(): Promise<void> {
  const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
  const read = readCollectorConfig({ 'data-dir': dataDir, canary: 'off', ...ports }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  const collector = await startCollector(read.config, systemClock, 'bench')
  try {
    const at = performance.now()
    await plantRuns(collector.otlpHttp, {
      stalled: RUNS / 2,
      healthy: RUNS / 2,
      from: now - hours(11),
      send: sendProtobuf,
    })
    goals.row('runs sent and folded', '', `${((performance.now() - at) / 1_000).toFixed(0)} s`, null)
    const since = toIso(now - hours(11))
    const ask = async (what: string, a: string, b: string): Promise<void> => {
      const query = new URLSearchParams({ a, b }).toString()
      const lengths: number[] = []
      let found: Comparison | null = null
      const delay = monitorEventLoopDelay({ resolution: 5 })
      const before = process.cpuUsage()
      delay.enable()
      for (let time = 0; time < TIMES; time++) {
        const asked = performance.now()
        const response = await fetch(`${collector.dashboard}/api/compare?${query}`)
        found = (await response.json()) as Comparison
        lengths.push(performance.now() - asked)
        if (!response.ok) throw new Error(`${what}: ${response.status} ${JSON.stringify(found)}`)
      }
      delay.disable()
      const { user, system } = process.cpuUsage(before)
      const [first = 0] = lengths
      const sorted = lengths.toSorted((x, y) => x - y)
      const counts = found && `${found.a.sampled} of ${found.a.total} and ${found.b.sampled} of ${found.b.total}`
      goals.row(what, '', `${counts}`, null)
      goals.atMost('  the first answer', ANSWER_MS_MAX, first, 'ms')
      goals.atMost('  the median answer', ANSWER_MS_MAX, sorted[TIMES >> 1] ?? NaN, 'ms')
      goals.row(
        '  processor time of an answer, all threads',
        '',
        `${Math.round((user + system) / 1_000 / TIMES)} ms`,
        null,
      )
      goals.row('  the main thread stood still for', '', `${Math.round(delay.max / 1e6)} ms`, null)
      goals.row('  on top', '', found?.rows[0]?.key ?? 'nothing', null)
    }
    await ask('open runs against healthy ones', `agent=support&status=running,slow,stalled&since=${since}`, 'healthy')
    await ask('version against version', `version=1.4.2&since=${since}`, `version=1.4.1&since=${since}`)
  } finally {
    await collector.stop()
  }
}

/** As exporters send it. */
async function sendProtobuf(url: string, body: object): Promise<void> {
  const name = url.endsWith('/v1/logs') ? 'LogsRequest' : 'TracesRequest'
  const headers = { 'content-type': 'application/x-protobuf' }
  const bytes = new Uint8Array(encode(name, forProtobuf(body) as object))
  const response = await fetch(url, { method: 'POST', headers, body: bytes })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
}
