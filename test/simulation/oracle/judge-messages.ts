/** How a run ended by its own word, and whether the user got the answer. */
import type { Outcome } from '../../../contract/phases.ts'
import type { Cause } from '../../../contract/statuses.ts'
import type { Instant } from '../../../contract/units.ts'
import type { NotedGap } from '../replay.ts'
import type { HeardMessage, HeardRun, Scene } from './hear.ts'
import { CONFIRMED, dueAfter } from './limits.ts'
import { rootOf } from './spans.ts'

export interface Ending {
  readonly outcome: Outcome
  /** The message that said so. */
  readonly message: HeardMessage | null
  /** Said by a message or a record, not read from a span. */
  readonly isByWord: boolean
  readonly isRejection: boolean
  readonly isContradicted: boolean
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  run_rejected: 'failed',
  agent_completed: 'succeeded',
  agent_error: 'failed',
  agent_cancelled: 'cancelled',
}
const REQUIRED: ReadonlySet<string> = new Set(['agent_started', 'agent_completed'])
const WAY = ['emitted', 'routed', 'queued', 'written', 'transported', 'received', 'handled']

/** By its messages where it sends any, else by its records, else by its span. Null while it goes on. */
export function outcomeOf(run: HeardRun): Ending | null {
  const plain = { message: null, isByWord: true, isRejection: false, isContradicted: false }
  if (run.messages.size > 0) {
    const words = [...run.messages.values()]
      .filter(({ event }) => OUTCOMES[event] !== undefined)
      .sort((a, b) => a.seq - b.seq)
    const [first, ...others] = words
    if (first === undefined) return null
    const outcome = OUTCOMES[first.event] ?? 'succeeded'
    const isContradicted = others.some(({ event }) => OUTCOMES[event] !== outcome)
    return { ...plain, outcome, message: first, isRejection: first.event === 'run_rejected', isContradicted }
  }
  const records = run.records.filter(({ state }) => state === 'ended').map(({ outcome }) => outcome ?? 'succeeded')
  if (run.records.length > 0) {
    const [first, ...others] = records
    return first === undefined
      ? null
      : { ...plain, outcome: first, isContradicted: others.some((other) => other !== first) }
  }
  const root = rootOf(run)
  if (root === null || root.endedAt === null) return null
  return { ...plain, outcome: root.isError ? 'failed' : 'succeeded', isByWord: false }
}

/** @returns why the user did not get the answer, and since when that is known; null when he did or still may */
export function judgeMessages(
  { run, connections }: Scene,
  { message: terminal }: Ending,
  gaps: readonly NotedGap[],
  now: Instant,
): { readonly cause: Cause; readonly dueAt: Instant } | null {
  if (terminal === null) return null
  const dueAt = dueAfter(terminal.at, CONFIRMED, gaps, now)
  const required = [...run.messages.values()].filter((message) => REQUIRED.has(message.event) || message === terminal)
  const missing = required.filter((message) => !isConfirmed(message, connections))
  const worst = missing.includes(terminal) ? terminal : missing.toSorted((a, b) => a.seq - b.seq)[0]
  return worst === undefined || dueAt > now ? null : { cause: brokenLink(run, worst, connections, dueAt), dueAt }
}

function isConfirmed({ sends }: HeardMessage, connections: Scene['connections']): boolean {
  return [...sends].some(([connection, states]) => {
    if (states.has('received') || states.has('handled')) return true
    return states.has('transported') && connections.get(connection)?.acks !== true
  })
}

/** On the connection where it got furthest. */
function brokenLink(run: HeardRun, message: HeardMessage, connections: Scene['connections'], dueAt: Instant): Cause {
  const ways = waysOf(message)
  if (ways.length === 0) return hasLeftBefore(run, message, connections) ? 'client-gone' : 'unrouted'
  const reach = (states: ReadonlyMap<string, Instant>) => WAY.findLastIndex((state) => states.has(state))
  const [connection, states] = ways.reduce((best, way) => (reach(way[1]) > reach(best[1]) ? way : best))
  const closedAt = connections.get(connection)?.closedAt ?? null
  if (closedAt !== null && closedAt <= dueAt) return 'client-gone'
  return states.has('written') || states.has('transported') ? 'unreceived' : 'unwritten'
}

function waysOf({ sends }: HeardMessage) {
  return [...sends].filter(([connection]) => connection !== '')
}

/** Whoever got the messages before it was gone when it was sent. */
function hasLeftBefore(run: HeardRun, message: HeardMessage, connections: Scene['connections']): boolean {
  const earlier = [...run.messages.values()].filter(({ seq }) => seq < message.seq).flatMap(waysOf)
  const before = earlier.filter(([, states]) => Math.min(...states.values()) <= message.at)
  return before.length > 0 && before.every(([id]) => (connections.get(id)?.closedAt ?? Infinity) <= message.at)
}
