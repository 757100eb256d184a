/**
 * The second oracle: what really happened. It knows nothing of records and of how they are read, only that a run which
 * went well is never flagged, and that one which stands still is, at its deadline and not before.
 *
 * It speaks of those runs of which nothing was lost and nothing came too late; the others are the first oracle's.
 */
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import { isShownAsTwo, statesOf, type Difference } from './compare.ts'
import type { Lived } from './live.ts'
import type { Sent } from './network.ts'
import { GRACE_LONG } from './oracle/limits.ts'
import type { Replayed } from './replay.ts'
import { FLAGS, inWords, secondsOf, type Said } from './timeline.ts'
import { endOf } from './world/make-world.ts'
import type { Run, Stand, World } from './world/story.ts'

export interface TruthCheck {
  readonly difference: Difference | null
  /** Of how many runs it could speak. */
  readonly wentWell: number
  readonly stoodStill: number
  readonly diedWithProcess: number
}

/** Two flushes and the way here in calm weather are always granted. */
const UNDERWAY: Millis = seconds(1.5)

export function compareWithTruth(world: World, sent: Sent, lived: Lived, replayed: Replayed): TruthCheck {
  const counts = { wentWell: 0, stoodStill: 0, diedWithProcess: 0 }
  for (const run of world.runs) {
    const states = statesOf(replayed.said, run)
    if (isDisturbed(run, sent, lived) || isShownAsTwo(replayed.said, run)) continue
    const twice = findTwice(states)
    if (twice !== null) return { ...counts, difference: { run, ...twice } }
    const { kind, problem } = check(run, states, { world, sent, replayed })
    if (kind !== null) counts[kind]++
    const last = states.at(-1)
    if (problem !== null) return { ...counts, difference: { run, at: last?.from ?? 0, what: `in truth ${problem}` } }
  }
  return { ...counts, difference: null }
}

interface Surroundings {
  readonly world: World
  readonly sent: Sent
  readonly replayed: Replayed
}

type Finding = { readonly kind: 'wentWell' | 'stoodStill' | 'diedWithProcess' | null; readonly problem: string | null }
const NOTHING: Finding = { kind: null, problem: null }

function check(run: Run, states: readonly Said[], around: Surroundings): Finding {
  const { truth, process } = run
  const { ends, stand } = truth
  const diesAt = endOf(process)
  const overAt = ends?.at ?? Infinity
  // A thread that does not turn holds up all its runs, for longer than their limits or not.
  if (process.blocks.some(({ from }) => from < overAt + UNDERWAY)) return NOTHING
  if (diesAt < overAt + UNDERWAY) {
    if (diesAt >= overAt) return NOTHING
    const isHeard = truth.startsAt + UNDERWAY < diesAt && process.crashesAt !== null && states.length > 0
    return isHeard ? { kind: 'diedWithProcess', problem: checkDeath(run, process.crashesAt, states, around) } : NOTHING
  }
  if (stand !== null) return { kind: 'stoodStill', problem: checkStand(run, stand, states, around) }
  return ends === null ? NOTHING : { kind: 'wentWell', problem: checkEnd(run, ends.status, states, around) }
}

/** Never flagged, and told of as it ended. */
function checkEnd(run: Run, status: string, states: readonly Said[], { replayed }: Surroundings): string | null {
  const isWrong = ({ status, since }: Said) =>
    (status === 'stalled' || status === 'lost') && !isInRefusal(since ?? 0, replayed)
  const flag = states.find(isWrong)
  if (flag !== undefined) return `it went well; it was called ${inWords(flag)}`
  const last = states.at(-1)
  if (last === undefined) return 'it went well; nothing was said of it'
  const isAnswered = run.truth.isDelivered || last.status !== 'undelivered'
  return isAnswered && last.status !== status && last.status !== 'undelivered'
    ? `it ${status}; it was called ${inWords(last)}`
    : null
}

/** Flagged at its deadline: as much later as its last record was underway, and as we did not listen. */
function checkStand(
  run: Run,
  stand: Stand,
  states: readonly Said[],
  { world, sent, replayed }: Surroundings,
): string | null {
  const { manner } = run.process
  // What cannot be seen of a step is dated by what was seen before.
  const isDark = manner === 'ends' || manner === 'messages'
  if (isDark && (states.length === 0 || run.truth.ends !== null)) return null
  const dueAt = stand.from + stand.limitMs
  const latest = dueAt + sent.slackMs + UNDERWAY + unheard(replayed)
  // Between two steps it may seem to be in one, and a gap may have given it the time it took.
  const surelyAt = isDark ? latest + seconds(300) : latest
  if (surelyAt > Math.min(world.endsAt, stand.until)) return null
  const flags = states.filter(
    ({ status, since }) => FLAGS.has(status) && since !== null && !isInRefusal(since, replayed),
  )
  const early = flags.find(({ since }) => !isDark && (since ?? 0) < dueAt)
  if (early !== undefined) return `it stands still from ${secondsOf(stand.from)}; it was called ${inWords(early)}`
  const what = `it stands still from ${secondsOf(stand.from)} and owed a word at ${secondsOf(dueAt)}`
  const flag = flags.find(({ since }) => (since ?? 0) <= surelyAt)
  if (flag === undefined) return `${what}; it was not called so`
  if (!isDark && flag.cause !== null && !stand.causes.includes(flag.cause))
    return `${what}: ${stand.causes.join(' or ')}; it was called ${inWords(flag)}`
  if (!isDark && stand.step !== null && flag.step !== stand.step)
    return `${what} in ${stand.step}; it was called ${inWords(flag)}`
  return null
}

/** A process that was killed takes its open runs with it: lost when its pulses, or its open spans, do not come again. */
function checkDeath(
  run: Run,
  crashesAt: Instant | null,
  states: readonly Said[],
  { world, sent, replayed }: Surroundings,
): string | null {
  const { pulseEvery, manner } = run.process
  const isShown = pulseEvery !== null || manner === 'repeating'
  if (crashesAt === null || !isShown) return null
  const patience = pulseEvery === null ? seconds(30) : 2.5 * pulseEvery
  const latest = crashesAt + patience + sent.slackMs + UNDERWAY + unheard(replayed)
  if (latest > world.endsAt) return null
  const last = states.at(-1)
  const isLost = last?.status === 'lost' && last.cause === 'process-lost' && (last.since ?? Infinity) <= latest
  return isLost ? null : `its process died at ${secondsOf(crashesAt)}; it was called ${inWords(last ?? null)}`
}

/** While we sent telemetry away verdicts went on: one may have fallen that would not have fallen otherwise. */
function isInRefusal(at: Instant, { gaps }: Replayed): boolean {
  return gaps.some(({ from, lengthMs, reason }) => reason === 'refused' && from <= at && at <= from + lengthMs)
}

function unheard({ gaps }: Replayed): Millis {
  return gaps.reduce((sum, { lengthMs }) => sum + lengthMs + GRACE_LONG, 0)
}

/** Something of it, or of its process, was lost or came too late. */
function isDisturbed(run: Run, sent: Sent, lived: Lived): boolean {
  const isLost = sent.lost.some(({ process, signal }) => {
    if (process !== run.process) return false
    return signal.kind === 'pulse' || isOf(run, signal)
  })
  return isLost || lived.givenUp.some(({ process }) => process === run.process)
}

function isOf({ id, traceId }: Run, signal: Sent['lost'][number]['signal']): boolean {
  const ofTrace = 'traceId' in signal && signal.traceId === traceId
  return ofTrace || ('runId' in signal && signal.runId === id)
}

/** A flag that was taken back is not raised again for the same deadline. */
function findTwice(states: readonly Said[]): Omit<Difference, 'run'> | null {
  for (const [index, flag] of states.entries()) {
    if (!FLAGS.has(flag.status)) continue
    const before = states.slice(0, index)
    const held = before.findLastIndex(({ status, since }) => status === flag.status && since === flag.since)
    const isRaisedAgain = held >= 0 && before.slice(held).some(({ status }) => !FLAGS.has(status))
    if (isRaisedAgain) return { at: flag.from, what: `flagged twice: ${inWords(flag)}` }
  }
  return null
}
