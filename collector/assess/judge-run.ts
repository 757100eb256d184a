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
import { FLAGGED_STATUSES, OPEN_STATUSES, type Confidence, type Status } from '../../contract/statuses.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { viewOfGap } from '../entry.ts'
import { isKnown, ruleOf, type Progression } from '../progression.ts'
import type { Circumstances, Judgement } from '../judgement.ts'
import { HEARSAY } from '../signal.ts'
import { lostFrom } from './expect-process.ts'
import { endedWithoutWord } from './expect-progress.ts'
import { endByItself } from './find-left.ts'
import { findOtherwise } from './find-otherwise.ts'
import { judgeDelivery } from './judge-delivery.ts'
import { judgeEnding } from './judge-ending.ts'
import { judgeOpen } from './judge-open.ts'
import { makeRow } from './make-row.ts'
import { evidence } from './write-evidence.ts'

export function judgeRun(known: Circumstances, progression: Progression, now: Instant): Judgement {
  const circumstances = endByItself(known, progression)
  const { run } = circumstances
  const delivery = judgeDelivery(circumstances, progression, now)
  const confidence = weigh(circumstances, progression, now)
  const unconfirmed = run.outcome === null ? findUnconfirmed(circumstances, now) : null
  const judged = (said: Omit<Verdict, 'confidence' | 'unconfirmed' | 'explainedBy'>) => {
    const verdict = { ...said, confidence, unconfirmed, explainedBy: explanation(said.status, circumstances) }
    return holding(withGap(withNotes(verdict, circumstances, progression)), circumstances)
  }
  if (run.outcome !== null) {
    const verdict = judged(judgeEnding(run, delivery, progression, now))
    const flaggedAt = verdict.status === 'undelivered' ? (delivery.overdue?.dueAt ?? null) : null
    return { verdict, row: makeRow(run, verdict, delivery.summary), flaggedAt, lookAgainAt: delivery.lookAgainAt }
  }
  const open = judgeOpen(circumstances, progression, now)
  const kept = open.flaggedAt === null ? keptFlag(circumstances) : null
  const otherwise = findOtherwise(open.verdict, circumstances, progression)
  const said = withPulse({ ...open.verdict, otherwise }, confidence, circumstances)
  const verdict = withExplanation(kept, circumstances) ?? judged(said)
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
  return silence.isBack && !FLAGGED_STATUSES.has(status) ? null : silence.findingId
}

function withExplanation(kept: Verdict | null, circumstances: Circumstances): Verdict | null {
  return kept && { ...kept, explainedBy: explanation(kept.status, circumstances) }
}

/** A status without a deadline of its own is dated by when it was first given. */
function holding(verdict: Verdict, { before }: Circumstances): Verdict {
  const isDated = verdict.status === 'slow' || FLAGGED_STATUSES.has(verdict.status)
  return isDated || before?.status !== verdict.status ? verdict : { ...verdict, since: before.since }
}

/**
 * A stalled run whose span ends without a word has not moved on: it stays stalled until it speaks, or until its terminal
 * is overdue as well. For the two seconds between it would otherwise seem to run. What was flagged while our disk was
 * full stays flagged until it speaks.
 */
function keptFlag({ run, before, gaps }: Circumstances): Verdict | null {
  if (before === null || !FLAGGED_STATUSES.has(before.status)) return null
  if (before.status === 'stalled' && endedWithoutWord(run) !== null) return before
  // Flagged while telemetry was sent away: that its deadline has moved since does not speak for it.
  const flaggedAt = fromIso(before.since)
  const isInGap = gaps.some(({ from, lengthMs, reason }) => {
    return reason === 'refused' && from <= flaggedAt && flaggedAt < from + lengthMs && run.heardAt <= from
  })
  return isInGap ? before : null
}

/** How much the verdict rests on: see `Confidence`. */
function weigh(circumstances: Circumstances, progression: Progression, now: Instant): Confidence {
  const { run, instance } = circumstances
  if (run.spansSeen === 0) return 'T4'
  const isOver = run.outcome !== null || run.spanEndedAt !== null
  if (isOver && instance === null) return 'T3'
  if (run.outcome !== null) return 'T1'
  const seesOpen = Object.values(run.open).some((span) => !span.unreported && span.seq !== HEARSAY.ofDescendant)
  if (!seesOpen && !isOver) return 'T3'
  return lostFrom(circumstances, progression) > now ? 'T1' : 'T2'
}

/** A step stands still under a living process: the pulse is half of the proof. */
function withPulse<Judged extends Pick<Verdict, 'status' | 'evidence'>>(
  verdict: Judged,
  confidence: Confidence,
  { instance }: Circumstances,
): Judged {
  const isProof = verdict.status === 'stalled' && confidence === 'T1' && instance !== null
  return isProof ? { ...verdict, evidence: [...verdict.evidence, evidence.pulseAlive(instance)] } : verdict
}

/** The latest gap in our own hearing after which nothing has come of the run: it may have moved on in there. */
function findUnconfirmed({ run, gaps }: Circumstances, now: Instant): Verdict['unconfirmed'] {
  const gap = gaps.findLast(({ from, lengthMs }) => from + lengthMs > run.heardAt && from + lengthMs <= now)
  return gap === undefined ? null : viewOfGap(gap)
}

/** Whoever reads a flag must know that its run had a time of which we know nothing. */
function withGap(verdict: Verdict): Verdict {
  if (verdict.unconfirmed === null || !FLAGGED_STATUSES.has(verdict.status)) return verdict
  return { ...verdict, evidence: [...verdict.evidence, evidence.unheard(verdict.unconfirmed)] }
}

/** What is worth a look whatever the verdict is. */
function withNotes(verdict: Verdict, circumstances: Circumstances, progression: Progression): Verdict {
  const known = withUnknown(verdict, circumstances, progression)
  return withWrittenEnd(withStray(withWorkAfterEnd(known, circumstances, progression), circumstances), circumstances)
}

/** An end that somebody wrote in place of the work says when it was given up, not how it went. */
function withWrittenEnd(verdict: Verdict, { run: { writtenEnd } }: Circumstances): Verdict {
  return writtenEnd === null
    ? verdict
    : { ...verdict, evidence: [...verdict.evidence, evidence.writtenEnd(writtenEnd)] }
}

/** Who follows the run does not get what is sent under another id, and nothing else says where it went. */
function withStray(verdict: Verdict, { run: { stray } }: Circumstances): Verdict {
  return stray === null ? verdict : { ...verdict, evidence: [...verdict.evidence, evidence.stray(stray)] }
}

/** A model or a tool was at work after the run had said that it was over: a child's end passed for the run's, or a retry. */
function withWorkAfterEnd(verdict: Verdict, { run }: Circumstances, progression: Progression): Verdict {
  const end = run.terminals.find(({ by, endsTurn }) => by === 'message' && !endsTurn)
  if (end === undefined || end.seq === 0) return verdict
  const later = Object.entries(run.events).filter(([type, { lastSeq }]) => {
    const rule = ruleOf(progression, type)
    return lastSeq > end.seq && (rule?.phase === 'reasoning' || rule?.phase === 'tool')
  })
  const [last] = later.toSorted(([, a], [, b]) => b.lastSeq - a.lastSeq)
  if (last === undefined) return verdict
  return { ...verdict, evidence: [...verdict.evidence, evidence.workAfterEnd(end, last[0], last[1].lastSeq)] }
}

/** What the contract does not know is recorded, counted and said: it is the usual reason why a screen never moved. */
function withUnknown(verdict: Verdict, { run }: Circumstances, progression: Progression): Verdict {
  const unknown = Object.entries(run.events).filter(([type]) => !isKnown(progression, type))
  if (unknown.length === 0) return verdict
  return { ...verdict, evidence: [...verdict.evidence, evidence.unknownTypes(progression.name, unknown)] }
}
