/**
 * How long the steps of each agent take, learned from runs that completed.
 *
 * ```
 * on time ─▶ recent ─ full ─▶ before       the latest one to two thousand times of a step count
 *     └ not while a run stands flagged at the step, so that a stall does not teach itself normal
 * late ────▶ late ─ a day of nothing else ─▶ recent       the step has become slow for good
 * ```
 *
 * Why so: docs/decisions/0019.
 */
import type { Phase } from '../../../contract/phases.ts'
import { hours, type Instant, type Millis } from '../../../contract/units.ts'
import type { LearnedTimes } from '../../run.ts'
import { TimeSketch, type SketchJson } from './time-sketch.ts'

/** Steps known by name, half of them not met lately; each takes about half a kilobyte. */
const STEPS_MAX = 2_000
/** Times in a sketch before the one before it is dropped: what was normal last year is not for ever. */
const RECENT_MAX = 1_000
/** Names that are longer carry data, and would be met once. */
const NAME_MAX = 128
/** Some flagged runs are never heard of again: an incident as old as this is a state of things. */
const THAW_AFTER: Millis = hours(1)
/** Late times that make a step slow by nature, when they come over so long with none on time between them. */
const LATE_FEWEST = 50
const LATE_FOR: Millis = hours(24)

/** What is learned of: the steps of a phase, of one agent, with one tool or model. */
export interface Subject {
  readonly agent: string | null
  readonly phase: Phase | null
  readonly name: string | null
}

interface Lesson {
  recent: TimeSketch
  before: TimeSketch
  /** Times of steps that had been flagged and then ended well, with none on time since. */
  late: TimeSketch
  lateSince: Instant
  /** Runs that stand flagged at this step. */
  flagged: number
  /** When the latest was flagged. */
  flaggedAt: Instant
}

export type LessonJson = readonly [
  key: string,
  isYoung: boolean,
  recent: SketchJson,
  before: SketchJson,
  late: SketchJson,
  lateSince: Instant,
  flagged: number,
  flaggedAt: Instant,
]

export class Lessons {
  /** What was met lately, and what was before that. A step in neither was not met for a thousand others. */
  #young = new Map<string, Lesson>()
  #old = new Map<string, Lesson>()

  /** A step took this long, and nobody was worried about it. */
  take(subject: Subject, ms: Millis, now: Instant): void {
    const lesson = this.#meet(subject)
    if (lesson === null) return
    if (lesson.late.count > 0) lesson.late = new TimeSketch()
    if (lesson.flagged > 0 && now < lesson.flaggedAt + THAW_AFTER) return
    if (lesson.recent.count >= RECENT_MAX) {
      lesson.before = lesson.recent
      lesson.recent = new TimeSketch()
    }
    lesson.recent.add(ms)
  }

  /** A step took this long, was flagged, and ended well. */
  takeLate(subject: Subject, ms: Millis, now: Instant): void {
    const lesson = this.#meet(subject)
    if (lesson === null) return
    if (lesson.late.count === 0) lesson.lateSince = now
    lesson.late.add(ms)
    if (lesson.late.count < LATE_FEWEST || now < lesson.lateSince + LATE_FOR) return
    lesson.recent = lesson.late
    lesson.before = new TimeSketch()
    lesson.late = new TimeSketch()
  }

  /** @param fewest what is known from fewer samples is not told */
  timesOf(subject: Subject, fewest: number): LearnedTimes | null {
    const lesson = this.#find(keyOf(subject))
    const samples = lesson === undefined ? 0 : lesson.recent.count + lesson.before.count
    if (lesson === undefined || samples === 0 || samples < fewest) return null
    const all = new TimeSketch()
    all.merge(lesson.before)
    all.merge(lesson.recent)
    return { samples, p95Ms: Math.round(all.quantile(0.95) ?? 0), p99Ms: Math.round(all.quantile(0.99) ?? 0) }
  }

  /** A run was flagged at this step. */
  freeze(subject: Subject, now: Instant): void {
    const lesson = this.#meet(subject)
    if (lesson === null) return
    lesson.flagged++
    lesson.flaggedAt = now
  }

  /** It does not stand there any more. */
  thaw(subject: Subject): void {
    const lesson = this.#find(keyOf(subject))
    if (lesson !== undefined) lesson.flagged = Math.max(0, lesson.flagged - 1)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  toJSON(): LessonJson[] {
    const write = ([key, lesson]: [string, Lesson], isYoung: boolean): LessonJson => {
      const { recent, before, late, lateSince, flagged, flaggedAt } = lesson
      return [key, isYoung, recent.toJSON(), before.toJSON(), late.toJSON(), lateSince, flagged, flaggedAt]
    }
    return [...[...this.#old].map((each) => write(each, false)), ...[...this.#young].map((each) => write(each, true))]
  }

  restore([key, isYoung, recent, before, late, lateSince, flagged, flaggedAt]: LessonJson): void {
    const half = isYoung ? this.#young : this.#old
    half.set(key, {
      recent: TimeSketch.from(recent),
      before: TimeSketch.from(before),
      late: TimeSketch.from(late),
      lateSince,
      flagged,
      flaggedAt,
    })
  }

  #find(key: string | null): Lesson | undefined {
    return key === null ? undefined : (this.#young.get(key) ?? this.#old.get(key))
  }

  #meet(subject: Subject): Lesson | null {
    const key = keyOf(subject)
    if (key === null) return null
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const lesson = this.#old.get(key) ?? newLesson()
    this.#old.delete(key)
    if (this.#young.size >= STEPS_MAX / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, lesson)
    return lesson
  }
}

function newLesson(): Lesson {
  return {
    recent: new TimeSketch(),
    before: new TimeSketch(),
    late: new TimeSketch(),
    lateSince: 0,
    flagged: 0,
    flaggedAt: 0,
  }
}

/** Null for what nothing is learned of: other phases have limits of their own kind, a person's patience or one flush. */
function keyOf({ agent, phase, name }: Subject): string | null {
  const isLearned = phase === 'reasoning' || phase === 'tool'
  const isBounded = (agent?.length ?? 0) <= NAME_MAX && (name?.length ?? 0) <= NAME_MAX
  return isLearned && isBounded ? `${phase}\n${agent ?? ''}\n${name ?? ''}` : null
}
