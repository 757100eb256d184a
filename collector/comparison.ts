/** What can be compared, and the thread that does it: it has the history and the log to itself, and nobody waits for it. */
import type { Comparison, NextSteps, RelativeCohort } from '../contract/compare.ts'
import type { Fingerprint, Ingredients } from '../contract/stalls.ts'
import type { Instant } from '../contract/units.ts'
import type { Arranged } from './homes.ts'
import { openReadingThread } from './reading-thread.ts'
import type { RunQuery } from './stored-run.ts'
import { Unavailable } from './unavailable.ts'

/** A group of runs as somebody asks for it. `asked` is how they wrote it. */
export type CohortAsk =
  | {
      readonly kind: 'stalls'
      readonly asked: string
      readonly fingerprint: Fingerprint
      readonly arranged: Arranged
      readonly ingredients: Ingredients
    }
  | { readonly kind: 'run'; readonly asked: string; readonly id: string }
  | { readonly kind: 'runs'; readonly asked: string; readonly query: RunQuery }

export type CompareQuestion =
  | {
      readonly kind: 'compare'
      readonly a: CohortAsk
      readonly b: CohortAsk | RelativeCohort
      readonly now: Instant
    }
  | { readonly kind: 'next'; readonly a: CohortAsk; readonly now: Instant }

export interface Comparisons {
  /** @returns null when `signal` says that nobody waits any more. @throws Unavailable when too many wait already */
  compare(question: Extract<CompareQuestion, { kind: 'compare' }>, signal: AbortSignal): Promise<Comparison | null>
  next(question: Extract<CompareQuestion, { kind: 'next' }>, signal: AbortSignal): Promise<NextSteps | null>
  stop(): Promise<void>
}

export interface ComparisonSettings {
  readonly dataDir: string
  readonly log: {
    survey(): readonly { readonly number: number }[]
    /** While it is held, a segment is not written over. @returns what lets go of it */
    hold(segment: number): () => void
  }
  /** What was saved so far can be read by others. */
  readonly saved: () => Promise<void>
}

/** One thread serves them in turn; more would only wait. */
const WAITING_MAX = 8

export function openComparisons({ dataDir, log, saved }: ComparisonSettings): Comparisons {
  const thread = openReadingThread<CompareQuestion, Comparison | NextSteps>('compare-main.ts', dataDir)
  let waiting = 0

  async function ask(question: CompareQuestion, signal: AbortSignal): Promise<Comparison | NextSteps | null> {
    if (waiting >= WAITING_MAX) throw new Unavailable(`${WAITING_MAX} comparisons are under way already`)
    waiting += 1
    try {
      await saved()
      return await thread.ask(question, signal, () => {
        const held = log.survey().map(({ number }) => log.hold(number))
        return () => held.forEach((letGo) => letGo())
      })
    } finally {
      waiting -= 1
    }
  }

  return {
    // The thread answers each kind of question with its own kind of answer; crossing to it loses the pairing.
    compare: (question, signal) => ask(question, signal) as Promise<Comparison | null>,
    next: (question, signal) => ask(question, signal) as Promise<NextSteps | null>,
    stop: thread.stop,
  }
}
