/** Between the processes and the collector: what is said is sent in batches, and arrives late, twice, in another order, or not. */
import type { Instant, Millis } from '../../contract/units.ts'
import { hours, seconds } from '../../contract/units.ts'
import type { Signal } from '../../collector/signal.ts'
import { START } from '../kit/manual-clock.ts'
import { openRandom, type Random } from './random.ts'
import type { Process, Saying, World } from './world/story.ts'

/** `calm`: nothing is late. `rough`: seconds late, up to five times. `harsh`: up to an hour late, or lost. */
export const WEATHERS = ['calm', 'rough', 'harsh'] as const
export type Weather = (typeof WEATHERS)[number]

/** One request of one sender. */
export interface Batch {
  readonly process: Process
  readonly kind: 'logs' | 'traces'
  readonly signals: readonly Signal[]
  /** True time of the first thing it tells. */
  readonly saidAt: Instant
}

export interface Arrival {
  readonly at: Instant
  readonly batch: Batch
}

export interface Sent {
  readonly weather: Weather
  /** In order of time. */
  readonly arrivals: readonly Arrival[]
  /** What never arrives, or not while it still matters. */
  readonly lost: readonly Saying[]
  /** The longest that anything took from being said to its first arrival. */
  readonly slackMs: Millis
}

const FLUSH_EVERY = { logs: 250, traces: 1_000 } as const
/** A record that takes longer than this is not in time any more. */
const LATE: Millis = seconds(2)

export function send(world: World, weather: Weather): Sent {
  const random = openRandom(`${world.seed}/network`)
  const arrivals: Arrival[] = []
  const lost: Saying[] = []
  let slackMs = 0
  for (const { sayings, flushedAt } of flushes(world)) {
    const [first] = sayings
    if (first === undefined) continue
    const { process } = first
    const cut = Math.min(process.crashesAt ?? Infinity)
    // What was not sent yet dies with its process; but a pulse comes from a thread of its own.
    if (flushedAt >= cut) {
      lost.push(...sayings)
      continue
    }
    const moments = arrive(flushedAt, weather, random)
    const [earliest = Infinity] = moments
    if (earliest - flushedAt > LATE) lost.push(...sayings)
    else slackMs = Math.max(slackMs, earliest - first.at)
    const batch = { process, kind: first.queue, signals: sayings.map(({ signal }) => signal), saidAt: first.at }
    for (const at of moments) arrivals.push({ at, batch })
  }
  arrivals.sort((a, b) => a.at - b.at)
  return { weather, arrivals, lost, slackMs }
}

/** What each process says, by the moment at which it is sent. */
function flushes({ sayings }: World): { sayings: Saying[]; flushedAt: Instant }[] {
  const held = new Map<string, { sayings: Saying[]; flushedAt: Instant }>()
  for (const saying of sayings) {
    const { process, queue, signal } = saying
    const isPulse = signal.kind === 'pulse'
    const flushedAt = isPulse ? saying.at : nextFlush(process, queue, saying.at)
    const key = `${process.name} ${queue} ${flushedAt} ${isPulse}`
    const flush = held.get(key)
    if (flush === undefined) held.set(key, { sayings: [saying], flushedAt })
    else flush.sayings.push(saying)
  }
  return [...held.values()]
}

/** A thread that does not turn sends nothing; an orderly exit sends what is left. */
function nextFlush({ blocks, exitsAt }: Process, queue: Saying['queue'], at: Instant): Instant {
  const every = FLUSH_EVERY[queue]
  const due = START + Math.ceil((at - START + 1) / every) * every
  const block = blocks.find(({ from, lengthMs }) => from <= due && due < from + lengthMs)
  const turnsAt = block === undefined ? due : block.from + block.lengthMs + 1
  return exitsAt === null ? turnsAt : Math.min(turnsAt, Math.max(at, exitsAt))
}

/** When each copy of a batch arrives, the first first. None when it is lost. */
function arrive(sentAt: Instant, weather: Weather, random: Random): Instant[] {
  const quick = () => sentAt + random.int(1, 40)
  switch (weather) {
    case 'calm':
      return [quick()]
    case 'rough': {
      const first = random.chance(0.1) ? sentAt + random.int(100, 1_800) : quick()
      return copies(first, random, 0.15)
    }
    case 'harsh': {
      if (random.chance(0.02)) return []
      const late = random.chance(0.01) ? random.int(seconds(30), hours(1)) : random.int(100, seconds(20))
      const first = random.chance(0.1) ? sentAt + late : quick()
      return copies(first, random, 0.25)
    }
  }
}

/** A sender that heard no answer sends again. */
function copies(first: Instant, random: Random, share: number): Instant[] {
  if (!random.chance(share)) return [first]
  return [first, ...Array.from({ length: random.int(1, 4) }, () => first + random.int(1, 60_000))]
}
