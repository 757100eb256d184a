/**
 * `npm run bench:dashboards`: what 500 dashboards at once cost the collector, and what they cost those who send to it
 * (issue 7: at most a core, and the p99 of an acknowledgement within 10 %).
 *
 * Two collectors stand side by side, one with readers and one without, and are given the same load at the same time, so
 * that whatever else this machine does, and the readers' own work, falls on both. What differs is what serving them does
 * to the collector. Goal beside result; exits 0 only when every goal is met.
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
import { openGoals } from './goals.ts'
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
const GOALS = { corePercent: 100, p99Ratio: 1.1, kbASecond: 64 }
// oxfmt-ignore
const FIGURES: readonly (readonly [what: string, unit: string, of: (round: Round) => number])[] = [
  ['acknowledged, p50',           'ms', (round) => round.p50Ms],
  ['acknowledged, p99',           'ms', (round) => round.p99Ms],
  ['acknowledged, max',           'ms', (round) => round.maxMs],
  ['the collector, of a core',    '%',  (round) => round.cpuShare * 100],
  ['its main thread, of a core',  '%',  (round) => round.mainShare * 100],
]

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
  const both = (lasting: number) => Promise.all([measure(alone, lasting), measure(watched, lasting)])
  // Until the code that serves readers is compiled, it is not what is measured.
  await both(3)
  for (const side of [alone, watched]) side.rounds.length = 0
  const before = told.latest()
  told.takeDelays()
  for (let round = 0; round < Number(options.rounds); round++) await both(Number(options.seconds))
  const delays = told.takeDelays()
  const watchedSeconds = Number(options.rounds) * (Number(options.seconds) + WARM_UP_SECONDS)
  const after = await told.settled(watched.runs)
  printResult(before, after, delays, watchedSeconds)
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

function printResult(before: ReaderTotals, after: ReaderTotals, delays: number[], watchedSeconds: number): void {
  const median = (side: Side, of: (round: Round) => number) => quantile(side.rounds.map(of), 0.5)
  console.log(
    `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadBefore.toFixed(1)} before), Node ${process.version}\n` +
      `load      ${SPANS_A_SECOND.toLocaleString('en')} spans/s in requests of 100, each a run that begins and ends, to either; ${options.rounds} rounds of ${options.seconds} s;\n` +
      `          the loaders and ${after.connected} readers are on the same cores\n`,
  )
  console.log(
    `${'medians of the rounds'.padEnd(44)}${'alone'.padStart(10)}${'watched'.padStart(16)}${'ratio'.padStart(15)}`,
  )
  for (const [what, unit, of] of FIGURES) {
    const [one, other] = [median(alone, of), median(watched, of)]
    console.log(
      `${what.padEnd(44)}${one.toFixed(2).padStart(10)} ${unit.padEnd(5)}${other.toFixed(2).padStart(10)} ${unit.padEnd(5)}${(other / one).toFixed(2).padStart(8)}×`,
    )
  }
  const rss = [alone, watched].map(({ collector }) => rssMibOf(collector).toFixed(0).padStart(10))
  console.log(`${'RSS, the most'.padEnd(44)}${rss.join(' MiB  ')} MiB\n`)

  const goals = openGoals('goals')
  const cores = median(watched, (round) => round.cpuShare) - median(alone, (round) => round.cpuShare)
  // Of one moment with the same moment: a round in which the machine stood still says nothing about the others.
  const p99Ratio = quantile(
    watched.rounds.map(({ p99Ms }, index) => p99Ms / (alone.rounds[index]?.p99Ms ?? Number.NaN)),
    0.5,
  )
  const bytes = (after.bytes - before.bytes) / watchedSeconds / Number(options.readers)
  const refused = [...alone.rounds, ...watched.rounds].reduce((sum, round) => sum + round.failed, 0)
  const untold = after.runsSeen.reduce((most, seen) => Math.max(most, watched.runs - seen), 0)
  goals.atMost(`${after.connected} dashboards`, GOALS.corePercent, cores * 100, '% of a core')
  goals.atMost('p99 of an acknowledgement with them, against without', GOALS.p99Ratio, p99Ratio, '×')
  goals.atMost('bytes a second and dashboard', GOALS.kbASecond, bytes / 1_000, 'kB/s')
  goals.exactly(`of ${watched.runs.toLocaleString('en')} runs, unknown to a dashboard`, 0, untold)
  goals.exactly('dashboards closed, requests refused', 0, after.closed + refused)
  const delay = `${quantile(delays, 0.5).toFixed(0)} / ${quantile(delays, 0.99).toFixed(0)} ms`
  goals.row('a batch made → read by a dashboard, p50 / p99', '', delay, null)
  goals.conclude()
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(share * (sorted.length - 1) + 0.5)] ?? Number.NaN
}
