/**
 * Notices when processes with open runs fall silent, and tells of one cause instead of many runs.
 *
 * ```
 * a process is due ─▶ with those that fell silent when it did: enough open runs? ─▶ open ─▶ recovered · over
 *                                │ not yet, but others are late              ▲
 *                                └─▶ suspected ──────── their deadlines ─────┤
 *                                                                            └─▶ no finding: ordinary lost runs
 * ```
 *
 * From the deadline of its process on a run is explained by the finding; some time after the process came back it no
 * longer is, so nothing stays unexplained for ever. Processes die together and are due one after the other, within one
 * beat: a suspicion lasts no longer than that.
 */
import { createHash } from 'node:crypto'
import { OPEN_STATUSES } from '../../contract/statuses.ts'
import { hours, minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type {
  SilentFindingFacts,
  Silence,
  SilentSourceFacts,
  SourceCircumstances,
  SourceFacts,
  SourceJudgement,
} from '../source.ts'
import type { Signal, Source } from '../signal.ts'
import { touch, type Batch } from './batch.ts'
import type { BookState } from './book-state.ts'
import { recallInstance } from './shelve.ts'
import { findingLook, foldHeard, sourceLook } from './source-book.ts'

export interface SourceWatchSettings {
  /** Says whether a source speaks at a moment. Pure. */
  readonly judge: (circumstances: SourceCircumstances, now: Instant) => SourceJudgement
  /** With fewer open runs a silent source is no finding: its runs speak for themselves. */
  readonly openRunsMin: number
  /** Told of every finding that was made and of every change of one. */
  readonly found: (finding: SilentFindingFacts) => void
}

export interface SourceWatch {
  /** To be called once the signals were folded. */
  hear(state: BookState, batch: Batch, signals: readonly Signal[], now: Instant): void
  /** See to what is due at or before `until`. @returns the processes whose runs are to be judged anew; null when nothing is due */
  look(state: BookState, until: Instant): { readonly at: Instant; readonly instances: readonly string[] } | null
}

/** On their way here records of the same moment come apart by no more. */
const APART_MAX: Millis = seconds(1)
/** Whether anything is left to explain. */
const RECOUNT_EVERY: Millis = minutes(1)
const ENDED_KEPT: Millis = hours(24)
const ENDED_MAX = 100
/** As many processes as the book keeps. */
const SOURCES_MAX = 10_000

export function createSourceWatch({ judge, openRunsMin, found }: SourceWatchSettings): SourceWatch {
  const judged = (state: BookState, source: SourceFacts, now: Instant): SourceJudgement => {
    const instance = state.instances.get(source.instance) ?? null
    return judge({ source, instance, gaps: state.gaps }, now)
  }

  function hearOne(state: BookState, batch: Batch, source: Source, repeatsEvery: Millis | null, now: Instant): void {
    const { instance } = source
    if (instance === null) return
    const { heard, explained } = state.sourceBook
    const held = heard.get(instance)
    const facts = foldHeard(held?.facts, { ...source, instance }, repeatsEvery, now, explained.has(instance))
    const judgement = judged(state, facts, now)
    const isEarlier = judgement.dueAt !== null && judgement.dueAt < (held?.lookAt ?? Infinity)
    const lookAt = isEarlier ? judgement.dueAt : (held?.lookAt ?? null)
    heard.set(instance, { facts, lookAt })
    if (lookAt !== held?.lookAt) state.sourceBook.looks.set(sourceLook(instance), lookAt)
    if (held === undefined && heard.size > SOURCES_MAX) dropOldest(state)
    const finding = findingOf(state, instance)
    if (finding !== null && judgement.state === 'speaking') comeBack(state, batch, finding, instance, now)
  }

  function comeBack(state: BookState, batch: Batch, finding: SilentFindingFacts, instance: string, now: Instant): void {
    if (finding.sources.some((each) => each.instance === instance && each.backAt !== null)) return
    explain(state, instance, { findingId: finding.id, isBack: true })
    for (const id of [...(state.runsOfInstance.get(instance) ?? [])].sort()) {
      const run = state.runs.get(id)
      if (run !== undefined) touch(batch, run, false)
    }
    const sources = finding.sources.map((each) => (each.instance === instance ? { ...each, backAt: now } : each))
    update(state, withNextLook(end(state, { ...finding, sources }, now), now), now)
  }

  /** A source's deadline has passed, as far as it was known when the look was set. */
  function lookAtSource(state: BookState, instance: string, at: Instant): readonly string[] {
    const { heard, looks } = state.sourceBook
    const held = heard.get(instance)
    if (held === undefined) return []
    const judgement = judged(state, held.facts, at)
    const lookAt = judgement.state === 'silent' ? null : judgement.dueAt
    heard.set(instance, { ...held, lookAt })
    looks.set(sourceLook(instance), lookAt)
    if (judgement.state !== 'silent') return []
    const openRuns = countOpenRuns(state, instance)
    return openRuns === 0 ? [] : fallSilent(state, held.facts, judgement, openRuns, at)
  }

  function fallSilent(
    state: BookState,
    { instance, service, environment, heardAt }: SourceFacts,
    { beatMs, limit, dueAt }: SourceJudgement,
    openRuns: number,
    at: Instant,
  ): readonly string[] {
    const silent = { instance, service, environment, heardAt, beatMs, limit, openRuns }
    const source: SilentSourceFacts = { ...silent, backAt: null, releasedAt: null }
    const { findings } = state.sourceBook
    const again = findingOf(state, instance)
    if (again !== null) {
      explain(state, instance, { findingId: again.id, isBack: false })
      const sources = again.sources.map((each) => (each.instance === instance ? source : each))
      const isOver = again.endedAt !== null
      const lookAt = isOver ? at + RECOUNT_EVERY : again.lookAt
      return weigh(state, { ...again, ...(isOver && { state: 'open', endedAt: null }), sources, lookAt }, at)
    }
    const isOpen = ({ state: now }: SilentFindingFacts): boolean => now === 'suspected' || now === 'open'
    const held = [...findings.values()].find((finding) => isOpen(finding) && isTogether(finding, source))
    const since = dueAt ?? at
    const fresh = {
      kind: 'source-silent',
      id: idOf(instance, since),
      rev: 0,
      since,
      endedAt: null,
      sources: [],
      lookAt: null,
    } as const
    const finding: SilentFindingFacts = held ?? { ...fresh, state: 'suspected' }
    explain(state, instance, { findingId: finding.id, isBack: false })
    return weigh(state, { ...finding, sources: [...finding.sources, source] }, at)
  }

  /** @returns the processes for whose runs something changed */
  function weigh(state: BookState, finding: SilentFindingFacts, at: Instant): readonly string[] {
    const joined = finding.sources.slice(-1).map(({ instance }) => instance)
    if (finding.state === 'open') {
      update(state, finding, at)
      return joined
    }
    const silent = sum(finding.sources.filter(({ backAt }) => backAt === null))
    if (silent >= openRunsMin) {
      update(state, { ...finding, state: 'open', lookAt: at + RECOUNT_EVERY }, at)
      return joined
    }
    const late = lateWith(state, finding, at)
    if (late.length > 0 && silent + sum(late) >= openRunsMin) {
      update(state, { ...finding, lookAt: Math.min(...late.map(({ dueAt }) => dueAt)) }, at)
      return joined
    }
    const instances = finding.sources.map(({ instance }) => instance)
    for (const instance of instances) explain(state, instance, null)
    state.sourceBook.findings.delete(finding.id)
    state.sourceBook.looks.set(findingLook(finding.id), null)
    return instances
  }

  /** Sources that fell silent when these did, and were not looked at since. */
  function lateWith(state: BookState, finding: SilentFindingFacts, at: Instant) {
    const late: { readonly openRuns: number; readonly dueAt: Instant }[] = []
    for (const { facts, lookAt } of state.sourceBook.heard.values()) {
      // One found silent before is no news; one that is due at this very moment is looked at next.
      if (lookAt === null || state.sourceBook.explained.has(facts.instance)) continue
      const judgement = judged(state, facts, at)
      if (judgement.state === 'speaking' || judgement.dueAt === null) continue
      if (!isTogether(finding, { ...judgement, heardAt: facts.heardAt })) continue
      const openRuns = countOpenRuns(state, facts.instance)
      if (openRuns > 0) late.push({ openRuns, dueAt: judgement.dueAt })
    }
    return late
  }

  function lookAtFinding(state: BookState, id: string, at: Instant): readonly string[] {
    const finding = state.sourceBook.findings.get(id)
    if (finding === undefined) return []
    if (finding.state === 'suspected') return weigh(state, finding, at)
    const released: string[] = []
    const sources = finding.sources.map((source) => {
      if (source.releasedAt !== null) return source
      if (source.backAt === null) return { ...source, openRuns: countOpenRuns(state, source.instance) }
      if (source.backAt + source.limit.ms > at) return source
      released.push(source.instance)
      explain(state, source.instance, null)
      return { ...source, releasedAt: at }
    })
    update(state, withNextLook(end(state, { ...finding, sources }, at), at), at)
    return released
  }

  /** Keep it, and tell of it where people would see a difference. */
  function update(state: BookState, finding: SilentFindingFacts, now: Instant): void {
    const { findings, looks } = state.sourceBook
    const before = findings.get(finding.id)
    const isNews = before === undefined || !isSame(before, finding)
    const after = { ...finding, rev: isNews ? finding.rev + 1 : finding.rev }
    findings.set(after.id, after)
    looks.set(findingLook(after.id), after.lookAt)
    if (isNews && after.state !== 'suspected') found(after)
    if (after.endedAt !== null && before?.endedAt === null) forgetEnded(state, now)
  }

  return {
    hear(state, batch, signals, now) {
      let latest: Source | null = null
      for (const signal of signals) {
        // The records of one request share their source.
        const repeatsEvery = signal.kind === 'span' ? signal.repeatedEvery : null
        if (signal.source === latest && repeatsEvery === null) continue
        latest = signal.source
        hearOne(state, batch, signal.source, repeatsEvery, now)
      }
    },
    look(state, until) {
      const due = state.sourceBook.looks.take(until)
      if (due === null) return null
      const [, kind, id = ''] = /^\d (source|finding) (.*)$/s.exec(due.id) ?? []
      const instances = kind === 'source' ? lookAtSource(state, id, due.at) : lookAtFinding(state, id, due.at)
      return { at: due.at, instances }
    },
  }
}

/** It ends when all that still have open runs are back, or none has any. */
function end(state: BookState, finding: SilentFindingFacts, now: Instant): SilentFindingFacts {
  if (finding.state !== 'open') return finding
  const silent = finding.sources.filter(({ backAt }) => backAt === null)
  if (silent.some(({ openRuns }) => openRuns > 0)) return finding
  for (const { instance } of silent) explain(state, instance, null)
  const sources = finding.sources.map((source) => (source.backAt === null ? { ...source, releasedAt: now } : source))
  return { ...finding, state: silent.length < sources.length ? 'recovered' : 'over', endedAt: now, sources }
}

/** One that is only suspected has its moment already. */
function withNextLook(finding: SilentFindingFacts, now: Instant): SilentFindingFacts {
  const { sources, state } = finding
  if (state === 'suspected') return finding
  const releases = sources.flatMap(({ backAt, releasedAt, limit }) =>
    backAt === null || releasedAt !== null ? [] : [backAt + limit.ms],
  )
  const next = Math.min(...releases, state === 'open' ? now + RECOUNT_EVERY : Infinity)
  return { ...finding, lookAt: next === Infinity ? null : next }
}

function isSame(a: SilentFindingFacts, b: SilentFindingFacts): boolean {
  return (
    a.state === b.state &&
    a.sources.length === b.sources.length &&
    a.sources.every((source, index) => {
      const other = b.sources[index]
      return source.backAt === other?.backAt && source.openRuns === other.openRuns
    })
  )
}

function isTogether(finding: SilentFindingFacts, source: Pick<SilentSourceFacts, 'heardAt' | 'beatMs'>): boolean {
  const [first] = finding.sources
  if (first === undefined) return true
  return Math.abs(first.heardAt - source.heardAt) <= Math.max(first.beatMs, source.beatMs) + APART_MAX
}

function findingOf({ sourceBook }: BookState, instance: string): SilentFindingFacts | null {
  return sourceBook.findings.get(sourceBook.explained.get(instance)?.findingId ?? '') ?? null
}

/** What its runs on the shelf were judged to be rests on what explained them then: they are brought back before. */
function explain(state: BookState, instance: string, silence: Silence | null): void {
  recallInstance(state, instance)
  if (silence === null) state.sourceBook.explained.delete(instance)
  else state.sourceBook.explained.set(instance, silence)
}

/** Those on the shelf are open, or would not be there. */
function countOpenRuns(state: BookState, instance: string): number {
  let count = 0
  for (const record of state.shelf.ofInstance(instance)) count += state.shelf.labelOf(record).runs
  for (const id of state.runsOfInstance.get(instance) ?? []) {
    const status = state.runs.get(id)?.judged?.verdict.status
    if (status !== undefined && OPEN_STATUSES.has(status)) count += 1
  }
  return count
}

function sum(sources: readonly { readonly openRuns: number }[]): number {
  return sources.reduce((total, { openRuns }) => total + openRuns, 0)
}

/** The same after a restart; a hash, since an instance's id is its sender's and may be anything. */
function idOf(instance: string, since: Instant): string {
  return `find_${createHash('sha256').update(`${instance}\n${since}`).digest('hex').slice(0, 16)}`
}

function forgetEnded({ sourceBook: { findings } }: BookState, now: Instant): void {
  const ended = [...findings.values()].filter(({ lookAt, endedAt }) => endedAt !== null && lookAt === null)
  for (const [index, { id, endedAt }] of ended.entries())
    if (index < ended.length - ENDED_MAX || (endedAt ?? 0) + ENDED_KEPT <= now) findings.delete(id)
}

function dropOldest(state: BookState): void {
  for (const instance of state.sourceBook.heard.keys()) {
    if (state.runsOfInstance.has(instance) || state.shelf.hasInstance(instance)) continue
    state.sourceBook.heard.delete(instance)
    state.sourceBook.looks.set(sourceLook(instance), null)
    return
  }
}
