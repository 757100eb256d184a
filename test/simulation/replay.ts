/** The log read once more from its beginning: what it amounts to, whatever happened to whoever wrote it. */
import { openRunBook } from '../../collector/assemble/run-book.ts'
import type { Contracts } from '../../collector/contracts.ts'
import type { Entry } from '../../collector/entry.ts'
import type { Gap } from '../../collector/entry.ts'
import type { Signal } from '../../collector/signal.ts'
import type { Instant } from '../../contract/units.ts'
import { readGap, type Judge } from './machine.ts'
import type { Mail } from './mail.ts'
import type { Random } from './random.ts'
import { newTimeline, note, type Timeline } from './timeline.ts'

export interface Replayed {
  readonly said: Timeline
  readonly gaps: readonly NotedGap[]
}

/** `knownAt`: how far the book had come when it was told. */
export type NotedGap = Gap & { readonly knownAt: Instant }

export interface ReplaySettings {
  readonly log: readonly Entry[]
  readonly mail: Mail
  readonly contracts: Contracts
  readonly judge: Judge
  readonly until: Instant
  /** Each batch twice, its records in another order; runs put away now and then. */
  readonly scrambled: Random | null
}

export function replay({ log, mail, contracts, judge, until, scrambled }: ReplaySettings): Replayed {
  const said = newTimeline()
  const gaps: NotedGap[] = []
  let judgedAt: Instant = 0
  let now: Instant = 0
  const book = openRunBook({
    contracts,
    judge(circumstances, at) {
      judgedAt = at
      return judge(circumstances, at)
    },
    changed: (change) => note(said, change, judgedAt),
  })
  const apply = (signals: readonly Signal[], at: Instant) => {
    if (scrambled === null) return book.apply(signals, at)
    book.apply(scrambled.shuffled([...signals, ...scrambled.shuffled(signals)]), at)
    if (scrambled.chance(0.005)) book.shelveAll()
  }
  for (const entry of log) {
    if (entry.kind === 'gap') {
      const gap = readGap(entry)
      now = Math.max(now, gap.reason === 'refused' ? entry.receivedAt : gap.from + gap.lengthMs)
      gaps.push({ ...gap, knownAt: now })
      book.gap(gap, entry.receivedAt)
      continue
    }
    apply(mail.read(entry).signals, entry.receivedAt)
    now = Math.max(now, entry.receivedAt)
  }
  book.advance(until)
  return { said, gaps }
}
