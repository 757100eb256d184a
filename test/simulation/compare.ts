/** Where two tellings of the same runs differ. */
import type { Entry } from '../../collector/entry.ts'
import type { Status } from '../../contract/statuses.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { Lived } from './live.ts'
import type { Mail } from './mail.ts'
import { hear, type Heard } from './oracle/hear.ts'
import { judgeSlowly } from './oracle/judge-slowly.ts'
import type { Random } from './random.ts'
import type { NotedGap, Replayed } from './replay.ts'
import { FLAGS, inWords, isSame, stateAt, type Said, type State, type Timeline } from './timeline.ts'
import type { Run } from './world/story.ts'

export interface Difference {
  readonly run: Run
  readonly at: Instant
  readonly what: string
}

/** A run is shown under its own id, or under its trace's until it told one. */
export function statesOf(timeline: Timeline, { id, traceId }: Run): readonly Said[] {
  return timeline.get(id) ?? timeline.get(traceId) ?? []
}

/**
 * Nothing is judged as of a moment at which we did not hear. What is said when a gap is noted rests on what was said right
 * before, at the same moment.
 */
function isUnheard(at: Instant, gaps: readonly NotedGap[]): boolean {
  return gaps.some(({ from, lengthMs, reason, knownAt }) => {
    return at === knownAt || (reason !== 'refused' && from < at && at < from + lengthMs)
  })
}

/**
 * A run of which the middle comes last is shown as two until it comes: what is above cannot be known to be of what is
 * below. The oracle knows the truth about who belongs to whom, and does not speak of these.
 */
export function isShownAsTwo(timeline: Timeline, { id, traceId }: Run): boolean {
  const names = [...timeline.keys()].filter((name) => name === id || name.startsWith(traceId))
  return names.length > 1
}

export interface OracleSettings {
  readonly run: Run
  readonly heard: readonly Heard[]
  readonly replayed: Replayed
  readonly until: Instant
  readonly random: Random
}

const SETTLED: ReadonlySet<Status> = new Set(['completed', 'failed', 'cancelled', 'undelivered'])
const SEALED_AFTER: Millis = seconds(60)
const SETTLES_WITHIN: Millis = 250

/** Each change of the collector's verdict must be right, and so must it be before and after each record. */
export function compareWithOracle({ run, heard, replayed, until, random }: OracleSettings): Difference | null {
  if (isShownAsTwo(replayed.said, run)) return null
  const states = statesOf(replayed.said, run)
  for (const at of momentsOf(heard, states, until, random)) {
    if (isUnheard(at, replayed.gaps)) continue
    const said = stateAt(states, at)
    // What is settled lets go of its spans after a while, and what comes later is not held against it.
    if (said !== null && SETTLED.has(said.status) && at - said.from >= SEALED_AFTER) return null
    const must = oracleAt(run, heard, replayed.gaps, at, stateAt(states, at - 1))
    const isOf = (known: readonly Heard[]) => {
      const then = oracleAt(run, known, replayed.gaps, at, stateAt(states, at - 1))
      return then !== null && said !== null && isSame(said, then)
    }
    const isRight =
      said === null || must === null ? said === must : isSame(said, must) || isYetToSettle(said, must, at, heard, isOf)
    // Of several requests of one moment the first may have taken back the flag that the last would have kept.
    const anew = isRight ? must : oracleAt(run, heard, replayed.gaps, at, null)
    if (!isRight && (said === null || anew === null || !isSame(said, anew)))
      return { run, at, what: `the collector says ${inWords(said)}; the oracle ${inWords(must)}` }
  }
  return null
}

/** That a step of a run that is fine goes on is settled a moment later, with what came until then: of several, the one that stands longest is still that of before. */
function isYetToSettle(
  said: State,
  must: State,
  at: Instant,
  heard: readonly Heard[],
  isOf: (known: readonly Heard[]) => boolean,
): boolean {
  if (said.status !== 'running' || must.status !== 'running') return false
  const waiting = heard.filter((each) => at - SETTLES_WITHIN < each.at && each.at <= at)
  return waiting.some((first) => isOf(heard.filter((each) => each.at < first.at)))
}

export function oracleAt(
  run: Run,
  heard: readonly Heard[],
  gaps: readonly NotedGap[],
  now: Instant,
  before: State | null,
): State | null {
  const scene = hear(heard, now, run)
  return scene === null ? null : judgeSlowly(scene, { gaps, now, before })
}

/** Of a process's many pulses a few will do: a verdict that they change is a change of its own. */
function momentsOf(heard: readonly Heard[], states: readonly Said[], until: Instant, random: Random): Instant[] {
  const moments = new Set<Instant>([until])
  const around = (at: Instant) => moments.add(at - 1).add(at)
  for (const { at, signal } of heard) if (signal.kind !== 'pulse' || random.chance(0.03)) around(at)
  for (const { from } of states) around(from)
  return [...moments].filter((at) => at <= until).sort((a, b) => a - b)
}

/** What of the log is about a run. */
export function heardOf(run: Run, log: readonly Entry[], mail: Mail): Heard[] {
  return log.flatMap((entry) => {
    const signals = mail.batchOf(entry)?.signals ?? []
    return signals.filter((signal) => isAbout(signal, run)).map((signal) => ({ at: entry.receivedAt, signal }))
  })
}

function isAbout(signal: Heard['signal'], { id, traceId, process }: Run): boolean {
  switch (signal.kind) {
    case 'span':
    case 'log':
      return signal.traceId === traceId
    case 'run':
    case 'delivery':
      return signal.runId === id
    case 'pulse':
      return signal.source.instance === process.source.instance
    case 'connection':
      return true
  }
}

/** The same log must tell the same, however it is read. */
export function compareTimelines(
  runs: readonly Run[],
  first: Timeline,
  second: Timeline,
  how: string,
): Difference | null {
  for (const run of runs) {
    const [a, b] = [plainStates(first, run), plainStates(second, run)]
    const index = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => at).find((at) => {
      const [one, other] = [a[at], b[at]]
      return one === undefined || other === undefined || one.from !== other.from || !isSame(one, other)
    })
    if (index === undefined) continue
    const [one, other] = [a[index] ?? null, b[index] ?? null]
    const at = Math.min(one?.from ?? Infinity, other?.from ?? Infinity)
    return { run, at, what: `read straight ${inWords(one)}; ${how} ${inWords(other)} (${other?.from ?? '-'})` }
  }
  return null
}

/**
 * What collectors said while they lived, against the log they left. Each was there for a part of it, and one that came
 * after a crash says some of it again. None may say what the log does not, and all together they say all of it.
 */
export function compareLives(
  runs: readonly Run[],
  { said: log, gaps }: Replayed,
  { said: lives, until }: Lived,
): Difference | null {
  // How far a book had come when it was told of a gap depends on when it last looked, and decides nothing.
  const isInOneGap = (a: Instant, b: Instant) =>
    gaps.some(({ from, lengthMs }) => [a, b].every((at) => from <= at && at <= from + lengthMs))
  const isNoted = (at: Instant) => gaps.some(({ from, knownAt }) => at === from || at === knownAt)
  const isMatch = (a: Said, b: Said) => isSame(a, b) && (a.from === b.from || isInOneGap(a.from, b.from))
  for (const run of runs) {
    const states = plainStates(log, run)
    const told = lives.flatMap((life) => plainStates(life, run)).filter(({ from }) => !isNoted(from) && from <= until)
    const wrong = told.find((said) => {
      const must = stateAt(states, said.from)
      return (must === null || !isSame(must, said)) && !states.some((state) => isMatch(state, said))
    })
    if (wrong !== undefined) {
      const must = inWords(stateAt(states, wrong.from))
      return { run, at: wrong.from, what: `it said ${inWords(wrong)} when it lived; its log says ${must}` }
    }
    const isKnown = (state: Said) => told.some((said) => isMatch(state, said)) || isNoted(state.from)
    const missed = states.find((state) => !isKnown(state))
    if (missed !== undefined) return { run, at: missed.from, what: `its log says ${inWords(missed)}; it never said so` }
  }
  return null
}

/** Without the outlook: what lies on the shelf while a gap is noted shows its new deadline when it comes back. */
function plainStates(timeline: Timeline, run: Run): Said[] {
  const plain = statesOf(timeline, run).map((state) => (FLAGS.has(state.status) ? state : { ...state, deadline: null }))
  return plain.filter((state, index) => {
    const before = plain[index - 1]
    return before === undefined || !isSame(before, state)
  })
}
