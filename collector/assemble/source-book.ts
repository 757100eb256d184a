/** What the run book knows of its sources: when each was heard, and who fell silent. */
import { minutes, type Instant, type Millis } from '../../contract/units.ts'
import type { SilentFindingFacts, Silence, SourceFacts } from '../source.ts'
import type { Source } from '../signal.ts'
import { LookHeap } from './look-heap.ts'

export interface HeardSource {
  readonly facts: SourceFacts
  /** When to see whether it still speaks; it may be too early, never too late. Null once it is silent. */
  readonly lookAt: Instant | null
}

export interface SourceBook {
  /** By `service.instance.id`. */
  readonly heard: Map<string, HeardSource>
  /** In the order in which they were found. */
  readonly findings: Map<string, SilentFindingFacts>
  /** What explains the runs of a process, by its id. */
  readonly explained: Map<string, Silence>
  /** Ids of processes and of findings. */
  readonly looks: LookHeap
}

/** How the lists of a snapshot hold it. */
export interface WrittenSources {
  readonly heard?: readonly (readonly [string, HeardSource])[]
  readonly findings?: readonly SilentFindingFacts[]
}

/** How long a source is listened to before its longest pause is believed. */
const STRETCH: Millis = minutes(10)

export function openSourceBook(): SourceBook {
  return { heard: new Map(), findings: new Map(), explained: new Map(), looks: new LookHeap() }
}

export function restoreSources(book: SourceBook, { heard, findings }: WrittenSources): void {
  for (const [instance, source] of heard ?? []) {
    book.heard.set(instance, source)
    book.looks.set(sourceLook(instance), source.lookAt)
  }
  for (const finding of findings ?? []) {
    book.findings.set(finding.id, finding)
    book.looks.set(findingLook(finding.id), finding.lookAt)
    for (const { instance, backAt, releasedAt } of finding.sources)
      if (releasedAt === null) book.explained.set(instance, { findingId: finding.id, isBack: backAt !== null })
  }
}

/** In this order at the same moment: a finding is weighed with all who are due. */
export const sourceLook = (instance: string): string => `1 source ${instance}`
export const findingLook = (id: string): string => `2 finding ${id}`

/** What is known of a source after one more record of it. @param isExcused its last pause was a silence, and no habit */
export function foldHeard(
  held: SourceFacts | undefined,
  source: Source & { readonly instance: string },
  repeatsEvery: Millis | null,
  now: Instant,
  isExcused: boolean,
): SourceFacts {
  const { instance, service, environment, contract } = source
  const who = { instance, service, environment, contract, heardAt: now }
  if (held === undefined) return { ...who, repeatsEvery, stretchFrom: now, longestPause: 0, longestPauseBefore: null }
  const pause = isExcused ? 0 : now - held.heardAt
  const isNext = now - held.stretchFrom >= STRETCH
  return {
    ...who,
    repeatsEvery: repeatsEvery ?? held.repeatsEvery,
    stretchFrom: isNext ? now : held.stretchFrom,
    longestPause: isNext ? pause : Math.max(held.longestPause, pause),
    longestPauseBefore: isNext ? held.longestPause : held.longestPauseBefore,
  }
}
