/** The collector lives through a world: telemetry arrives, and it is killed, stands still, runs out of disk, or is slow. */
import type { Contracts } from '../../collector/contracts.ts'
import type { Entry } from '../../collector/entry.ts'
import { minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import { manualClock, START, type ManualClock } from '../kit/manual-clock.ts'
import { startMachine, type Disk, type Judge, type Machine } from './machine.ts'
import type { Mail } from './mail.ts'
import type { Batch, Sent } from './network.ts'
import { openRandom, type Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { World } from './world/story.ts'

export interface Lived {
  readonly log: readonly Entry[]
  /** What each of the collectors said that followed one another. */
  readonly said: readonly Timeline[]
  /** What senders gave up on. */
  readonly givenUp: readonly Batch[]
  /** Of retries: the longest that a batch was on its way because of us. */
  readonly waitedMs: Millis
  readonly restarts: number
  /** Until then it lived. */
  readonly until: Instant
}

export interface LifeSettings {
  readonly world: World
  readonly sent: Sent
  readonly mail: Mail
  readonly contracts: Contracts
  readonly judge: Judge
}

/** What happens to the collector, and when. */
type Blow =
  | {
      readonly at: Instant
      readonly what: 'kill' | 'stand still' | 'disk full' | 'slow disk'
      readonly lengthMs: Millis
    }
  | { readonly at: Instant; readonly what: 'checkpoint' | 'shelve' }

/** Half of the senders try for as long as OpenTelemetry's SDKs do, the others are Collectors in between. */
const GIVES_UP_AFTER: readonly Millis[] = [seconds(10), minutes(5)]

export async function live({ world, sent, mail, contracts, judge }: LifeSettings): Promise<Lived> {
  const random = openRandom(`${world.seed}/life`)
  const clock = manualClock(START - 1_000)
  const disk: Disk = { log: [], checkpoint: null, aliveAt: null, slowMs: 0, isFull: false }
  const heldMax = random.pick([2, 10_000, 10_000, 10_000])
  const start = () => startMachine({ clock, disk, contracts, judge, read: mail.read, heldMax })
  const said: Timeline[] = []
  const givenUp: Batch[] = []
  let waitedMs = 0
  let machine = await start()
  said.push(machine.said)
  /** Taken, and not answered yet. */
  let open = new Map<Post, Millis>()
  const posts = openQueue(sent.arrivals.map(({ at, batch }) => ({ at, batch, firstAt: at, tries: 0 })))

  /** Sent away, or found nobody here, at a moment: the sender comes back later and later. */
  const again = (post: Post, at: Instant) => {
    const waitMs = Math.min(30_000, 1_000 * 2 ** post.tries)
    const givesUp = GIVES_UP_AFTER[post.batch.process.name.charCodeAt(1) % 2] ?? 0
    const next = { ...post, at: at + waitMs, tries: post.tries + 1 }
    if (next.at - post.firstAt > givesUp) givenUp.push(post.batch)
    else if (next.at < clock.now()) again(next, next.at)
    else posts.add(next)
  }
  const deliver = (post: Post) => {
    const own = open
    own.set(post, clock.now())
    void machine.take(mail.write(post.batch)).then((isTaken) => {
      own.delete(post)
      if (!isTaken) return again(post, clock.now())
      waitedMs = Math.max(waitedMs, clock.now() - post.firstAt)
    })
  }
  const strike = async (blow: Blow) => {
    switch (blow.what) {
      case 'checkpoint':
        return void machine.saveCheckpoint()
      case 'shelve':
        return machine.shelve()
      case 'slow disk':
        disk.slowMs = random.int(5, 1_500)
        return void clock.after(blow.lengthMs, () => void (disk.slowMs = 0))
      case 'disk full':
        disk.isFull = true
        return void clock.after(blow.lengthMs, () => void (disk.isFull = false))
      case 'stand still':
        return stall(blow.lengthMs)
      case 'kill': {
        // Who is killed with a full disk cannot leave word of whom it sent away.
        if (disk.isFull) return
        machine.kill(random.int(0, machine.underway))
        const unanswered = [...open.keys()]
        open = new Map()
        for (const post of unanswered) again(post, clock.now())
        await passTo(clock, clock.now() + blow.lengthMs, null)
        machine = await start()
        said.push(machine.said)
        for (const post of posts.takeUntil(clock.now() - 1)) again(post, post.at)
      }
    }
  }
  /** Nothing turns here: timers are late, and what came waits in the socket. */
  const stall = async (lengthMs: Millis) => {
    clock.skip(lengthMs)
    await settle()
  }

  const blows = plan(world, random)
  const endsAt = Math.max(world.endsAt, sent.arrivals.at(-1)?.at ?? 0) + minutes(1)
  for (;;) {
    const nextPost = posts.next()
    const nextBlow = blows[0]?.at ?? Infinity
    const at = Math.min(nextPost, nextBlow, endsAt)
    await passTo(clock, at, machine)
    if (at === endsAt && nextPost > endsAt && nextBlow > endsAt) break
    if (nextBlow <= at) {
      const blow = blows.shift()
      if (blow !== undefined) await strike(blow)
    } else for (const post of posts.takeUntil(clock.now())) deliver(post)
    await settle()
  }
  return { log: disk.log, said, givenUp, waitedMs, restarts: said.length - 1, until: clock.now() - seconds(1) }
}

interface Post {
  readonly at: Instant
  readonly batch: Batch
  readonly firstAt: Instant
  readonly tries: number
}

/** Time passes in steps short enough that what a timer began is done before the next one. */
async function passTo(clock: ManualClock, until: Instant, machine: Machine | null): Promise<void> {
  while (clock.now() < until) {
    const stepMs = machine !== null && machine.underway > 0 ? 5 : 1_000
    const next = Math.min(until, (Math.floor(clock.now() / stepMs) + 1) * stepMs)
    clock.pass(next - clock.now())
    await settle()
  }
}

/** Let everything go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 16; turn++) await Promise.resolve()
}

function plan(world: World, random: Random): Blow[] {
  const blows: Blow[] = []
  const lengthMs = world.endsAt - START
  const moment = () => START + random.int(1_000, lengthMs)
  const some = (max: number, share: number) => (random.chance(share) ? random.int(1, max) : 0)
  const repeat = (count: number, blow: () => Blow) => blows.push(...Array.from({ length: count }, blow))
  repeat(some(4, 0.8), () => ({ at: moment(), what: 'checkpoint' }))
  repeat(some(4, 0.5), () => ({ at: moment(), what: 'shelve' }))
  repeat(some(2, 0.4), () => ({ at: moment(), what: 'kill', lengthMs: random.int(100, 900) }))
  repeat(some(1, 0.3), () => ({
    at: moment(),
    what: 'kill',
    lengthMs: random.pick([random.int(1_000, 20_000), random.int(20_000, 600_000)]),
  }))
  repeat(some(1, 0.15), () => ({ at: moment(), what: 'stand still', lengthMs: random.int(500, 60_000) }))
  repeat(some(1, 0.15), () => ({ at: moment(), what: 'disk full', lengthMs: random.int(500, 90_000) }))
  repeat(some(2, 0.3), () => ({ at: moment(), what: 'slow disk', lengthMs: random.int(500, 20_000) }))
  return blows.sort((a, b) => a.at - b.at)
}

/** What is on its way, the first to arrive first. */
function openQueue(list: Post[]) {
  list.sort((a, b) => a.at - b.at)
  return {
    next: (): Instant => list[0]?.at ?? Infinity,
    add(post: Post): void {
      const index = list.findIndex(({ at }) => at > post.at)
      list.splice(index === -1 ? list.length : index, 0, post)
    },
    takeUntil(until: Instant): Post[] {
      const count = list.findIndex(({ at }) => at > until)
      return list.splice(0, count === -1 ? list.length : count)
    },
  }
}
