/**
 * `npm run bench:dashboards`: what 500 dashboards at once cost the collector, and what they cost those who send to it
 * (issue 7: at most a core, and the p99 of an acknowledgement within 10 %).
 *
 * Two collectors stand side by side, one with readers and one without, and are given the same load in turns, A B B A,
 * so that what else this machine does falls on both. Goal beside result; exits 0 only when every goal is met.
 *
 * ```
 * npm run bench:dashboards -- --readers 500 --rounds 6 --seconds 10
 * npm run bench:dashboards -- --profile      also where the time of the one with readers goes
 * ```
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import {
  cpuSecondsOf,
  firstLine,
  kill,
  mainCpuSecondsOf,
  rssMibOf,
  start,
  startCollector,
  type Listening,
} from './child.ts'
import type { ReaderTotals } from './dashboard-readers.ts'
import { sleepAwake } from '../test/kit/laststep-api.ts'
import { seconds } from '../contract/units.ts'
import { createGoalTable } from './goal-table.ts'
import type { LoadResult, Order } from './ingest-loader.ts'
import { printProfiles } from './print-profile.ts'

interface Side {
  readonly collector: ChildProcess
  readonly listening: Listening
  readonly rounds: Round[]
  /** Since it was started, warming up included. */
  runs: number
}

interface Round extends LoadResult {
  readonly cpuShare: number
  readonly mainShare: number
}

/** Each request is one run of 100 spans that begins and ends: 200 changed rows a second. */
const SPANS_A_SECOND = 20_000
const SPANS_A_RUN = 100
const CONNECTIONS = 32
const WARM_UP_SECONDS = 2
const GOALS = { cores: 1, p99Ratio: 1.1, bytesASecond: 64_000 }

const { values: options } = parseArgs({
  options: {
    readers: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '10' },
    profile: { type: 'boolean', default: false },
  },
})

const dir = mkdtempSync(join(tmpdir(), 'laststep-dashboards-'))
const loadBefore = loadavg()[0] ?? 0
const alone = await openSide('alone')
const watched = await openSide('watched', options.profile ? profileFlags() : [])
const readers = start('bench/dashboard-readers.ts', [watched.listening.dashboard, options.readers])
try {
  const told = followReaders(readers)
  await told.connected
  // Until the code that serves readers is compiled, it is not what is measured.
  await measure(watched, 3)
  await measure(alone, 3)
  for (const side of [alone, watched]) side.rounds.length = 0
  const before = told.latest()
  const delays: number[] = []
  let watchedSeconds = 0
  for (let round = 0; round < Number(options.rounds); round++)
    for (const side of round % 2 === 0 ? [alone, watched] : [watched, alone]) {
      told.takeDelays()
      await measure(side, Number(options.seconds))
      if (side !== watched) continue
      delays.push(...told.takeDelays())
      watchedSeconds += Number(options.seconds) + WARM_UP_SECONDS
    }
  const after = await told.settled(watched.runs)
  process.exitCode = printResult(before, after, delays, watchedSeconds) ? 0 : 1
} finally {
  await kill(readers)
  await kill(alone.collector)
  // A profile is written when the process ends by itself.
  await kill(watched.collector, options.profile ? 'SIGTERM' : 'SIGKILL')
  if (options.profile) printProfiles(join(dir, 'profile'))
  rmSync(dir, { recursive: true, force: true })
}

function profileFlags(): string[] {
  const into = join(dir, 'profile')
  mkdirSync(into)
  return ['--cpu-prof', `--cpu-prof-dir=${into}`]
}

async function openSide(name: string, nodeFlags: readonly string[] = []): Promise<Side> {
  const collector = startCollector(join(dir, name), ['--canary', 'off'], nodeFlags)
  return { collector, listening: await firstLine<Listening>(collector), rounds: [], runs: 0 }
}

async function measure(side: Side, lasting: number): Promise<void> {
  const { collector, listening, rounds } = side
  const order: Order = {
    url: listening.otlpHttp,
    protocol: 'protobuf',
    connections: CONNECTIONS,
    spansARun: SPANS_A_RUN,
    rate: SPANS_A_SECOND,
    seconds: lasting,
    requests: Number.MAX_SAFE_INTEGER,
    warmUpSeconds: WARM_UP_SECONDS,
  }
  const before = [cpuSecondsOf(collector), mainCpuSecondsOf(collector)] as const
  const result = await firstLine<LoadResult>(start('bench/ingest-loader.ts', [JSON.stringify(order)]))
  side.runs += result.spansInAll / SPANS_A_RUN
  const lasted = lasting + WARM_UP_SECONDS
  rounds.push({
    ...result,
    cpuShare: (cpuSecondsOf(collector) - before[0]) / lasted,
    mainShare: (mainCpuSecondsOf(collector) - before[1]) / lasted,
  })
}

function followReaders(child: ChildProcess) {
  if (!child.stdout) throw new Error('the readers have no stdout')
  let latest: ReaderTotals | null = null
  let delays: number[] = []
  const connected = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the readers ended')))
    createInterface({ input: child.stdout! }).on('line', (line) => {
      latest = JSON.parse(line) as ReaderTotals
      delays.push(...latest.delaysMs)
      resolve()
    })
  })
  return {
    connected,
    latest(): ReaderTotals {
      if (latest === null) throw new Error('the readers have not spoken yet')
      return latest
    },
    /** Once each whole client knows of as many runs, or after ten seconds. */
    async settled(runs: number): Promise<ReaderTotals> {
      for (let turn = 0; turn < 10 && (latest?.runsSeen ?? []).some((seen) => seen < runs); turn++)
        await sleepAwake(seconds(1))
      return this.latest()
    },
    takeDelays(): number[] {
      const taken = delays
      delays = []
      return taken
    },
  }
}

function printResult(before: ReaderTotals, after: ReaderTotals, delays: number[], watchedSeconds: number): boolean {
  const median = (side: Side, of: (round: Round) => number) => quantile(side.rounds.map(of), 0.5)
  const cores = median(watched, (round) => round.cpuShare) - median(alone, (round) => round.cpuShare)
  const [p99Alone, p99Watched] = [median(alone, (round) => round.p99Ms), median(watched, (round) => round.p99Ms)]
  const bytes = (after.bytes - before.bytes) / watchedSeconds / Number(options.readers)
  const failed = [...alone.rounds, ...watched.rounds].reduce((sum, round) => sum + round.failed, 0)
  const untold = after.runsSeen.reduce((most, seen) => Math.max(most, watched.runs - seen), 0)
  console.log(
    `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadBefore.toFixed(1)} before), Node ${process.version}\n` +
      `load      ${SPANS_A_SECOND.toLocaleString('en')} spans/s in requests of 100, each a run that begins and ends; ${options.rounds} rounds of ${options.seconds} s a side;\n` +
      `          the loader and ${after.connected} readers are on the same cores\n`,
  )
  const line = (what: string, of: (round: Round) => number, unit: string): void => {
    const [one, other] = [median(alone, of), median(watched, of)]
    console.log(
      `${what.padEnd(44)}${one.toFixed(2).padStart(10)} ${unit.padEnd(5)}${other.toFixed(2).padStart(10)} ${unit.padEnd(5)}${(other / one).toFixed(2).padStart(8)}×`,
    )
  }
  console.log(
    `${'medians of the rounds'.padEnd(44)}${'alone'.padStart(10)}${'watched'.padStart(16)}${'ratio'.padStart(15)}`,
  )
  line('acknowledged, p50', (round) => round.p50Ms, 'ms')
  line('acknowledged, p99', (round) => round.p99Ms, 'ms')
  line('acknowledged, max', (round) => round.maxMs, 'ms')
  line('the collector, of a core', (round) => round.cpuShare * 100, '%')
  line('its main thread, of a core', (round) => round.mainShare * 100, '%')
  console.log(
    `${'RSS, the most'.padEnd(44)}${rssMibOf(alone.collector).toFixed(0).padStart(10)} MiB  ${rssMibOf(watched.collector).toFixed(0).padStart(10)} MiB\n`,
  )
  const table = createGoalTable()
  table.row(
    `${after.connected} dashboards, of a core`,
    `≤ ${GOALS.cores * 100} %`,
    `${(cores * 100).toFixed(1)} %`,
    cores <= GOALS.cores,
  )
  table.row(
    'p99 of an acknowledgement, against without them',
    `≤ ${GOALS.p99Ratio.toFixed(2)}`,
    (p99Watched / p99Alone).toFixed(2),
    p99Watched / p99Alone <= GOALS.p99Ratio,
  )
  table.row(
    'bytes a second and dashboard',
    `≤ ${GOALS.bytesASecond / 1000} kB/s`,
    `${(bytes / 1000).toFixed(1)} kB/s`,
    bytes <= GOALS.bytesASecond,
  )
  table.row(`of ${watched.runs.toLocaleString('en')} runs, unknown to a dashboard`, '0', String(untold), untold === 0)
  table.row('dashboards closed, requests refused', '0', String(after.closed + failed), after.closed + failed === 0)
  table.row(
    'a batch made → read by a dashboard, p50 / p99',
    '',
    `${quantile(delays, 0.5).toFixed(0)} / ${quantile(delays, 0.99).toFixed(0)} ms`,
  )
  return table.print('')
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(share * (sorted.length - 1) + 0.5)] ?? Number.NaN
}
