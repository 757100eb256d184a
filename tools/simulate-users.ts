/**
 * Simulated users of the reference runtime: real WebSocket clients who ask, wait, acknowledge, lose patience, lose
 * their connection, and come back when the runtime was restarted. Most of their runs go well.
 *
 *     node tools/simulate-users.ts --runtime http://127.0.0.1:4320 --users 6
 */
import { parseArgs } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { sleep, systemClock, type Clock } from '../contract/clock.ts'
import { minutes, seconds, type Millis } from '../contract/units.ts'
import { connectUser, fetchToken, type UserClient } from './user-client.ts'

/** What befalls a run: a fault of the runtime by its name, or a misfortune of the client. */
export type Misfortune =
  | 'removed-singleton'
  | 'hung-tool'
  | 'half-open-model'
  | 'blocked-loop'
  | 'exit-mid-run'
  | 'skipped-terminal'
  /** The client stops reading: the run completes, the answer never arrives. */
  | 'deaf-client'
  /** The connection breaks mid-run; the client comes back and resumes. */
  | 'lost-connection'

/** Share of the runs each befalls, 0 to 1; the rest is healthy. */
export type MisfortuneMix = Partial<Record<Misfortune, number>>

export interface SimulationSettings {
  /** `http://127.0.0.1:4320`; asked anew before each connection, so it may move. */
  runtimeUrl(): string
  readonly usersCount: number
  readonly mix?: MisfortuneMix
  /** Between a user's runs, on average. */
  readonly pauseMs?: Millis
  readonly clock?: Clock
  /** 0 ≤ number < 1. */
  readonly random?: () => number
}

export interface SimulationCounts {
  asked: number
  completed: number
  /** Ended by another terminal: failed, cancelled. */
  endedOtherwise: number
  /** Not ended within the user's patience. */
  gaveUp: number
  reconnects: number
}

export interface Simulation {
  readonly counts: Readonly<SimulationCounts>
  /** One line: what happened so far. */
  summary(): string
  stop(): Promise<void>
}

/** Gentle enough for a board that is mostly green. The runtime-wide ones are left to whoever asks for them. */
export const DEFAULT_MIX: MisfortuneMix = {
  'removed-singleton': 0.02,
  'hung-tool': 0.02,
  'half-open-model': 0.02,
  'skipped-terminal': 0.015,
  'deaf-client': 0.015,
  'lost-connection': 0.03,
}

const NAMES = ['ada', 'grace', 'linus', 'margaret', 'edsger', 'barbara', 'alan', 'radia', 'ken', 'frances'] as const
interface Request {
  readonly agent: string
  readonly text: string
}

/** What users ask for. */
export const REQUESTS = [
  { agent: 'assistant', text: 'What is (1299 - 4 * 87.5) / 12?' },
  { agent: 'assistant', text: 'Is this runtime healthy? Check its status page.' },
  { agent: 'assistant', text: 'Hello, who are you and what can you do?' },
  { agent: 'research', text: 'What does the handbook say about the refund policy?' },
  { agent: 'research', text: 'How many times may I retry a failed payment?' },
  { agent: 'research', text: 'Find out when people answer on Mondays.' },
  { agent: 'analyst', text: 'Write the weekly report on run durations.' },
  { agent: 'analyst', text: 'Calculate 17 * 23 + 4 ^ 3 and write a report on the trend.' },
] as const satisfies readonly Request[]

/** How long a user watches a run that says nothing, before asking something else. */
const PATIENCE_MS: Millis = seconds(20)
/** When a user at last cancels a run that never ended: after its stall had time to be seen. */
const CANCEL_AFTER_MS: Millis = minutes(5)
const DEAF_MS: Millis = seconds(20)
/** When a connection is lost: after the run has begun, before it can have ended. */
const MIDRUN_MS: Millis = 400
const CLIENT_MISFORTUNES: ReadonlySet<Misfortune> = new Set(['deaf-client', 'lost-connection'])
const BACKOFF_MS: readonly Millis[] = [500, 1_000, 2_000, 5_000]

export function simulateUsers(settings: SimulationSettings): Simulation {
  const counts: SimulationCounts = { asked: 0, completed: 0, endedOtherwise: 0, gaveUp: 0, reconnects: 0 }
  const stop = new AbortController()
  const users = Array.from({ length: settings.usersCount }, (_, index) => {
    const name = NAMES[index % NAMES.length] ?? NAMES[0]
    return liveAsUser(index < NAMES.length ? name : `${name}-${index}`, settings, counts, stop.signal)
  })
  return {
    counts,
    summary: () =>
      `${settings.usersCount} users · ${counts.asked} runs · ${counts.completed} completed · ` +
      `${counts.endedOtherwise} failed or cancelled · ${counts.gaveUp} given up · ${counts.reconnects} reconnected`,
    async stop() {
      stop.abort()
      await Promise.all(users)
    },
  }
}

interface User {
  readonly name: string
  /** The present connection; another one after a reconnect. Null before the first. */
  client: UserClient | null
  readonly clock: Clock
  readonly counts: SimulationCounts
  readonly stop: AbortSignal
  connect(): Promise<UserClient>
}

/** Connect, ask, pause, ask again; when the connection ends, come back more and more slowly. */
async function liveAsUser(
  name: string,
  settings: SimulationSettings,
  counts: SimulationCounts,
  stop: AbortSignal,
): Promise<void> {
  const { clock = systemClock, random = Math.random, pauseMs = seconds(4), mix = DEFAULT_MIX } = settings
  const user: User = { name, client: null, clock, counts, stop, connect: () => connect(name, settings, clock) }
  stop.addEventListener('abort', () => void user.client?.close(), { once: true })
  // Not all at once: users are no load test.
  await pause(clock, random() * pauseMs, stop)
  let failures = 0
  while (!stop.aborted) {
    if (user.client?.isOpen !== true && !(await reconnect(user).catch(() => false))) {
      await pause(clock, BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)] ?? 0, stop)
      continue
    }
    failures = 0
    // A connection that breaks under a run is noticed at the top of the loop.
    await live(user, pickRequest(random), draw(mix, random)).catch(() => {})
    user.client?.forget()
    await pause(clock, pauseMs * (0.5 + random()), stop)
  }
}

/** @throws Error when the runtime is not there */
async function reconnect(user: User): Promise<true> {
  const isReturn = user.client !== null
  user.client = await user.connect()
  if (isReturn) user.counts.reconnects++
  return true
}

/** One run in a user's life. @throws Error when the connection or the runtime fails on the way */
async function live(user: User, { agent, text }: Request, misfortune: Misfortune | null): Promise<void> {
  const { client, clock, counts, stop } = user
  if (client === null) return
  const fault = misfortune === null || CLIENT_MISFORTUNES.has(misfortune) ? {} : { fault: misfortune }
  const runId = await client.ask(text, { agent, ...fault })
  counts.asked++
  if (misfortune === 'deaf-client') {
    client.stopReading()
    await pause(clock, DEAF_MS, stop)
    counts.gaveUp++
    return client.drop()
  }
  if (misfortune === 'lost-connection') await loseAndResume(user, client, runId)
  const end = await (user.client ?? client).waitForEnd(runId, PATIENCE_MS).catch(() => null)
  if (end?.type === 'agent_completed') counts.completed++
  else if (end !== null) counts.endedOtherwise++
  else if (!stop.aborted) {
    counts.gaveUp++
    clock.after(CANCEL_AFTER_MS, () => user.client?.send({ type: 'cancel', run_id: runId }))
  }
}

async function loseAndResume(user: User, client: UserClient, runId: string): Promise<void> {
  await sleep(user.clock, MIDRUN_MS)
  const last = client.frames.findLast((frame) => frame.run_id === runId)
  client.drop()
  await reconnect(user)
  if (last) user.client?.send({ type: 'resume', run_id: runId, epoch: last.epoch, last_seq: last.seq })
}

async function connect(name: string, { runtimeUrl }: SimulationSettings, clock: Clock): Promise<UserClient> {
  const http = runtimeUrl()
  return connectUser({ url: `${http.replace(/^http/, 'ws')}/ws`, token: await fetchToken(http, name), clock })
}

function draw(mix: MisfortuneMix, random: () => number): Misfortune | null {
  let left = random()
  for (const [misfortune, share] of Object.entries(mix) as [Misfortune, number][]) {
    left -= share
    if (left < 0) return misfortune
  }
  return null
}

function pickRequest(random: () => number): Request {
  return REQUESTS[Math.floor(random() * REQUESTS.length)] ?? REQUESTS[0]
}

function pause(clock: Clock, length: Millis, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(length, finish)
    stop.addEventListener('abort', finish, { once: true })
    if (stop.aborted) finish()
    function finish() {
      timer.cancel()
      stop.removeEventListener('abort', finish)
      resolve()
    }
  })
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { runtime: { type: 'string', default: 'http://127.0.0.1:4320' }, users: { type: 'string', default: '6' } },
  })
  const usersCount = Number(values.users)
  if (!Number.isInteger(usersCount) || usersCount < 1)
    throw new RangeError(`--users must be 1 or more, not ${values.users}`)
  const simulation = simulateUsers({ runtimeUrl: () => values.runtime, usersCount })
  const line = systemClock.every(seconds(1), () => process.stdout.write(`\r${simulation.summary()} `))
  // The clock's timers keep no process alive, and between two runs there may be no socket that does.
  const { port1: reasonToLive } = new MessageChannel()
  reasonToLive.on('message', () => {})
  process.once('SIGINT', () => {
    line.cancel()
    process.stdout.write('\n')
    void simulation.stop().then(() => reasonToLive.close())
  })
}

if (import.meta.main)
  await run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 2
  })
