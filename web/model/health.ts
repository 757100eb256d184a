/** How Laststep itself is doing, in words: what was measured, one line each, and what fails. */
import type { CanaryOutcome, Health } from '../../contract/health.ts'
import { fromIso, type Instant, type Millis } from '../../contract/units.ts'
import { capitalise, count, describeClock, formatAge, formatClock, formatDuration } from './format.ts'

export interface HealthLine {
  readonly what: string
  readonly says: string
}

export function describeHealth(health: Health, now: Instant): HealthLine[] {
  const { evaluator, watermarkLagMs, loopDelayP99Ms, blind, retractions } = health
  const ago = (iso: string): string => `${formatAge(now - fromIso(iso))} ago`
  return [
    { what: 'Deadline to verdict', says: describeP99(evaluator.madeP99Ms, evaluator.deadlines) },
    { what: 'Deadline to disk', says: describeP99(evaluator.storedP99Ms, evaluator.deadlines) },
    { what: 'Behind what arrives', says: formatDuration(watermarkLagMs) },
    { what: 'Own timers late by', says: describeP99(loopDelayP99Ms, null) },
    {
      what: 'Nobody listened',
      says:
        blind.gaps === 0 ? 'never, last 24 h' : `${formatDuration(blind.ms)} in ${count(blind.gaps, 'gap')}, last 24 h`,
    },
    { what: 'Verdicts taken back', says: `${retractions.count} since ${formatClock(fromIso(retractions.since))}` },
    { what: 'Clocks of others', says: describeClocks(health.clocks) },
    { what: 'Last canary', says: describeCanary(health.canary, ago) },
    { what: 'Dead man’s ping', says: describeDeadMan(health.deadMan, ago) },
  ]
}

/** What fails, and since when; empty when verdicts can be trusted. */
export function describeFailures({ checks }: Health): string[] {
  return checks
    .filter(({ ok }) => !ok)
    .map(({ says, since }) => `${capitalise(says)}, since ${since === null ? 'now' : formatClock(fromIso(since))}.`)
}

function describeP99(p99: Millis | null, deadlines: number | null): string {
  if (p99 === null) return 'not measured yet'
  return `p99 ${formatDuration(p99)}${deadlines === null ? '' : ` of ${deadlines}`}, last hour`
}

function describeClocks({ processes, off, worst }: Health['clocks']): string {
  if (processes === 0) return 'no process pulses'
  if (worst === null) return `${processes} ${processes === 1 ? 'process' : 'processes'}, none off by 5 s`
  return `${off} of ${processes} off; ${worst.instance} is ${describeClock(worst.behindMs)}`
}

const OUTCOMES: Readonly<Record<CanaryOutcome, string>> = {
  'in-time': 'flagged in time',
  late: 'flagged too late',
  missed: 'never flagged',
  unanswered: 'not taken by the door',
  unclosed: 'not seen to end',
  postponed: 'postponed by a gap',
}

function describeCanary(canary: Health['canary'], ago: (iso: string) => string): string {
  if (canary === null) return 'none has come back yet'
  const seen = canary.lateMs === null ? '' : `, seen ${formatDuration(canary.lateMs)} after its deadline`
  return `${ago(canary.sentAt)}: ${OUTCOMES[canary.outcome]}${seen}`
}

function describeDeadMan(deadMan: Health['deadMan'], ago: (iso: string) => string): string {
  if (deadMan === null) return 'no address is set'
  if (deadMan.error !== null) return `not taken: ${deadMan.error}`
  return deadMan.pingedAt === null ? 'not sent yet' : `taken ${ago(deadMan.pingedAt)}`
}
