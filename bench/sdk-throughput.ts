/**
 * What the SDK costs the reference runtime: the same runtime without telemetry (`off`), with OpenTelemetry's own
 * BatchSpanProcessor and nothing else (`bsp`), and with Laststep as it ships (`on`). Each is a process of its own; they
 * take turns under the same load, so that whatever else the machine does falls on all of them. Exits 0 only when every
 * goal it prints is met.
 *
 *   node bench/sdk-throughput.ts [--rounds 9] [--users 60] [--profile <folder>]
 *
 * Runs mostly wait for their model, so the runs a second of these users say little of what a busy runtime would lose.
 * That is said by the processor time of a run on the main thread, the one that runs the agents: it is what bounds the
 * runs a second of a runtime that has more to do than it can.
 */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'
import type { UserClient } from '../tools/user-client.ts'
import { connectUser, fetchToken } from '../tools/user-client.ts'
import { cpuSecondsOf, firstLine, kill, mainCpuSecondsOf, start } from './child.ts'
import { printProfiles } from './print-profile.ts'

const GOAL_PERCENT = 2
const VARIANTS = ['off', 'bsp', 'on'] as const
type Variant = (typeof VARIANTS)[number]

const REQUEST = 'What is (1299 - 4 * 87.5) / 12?'
const RUNS_PER_USER = 2
/** Users do not all ask at the same moment: spread over about the length of a run. */
const SPREAD: Millis = 1_500
/** Until the last records and finished spans of a batch have left: `bsp` waits a second. */
const SETTLE: Millis = 1_500
const PATIENCE: Millis = 60_000

interface Runtime {
  readonly variant: Variant
  readonly child: ChildProcess
  readonly users: readonly UserClient[]
}

/** Of one batch, per run where it says so. */
interface Sample {
  readonly runsPerSecond: number
  readonly mainMs: number
  readonly allMs: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    users: { type: 'string', default: '60' },
    profile: { type: 'string' },
  },
})
const usersCount = Number(values.users)

const sink = start('bench/ingest-server.ts', ['discard'])
const { otlpHttp } = await firstLine<{ otlpHttp: string }>(sink)
const runtimes = await Promise.all(VARIANTS.map((variant) => startRuntime(variant, otlpHttp)))
const samples: Record<Variant, Sample[]> = { off: [], bsp: [], on: [] }
// The first round only warms up.
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const runtime of turned(runtimes, round)) {
    const sample = await measure(runtime)
    if (round > 0) samples[runtime.variant].push(sample)
  }
}
for (const { child } of runtimes) await kill(child, 'SIGTERM')
await kill(sink)
const met = report()
if (values.profile !== undefined) for (const variant of VARIANTS) printProfiles(join(values.profile, variant))
process.exit(met ? 0 : 1)

async function startRuntime(variant: Variant, endpoint: string): Promise<Runtime> {
  const replaced = new URL(`sdk-variants/replace-sdk.ts?by=${variant}`, import.meta.url).href
  const replacement = variant === 'on' ? [] : ['--import', replaced]
  const profiled = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(values.profile, variant)}`]
  const child = start('server/main.ts', ['--port', '0', '--otlp', endpoint], [...replacement, ...profiled])
  const { http, ws: url } = await firstLine<{ http: string; ws: string }>(child)
  const users = Array.from({ length: usersCount }, async (_, index) =>
    connectUser({ url, token: await fetchToken(http, `user-${index}`) }),
  )
  return { variant, child, users: await Promise.all(users) }
}

/** Who goes first changes every round. */
function turned(list: readonly Runtime[], by: number): readonly Runtime[] {
  const first = by % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}

/** From silence to silence, so that every run's telemetry counts, and no other's. */
async function measure({ child, users }: Runtime): Promise<Sample> {
  const runs = users.length * RUNS_PER_USER
  const [mainFrom, allFrom, from] = [mainCpuSecondsOf(child), cpuSecondsOf(child), systemClock.now()]
  await Promise.all(
    users.map(async (user, index) => {
      await setTimeout((SPREAD * index) / users.length)
      for (let count = 0; count < RUNS_PER_USER; count++) await ask(user)
    }),
  )
  const tookMs = systemClock.now() - from
  await setTimeout(SETTLE)
  return {
    runsPerSecond: (runs * 1_000) / tookMs,
    mainMs: ((mainCpuSecondsOf(child) - mainFrom) * 1_000) / runs,
    allMs: ((cpuSecondsOf(child) - allFrom) * 1_000) / runs,
  }
}

async function ask(user: UserClient): Promise<void> {
  const { type } = await user.waitForEnd(await user.ask(REQUEST, { agent: 'assistant' }), PATIENCE)
  if (type !== 'agent_completed') throw new Error(`a run ended with ${type}; this load has no faults`)
  user.forget()
}

/** @returns whether every goal was met */
function report(): boolean {
  console.log(`${usersCount} users, medians of ${samples.on.length} rounds; cost against off, round by round`)
  console.log('          runs/s    cost    CPU ms a run: main thread    cost    all threads    cost')
  for (const variant of VARIANTS)
    console.log(
      `${variant.padEnd(6)}${cells(variant, 'runsPerSecond', 10)}${cells(variant, 'mainMs', 29)}${cells(variant, 'allMs', 15)}`,
    )
  const goals = [
    { what: `runs a second of ${usersCount} users`, percent: costOf('on', 'runsPerSecond') },
    { what: 'runs a second of a busy runtime (CPU of the main thread)', percent: costOf('on', 'mainMs') },
  ]
  for (const { what, percent } of goals) {
    const verdict = percent <= GOAL_PERCENT ? 'met' : 'MISSED'
    console.log(`goal: at most ${GOAL_PERCENT} % fewer ${what}: ${percent.toFixed(1)} %, ${verdict}`)
  }
  return goals.every(({ percent }) => percent <= GOAL_PERCENT)
}

function cells(variant: Variant, key: keyof Sample, width: number): string {
  const value = median(samples[variant].map((sample) => sample[key]))
  return `${value.toFixed(2).padStart(width)}${`${costOf(variant, key).toFixed(1)} %`.padStart(8)}`
}

/** Percent of the runs a second that are lost, the median of what each round lost. Processor time is their inverse. */
function costOf(variant: Variant, key: keyof Sample): number {
  const losses = samples[variant].map((sample, round) => {
    const off = samples.off[round]?.[key] ?? Number.NaN
    return 1 - (key === 'runsPerSecond' ? sample[key] / off : off / sample[key])
  })
  return median(losses) * 100
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
}
