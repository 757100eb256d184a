/**
 * What recording deliveries costs a runtime: the same server of `ws` without us (`off`), recorded for a collector on
 * the same machine (`on`), and for one elsewhere, to which records go compressed (`gzip`); the users of the latter two
 * acknowledge what they get. Each server is a process of its own; they take turns under the same load, so that whatever
 * else the machine does falls on all of them. Exits 0 only when every goal it prints is met.
 *
 *   node bench/deliveries.ts [--rounds 7] [--seconds 4] [--profile <folder>]
 *
 * The same messages are sent in three ways: `paced`, at 5,000 a second; `busy`, as fast as it goes by a runtime that
 * works for each of them, for as long as lets it manage just 5,000 a second; and `bare`, as fast as it goes by one that
 * does nothing but send. Throughput is told per second of the main thread's processor time, which is what bounds a
 * runtime that has more to do than it can: the wall clock also counts who else wanted the processor.
 */
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { connect, type SocketLike } from '../client/connect.ts'
import { systemClock } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'
import { quantilesOf } from '../tools/quantiles.ts'
import { firstLine, kill, start } from './child.ts'
import type { Play, Played } from './delivery-server.ts'
import { openGoals } from './goals.ts'
import { printProfiles } from './print-profile.ts'

const VARIANTS = ['off', 'on', 'gzip'] as const
type Variant = (typeof VARIANTS)[number]
const PLAYS = ['paced', 'busy', 'bare'] as const
type PlayName = (typeof PLAYS)[number]

const RATE = 5_000
const GOAL_BYTES = 1_000
const GOAL_PERCENT = 2
/** 50 messages a second to each: what a model streams, token by token. */
const CONNECTIONS = 100
/** The processor time that a message takes a runtime which manages just `RATE`. */
const MESSAGE_US = 1_000_000 / RATE
const BARE_MESSAGES = 20_000
const PROBE_MESSAGES = 10_000
const PROBE_WORK = 100_000
/** Looking whether everything has arrived. */
const LOOK_EVERY: Millis = 50

interface Server {
  readonly variant: Variant
  readonly child: ChildProcess
  readonly http: string
  /** Of the messages that arrived since the last play. */
  latencies: Millis[]
}

/** Of one play; per message where it says so. */
interface Sample {
  readonly mainUs: number
  readonly allUs: number
  readonly bytes: number
  readonly sentPerSecond: number
  readonly p50: Millis
  readonly p99: Millis
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
})

/** What the collector was sent, by the first part of the address. */
const received = new Map<string, number>()
const collector = createServer((request, response) => {
  const variant = request.url?.split('/')[1] ?? ''
  request.on('data', (chunk: Buffer) => received.set(variant, (received.get(variant) ?? 0) + chunk.length))
  request.on('end', () => response.end())
})
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
const { port } = collector.address() as AddressInfo

const servers = await Promise.all(VARIANTS.map(startServer))
const bare: Play = { messages: BARE_MESSAGES, rate: null, work: 0 }
const work = await findWork(servers[0] as Server)
for (const server of servers) await measure(server, bare)
const messages = RATE * Number(values.seconds)
const plays: Readonly<Record<PlayName, Play>> = {
  paced: { messages, rate: RATE, work: 0 },
  busy: { messages, rate: null, work },
  bare,
}
const byVariant = (): Readonly<Record<Variant, Sample[]>> => ({ off: [], on: [], gzip: [] })
const samples: Readonly<Record<PlayName, Readonly<Record<Variant, Sample[]>>>> = {
  paced: byVariant(),
  busy: byVariant(),
  bare: byVariant(),
}
for (let round = 0; round < Number(values.rounds); round++)
  for (const play of PLAYS)
    for (const server of turned(servers, round)) samples[play][server.variant].push(await measure(server, plays[play]))
for (const { child } of servers) await kill(child, 'SIGTERM')
report()
if (values.profile !== undefined) for (const variant of VARIANTS) printProfiles(join(values.profile, variant))
process.exit()

async function startServer(variant: Variant): Promise<Server> {
  // 0.0.0.0 leads here too, which the SDK cannot know: it compresses as for another machine.
  const endpoint = `http://${variant === 'gzip' ? '0.0.0.0' : '127.0.0.1'}:${port}/${variant}`
  const profiled = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(values.profile, variant)}`]
  const child = start('bench/delivery-server.ts', variant === 'off' ? [] : [endpoint], profiled)
  const { http, ws } = await firstLine<{ http: string; ws: string }>(child)
  const server: Server = { variant, child, http, latencies: [] }
  await Promise.all(Array.from({ length: CONNECTIONS }, () => connectUser(server, ws)))
  return server
}

function connectUser(server: Server, url: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  connect({
    url,
    acks: server.variant !== 'off',
    open: (url, protocols) => new WebSocket(url, protocols) as SocketLike,
    onOpen: resolve,
    onFrame: ({ payload }) => server.latencies.push(systemClock.now() - Number(payload['sent_ms'])),
  })
  return promise
}

/** How much work makes sending a message take `MESSAGE_US` without us. */
async function findWork(server: Server): Promise<number> {
  const probe: Play = { messages: PROBE_MESSAGES, rate: null, work: PROBE_WORK }
  await measure(server, probe)
  const sends = (await measure(server, { ...probe, work: 0 })).mainUs
  const works = (await measure(server, probe)).mainUs
  return Math.round((PROBE_WORK * (MESSAGE_US - sends)) / (works - sends))
}

/** Who goes first changes every round. */
function turned(list: readonly Server[], by: number): readonly Server[] {
  const first = by % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}

/** From silence to silence, so that all telemetry of these messages counts, and no other's. */
async function measure(server: Server, play: Play): Promise<Sample> {
  server.latencies = []
  const before = received.get(server.variant) ?? 0
  const answer = await fetch(`${server.http}/play`, { method: 'POST', body: JSON.stringify(play) })
  const { mainMs, allMs, tookMs } = (await answer.json()) as Played
  while (server.latencies.length < play.messages) await setTimeout(LOOK_EVERY)
  const { p50, p99 } = quantilesOf(server.latencies)
  return {
    mainUs: (mainMs * 1_000) / play.messages,
    allUs: (allMs * 1_000) / play.messages,
    bytes: ((received.get(server.variant) ?? 0) - before) / play.messages,
    sentPerSecond: (play.messages * 1_000) / tookMs,
    p50,
    p99,
  }
}

function report(): void {
  const { connections, rounds } = { connections: CONNECTIONS, rounds: samples.bare.off.length }
  console.log(`${connections} connections; medians of ${rounds} rounds; processor time and telemetry per message\n`)
  console.log('                main thread   all threads   telemetry     sent/s       p50       p99')
  for (const play of PLAYS)
    for (const variant of VARIANTS) {
      const of = (key: keyof Sample) => median(samples[play][variant].map((sample) => sample[key]))
      const times = [of('mainUs'), of('allUs')].map((us) => `${us.toFixed(1)} µs`.padStart(14)).join('')
      const told = `${of('bytes').toFixed(0)} B`.padStart(12) + of('sentPerSecond').toFixed(0).padStart(11)
      const late = [of('p50'), of('p99')].map((ms) => `${ms.toFixed(1)} ms`.padStart(10)).join('')
      console.log(`${play.padEnd(7)}${variant.padEnd(6)}${times}${told}${late}`)
    }

  const goals = openGoals(`\n${RATE} messages a second; loss of throughput against off, median of each round's`)
  const bytesOf = (variant: Variant) => median(samples.paced[variant].map(({ bytes }) => bytes))
  goals.atMost('telemetry of a message, as sent to a collector on the same machine', GOAL_BYTES, bytesOf('on'), 'B')
  goals.atMost('telemetry of a message, compressed for one elsewhere', GOAL_BYTES, bytesOf('gzip'), 'B')
  goals.atMost(`throughput a runtime of ${RATE} messages a second loses, on`, GOAL_PERCENT, lossOf('busy', 'on'), '%')
  goals.atMost(`the same, gzip`, GOAL_PERCENT, lossOf('busy', 'gzip'), '%')
  for (const variant of ['on', 'gzip'] as const)
    goals.row(
      `throughput a server that only sends loses, ${variant}`,
      '',
      `${lossOf('bare', variant).toFixed(1)} %`,
      null,
    )
  goals.conclude()
}

/** Percent of the messages per second of the main thread. */
function lossOf(play: PlayName, variant: Variant): number {
  const losses = samples[play][variant].map(({ mainUs }, round) => {
    const off = samples[play].off[round]?.mainUs ?? Number.NaN
    return 1 - off / mainUs
  })
  return median(losses) * 100
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
}
