/**
 * The collector's own parts, wired as `collector/main.ts` wires them, around a disk in memory and a clock that moves by
 * hand. It can be killed, stopped for a while and started again.
 */
import { catchUp } from '../../collector/catch-up.ts'
import { openCheckpoints, restoreBook } from '../../collector/checkpoints.ts'
import type { Contracts } from '../../collector/contracts.ts'
import type { Entry, Gap, Place, ReadEntry } from '../../collector/entry.ts'
import { openIntake, type Intake } from '../../collector/intake.ts'
import { openRunBook, type RunBook } from '../../collector/assemble/run-book.ts'
import { watchRuns, type Watch } from '../../collector/assess/watch-runs.ts'
import type { Circumstances, Judgement } from '../../collector/judgement.ts'
import { Unavailable } from '../../collector/unavailable.ts'
import type { Clock, Timer } from '../../contract/clock.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { ManualClock } from '../kit/manual-clock.ts'
import type { Letter, Mail } from './mail.ts'
import { newTimeline, note, type Timeline } from './timeline.ts'

export type Judge = (circumstances: Circumstances, now: Instant) => Judgement

/** What outlives the collector. */
export interface Disk {
  readonly log: Entry[]
  checkpoint: { readonly place: Place | null; readonly at: Instant; readonly sheets: readonly string[] } | null
  aliveAt: Instant | null
  /** How long a write takes. */
  slowMs: Millis
  isFull: boolean
}

export interface Machine {
  /** @returns false when the sender was sent away */
  take(letter: Letter): Promise<boolean>
  saveCheckpoint(): Promise<void>
  shelve(): void
  /** Nothing of it goes on; what was on its way to disk may have arrived there. */
  kill(keptOfUnderway: number): void
  readonly underway: number
  /** What it said of each run. */
  readonly said: Timeline
}

export interface MachineSettings {
  readonly clock: ManualClock
  readonly disk: Disk
  readonly contracts: Contracts
  readonly judge: Judge
  readonly read: Mail['read']
  readonly heldMax: number
}

export async function startMachine({
  clock,
  disk,
  contracts,
  judge,
  read,
  heldMax,
}: MachineSettings): Promise<Machine> {
  const said = newTimeline()
  const timers = new Set<Timer>()
  const underway: { readonly entry: Entry; readonly done: (place: Place) => void }[] = []
  let isKilled = false
  let intake: Intake | null = null
  let judgedAt: Instant = 0
  let lastPlace: Place | null = null

  const own: Clock = {
    now: clock.now,
    after: (delay, call) => keep(clock.after(delay, () => void (isKilled || call()))),
    every: (period, call) => keep(clock.every(period, () => void (isKilled || call()))),
  }
  const keep = (timer: Timer): Timer => {
    timers.add(timer)
    return timer
  }
  const book: RunBook = openRunBook({
    contracts,
    heldMax,
    judge(circumstances, now) {
      judgedAt = now
      return judge(circumstances, now)
    },
    changed(change) {
      note(said, change, judgedAt)
      if (intake !== null) disk.aliveAt = Math.max(disk.aliveAt ?? 0, intake.watermark())
    },
  })

  const write = (entry: Entry): Place => {
    disk.log.push(entry)
    return placeOf(disk.log.length - 1)
  }
  const append = (entry: Entry): Promise<Place> => {
    if (disk.isFull) return Promise.reject(new Unavailable('the disk is full'))
    return new Promise((resolve) => {
      underway.push({ entry, done: resolve })
      if (disk.slowMs === 0 && underway.length === 1) finishNext()
      else own.after(disk.slowMs, finishNext)
    })
  }
  const finishNext = (): void => {
    const next = underway.shift()
    if (next !== undefined) next.done(write(next.entry))
  }
  const fold = async ({ entry, place, signals }: ReadEntry): Promise<void> => {
    if (isKilled) return
    lastPlace = place
    if (entry.kind === 'gap') book.gap(readGap(entry), entry.receivedAt)
    else book.apply(signals, entry.receivedAt)
  }

  const { checkpoint } = disk
  if (checkpoint !== null) {
    await restoreBook(book.restore(), asyncOf(checkpoint.sheets))
    lastPlace = checkpoint.place
  }
  const caughtUp = await catchUp({
    checkpoint,
    aliveAt: disk.aliveAt,
    now: clock.now,
    entries: (after) => entriesOf(disk.log, after),
    read,
    fold,
    async noteGap(gap) {
      const body = Buffer.from(JSON.stringify(gap))
      const entry = { kind: 'gap', encoding: 'json', receivedAt: clock.now(), body } as const
      await fold({ entry, place: write(entry), signals: [] })
    },
  })

  const foldAndWatch = (read: ReadEntry): Promise<void> => {
    const kept = fold(read)
    watch.woke()
    return kept
  }
  // As little at once as can be, so that there is always more to do.
  const advance = (to: Instant) => book.advance(to, 1)
  const opened = openIntake({ clock: own, startAt: caughtUp.at, append, advance, fold: foldAndWatch })
  intake = opened
  const watch: Watch = watchRuns({
    clock: own,
    nextLookAt: book.nextLookAt,
    advance,
    watermark: opened.watermark,
  })
  own.every(1_000, () => {
    opened.beat()
    disk.aliveAt = Math.max(disk.aliveAt ?? 0, opened.watermark())
  })

  let sheets: string[] = []
  let ticks = 0
  const checkpoints = openCheckpoints({
    // Each look at the clock takes a millisecond, so that the book goes on while its lines are written.
    clock: { ...own, now: () => (ticks += 1), after: (_delay, call) => own.after(1, call) },
    now: () => ({ place: lastPlace, at: opened.watermark() }),
    snapshot: book.snapshot,
    saveSheet: async ({ no, text }) => void (sheets = [...(no === 0 ? [] : sheets), text]),
    saveCheckpoint: async (reached) => {
      if (!isKilled) disk.checkpoint = { ...reached, sheets }
    },
  })

  return {
    said,
    get underway() {
      return underway.length
    },
    async take(letter) {
      try {
        await opened.take({ ...letter, signals: read(letter).signals })
        return !isKilled
      } catch (error) {
        if (error instanceof Unavailable) return false
        throw error
      }
    },
    saveCheckpoint: checkpoints.save,
    shelve: () => book.shelveAll(),
    kill(keptOfUnderway) {
      isKilled = true
      watch.stop()
      for (const timer of timers) timer.cancel()
      for (const { entry } of underway.splice(0, keptOfUnderway)) write(entry)
      underway.length = 0
    },
  }
}

export function readGap(entry: Pick<Entry, 'body'>): Gap {
  return JSON.parse(Buffer.from(entry.body).toString()) as Gap
}

const placeOf = (offset: number): Place => ({ segment: 0, offset, length: 1 })

async function* entriesOf(log: readonly Entry[], after: Place | null): AsyncGenerator<{ entry: Entry; place: Place }> {
  const until = log.length
  for (let offset = after === null ? 0 : after.offset + 1; offset < until; offset++) {
    const entry = log[offset]
    if (entry !== undefined) yield { entry, place: placeOf(offset) }
  }
}

async function* asyncOf(sheets: readonly string[]): AsyncGenerator<string> {
  yield* sheets
}
