/**
 * Where a verdict is made. Pure: facts, limits and a moment in; a verdict, and when to look again, out.
 *
 * ```
 * ended by its own word?  yes → judge-ending: completed · failed · cancelled, then judge-delivery: undelivered
 *                         no  → judge-open: what is overdue of what expect-progress and expect-process state
 * ```
 */
import type { Verdict } from '../../contract/runs.ts'
import type { FindingId } from '../../contract/findings.ts'
import { OPEN_STATUSES, type Confidence, type Status } from '../../contract/statuses.ts'
import type { Instant } from '../../contract/units.ts'
import { isKnown, type Progression } from '../progression.ts'
import type { Circumstances, Judgement } from '../run.ts'
import { HEARSAY } from '../signal.ts'
import { lostFrom } from './expect-process.ts'
import { endedWithoutWord } from './expect-progress.ts'
import { judgeDelivery } from './judge-delivery.ts'
import { judgeEnding } from './judge-ending.ts'
import { judgeOpen } from './judge-open.ts'
import { makeRow } from './make-row.ts'
import { evidence } from './write-evidence.ts'

export function judgeRun(circumstances: Circumstances, progression: Progression, now: Instant): Judgement {
  const { run } = circumstances
  const delivery = judgeDelivery(circumstances, progression, now)
  const confidence = weigh(circumstances, progression, now)
  const judged = (told: Omit<Verdict, 'explainedBy'>) => {
    const verdict = { ...told, explainedBy: explanation(told.status, circumstances) }
    return holding(withWrittenEnd(withUnknown(verdict, circumstances, progression), circumstances), circumstances)
  }
  if (run.outcome !== null) {
    const verdict = judged({ ...judgeEnding(run, delivery, progression, now), confidence })
    const flaggedAt = verdict.status === 'undelivered' ? (delivery.overdue?.dueAt ?? null) : null
    return { verdict, row: makeRow(run, verdict, delivery.summary), flaggedAt, lookAgainAt: delivery.lookAgainAt }
  }
  const open = judgeOpen(circumstances, progression, now)
  const kept = open.flaggedAt === null ? keptFlag(circumstances) : null
  const verdict =
    withExplanation(kept, circumstances) ?? judged(withPulse({ ...open.verdict, confidence }, circumstances))
  const looks = [open.lookAgainAt, delivery.lookAgainAt].filter((at) => at !== null)
  return {
    verdict,
    row: makeRow(run, verdict, delivery.summary),
    flaggedAt: kept === null ? open.flaggedAt : run.flaggedAt,
    lookAgainAt: looks.length === 0 ? null : Math.min(...looks),
  }
}

/** Every open run of a silent process; of one that came back, those that stand still as if it had not. */
function explanation(status: Status, { silence }: Circumstances): FindingId | null {
  if (silence === null || !OPEN_STATUSES.has(status)) return null
  return silence.isBack && !isFlag(status) ? null : silence.findingId
}

function withExplanation(kept: Verdict | null, circumstances: Circumstances): Verdict | null {
  return kept && { ...kept, explainedBy: explanation(kept.status, circumstances) }
}

/** A status without a deadline of its own is dated by when it was first given. */
function holding(verdict: Verdict, { before }: Circumstances): Verdict {
  const isDated = verdict.status === 'slow' || isFlag(verdict.status)
  return isDated || before?.status !== verdict.status ? verdict : { ...verdict, since: before.since }
}

/**
 * A stalled run whose span ends without a word has not moved on: it stays stalled until it speaks, or until its terminal
 * is overdue as well. For the two seconds between it would otherwise seem to run.
 */
function keptFlag({ run, before }: Circumstances): Verdict | null {
  return before?.status === 'stalled' && endedWithoutWord(run) !== null ? before : null
}

function isFlag(status: Status): boolean {
  return status === 'stalled' || status === 'lost' || status === 'undelivered'
}

/** How much the verdict rests on: see `Confidence`. */
function weigh(circumstances: Circumstances, progression: Progression, now: Instant): Confidence {
  const { run, instance } = circumstances
  if (run.spansSeen === 0) return 'T4'
  const isOver = run.outcome !== null || run.spanEndedAt !== null
  if (isOver) return instance === null ? 'T3' : 'T1'
  const seesOpen = Object.values(run.open).some((span) => !span.unreported && span.seq !== HEARSAY.ofDescendant)
  if (!seesOpen) return 'T3'
  return lostFrom(circumstances, progression) > now ? 'T1' : 'T2'
}

/** A step stands still under a living process: the pulse is half of the proof. */
function withPulse(verdict: Omit<Verdict, 'explainedBy'>, { instance }: Circumstances): Omit<Verdict, 'explainedBy'> {
  const isProof = verdict.status === 'stalled' && verdict.confidence === 'T1' && instance !== null
  return isProof ? { ...verdict, evidence: [...verdict.evidence, evidence.pulseAlive(instance)] } : verdict
}

/** An end that somebody wrote in place of the work says when it was given up, not how it went. */
function withWrittenEnd(verdict: Verdict, { run: { writtenEnd } }: Circumstances): Verdict {
  return writtenEnd === null
    ? verdict
    : { ...verdict, evidence: [...verdict.evidence, evidence.writtenEnd(writtenEnd)] }
}

/** What the contract does not know is recorded, counted and said: it is the usual reason why a screen never moved. */
function withUnknown(verdict: Verdict, { run }: Circumstances, progression: Progression): Verdict {
  const unknown = Object.entries(run.events).filter(([type]) => !isKnown(progression, type))
  if (unknown.length === 0) return verdict
  return { ...verdict, evidence: [...verdict.evidence, evidence.unknownTypes(progression.name, unknown)] }
}
