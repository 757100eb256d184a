/**
 * The release gate's decision: rows and thresholds in, outcome out. No clock, no network.
 *
 * What cannot be known fails: too few runs, runs that are still open, runs that were not heard of since Laststep was
 * deaf, a collector that cannot be reached or says that its verdicts cannot be trusted, nothing to compare with.
 */
import type { GapView, RunRow } from '../../contract/runs.ts'
import { groupFailures, type FailureGroup } from './group-failures.ts'
import { standingOf, weighRuns, type Weight } from './weigh-runs.ts'

export interface Thresholds {
  /** Decided runs. */
  readonly minRuns: number
  /** Share of the decided runs, 0 to 1. */
  readonly completion: number
  /** Share of the completed runs; null: not asked. */
  readonly delivery: number | null
  /** Runs that may still be open. */
  readonly maxOpen: number
  /** By how much completion and delivery may be lower than before; null: not asked. */
  readonly maxDrop: number | null
}

export interface Seen {
  readonly rows: readonly RunRow[]
  /** The version compared with, and its runs; null: not asked. */
  readonly before: { readonly version: string; readonly rows: readonly RunRow[] } | null
  /** Why the collector says that its verdicts cannot be trusted; empty when they can. */
  readonly doubts: readonly string[]
  /** Stretches of the window in which it did not hear. */
  readonly gaps: readonly GapView[]
}

export type GateFacts = Seen | { readonly unseen: string }

export const CHECKS = ['collector', 'runs', 'open', 'confirmed', 'completion', 'delivery', 'comparison'] as const

export interface Check {
  readonly name: (typeof CHECKS)[number]
  readonly ok: boolean
  readonly says: string
}

export interface Comparison {
  readonly version: string
  readonly before: Weight
  /** Titles of failures that the version before does not have. */
  readonly news: readonly string[]
}

export interface GateOutcome {
  readonly passed: boolean
  readonly checks: readonly Check[]
  /** Null when nothing could be seen. */
  readonly weight: Weight | null
  readonly failures: readonly FailureGroup[]
  readonly undecided: readonly RunRow[]
  readonly comparison: Comparison | null
  readonly notes: readonly string[]
}

export function decideGate(facts: GateFacts, thresholds: Thresholds): GateOutcome {
  if ('unseen' in facts) {
    const checks: Check[] = [{ name: 'collector', ok: false, says: facts.unseen }]
    return { passed: false, checks, weight: null, failures: [], undecided: [], comparison: null, notes: [] }
  }
  const { rows, before, doubts, gaps } = facts
  const weight = weighRuns(rows)
  const failures = groupFailures(rows)
  const comparison = before === null ? null : compare(before, failures)
  const checks = [
    checkCollector(doubts),
    checkRuns(weight, thresholds),
    checkOpen(weight, thresholds),
    checkConfirmed(weight),
    share('completion', weight.completed, weight.decided, thresholds.completion),
    ...(thresholds.delivery === null ? [] : [checkDelivery(weight, thresholds.delivery)]),
    ...(comparison === null ? [] : [checkComparison(weight, comparison, thresholds)]),
  ]
  return {
    passed: checks.every(({ ok }) => ok),
    checks,
    weight,
    failures,
    undecided: rows.filter((row) => row.isUnconfirmed || standingOf(row) === 'open'),
    comparison,
    notes: [
      ...(weight.leftOut === 0 ? [] : [`${runs(weight.leftOut)} left out: cancelled, or waiting for somebody`]),
      ...gaps.map(({ from, to, reason }) => `Laststep did not hear from ${from} to ${to} (${reason})`),
    ],
  }
}

function checkCollector(doubts: readonly string[]): Check {
  const ok = doubts.length === 0
  return {
    name: 'collector',
    ok,
    says: ok ? 'verdicts can be trusted' : `verdicts cannot be trusted: ${doubts.join('; ')}`,
  }
}

function checkRuns({ decided }: Weight, { minRuns }: Thresholds): Check {
  return { name: 'runs', ok: decided >= minRuns, says: `${decided} decided, ${minRuns} needed` }
}

function checkOpen({ open }: Weight, { maxOpen }: Thresholds): Check {
  return { name: 'open', ok: open <= maxOpen, says: `${open} not decided yet, ${maxOpen} allowed` }
}

function checkConfirmed({ unconfirmed }: Weight): Check {
  const ok = unconfirmed === 0
  return {
    name: 'confirmed',
    ok,
    says: ok
      ? 'all'
      : `of ${runs(unconfirmed)} nothing came since Laststep last did not hear: what became of them is not known`,
  }
}

function checkDelivery({ delivered, completed, untold }: Weight, needed: number): Check {
  const check = share('delivery', delivered, completed, needed)
  if (check.ok || untold === 0) return check
  return {
    ...check,
    says: `${check.says}; of ${runs(untold)} nothing says whether their messages arrived (--delivery off if this runtime cannot)`,
  }
}

/** Nothing of nothing is no success. */
function share(name: 'completion' | 'delivery', part: number, whole: number, needed: number): Check {
  const ok = whole > 0 && part / whole >= needed
  return {
    name,
    ok,
    says: `${whole === 0 ? 'no run' : `${part} of ${whole} (${percent(part / whole)})`}, ${percent(needed)} needed`,
  }
}

function compare({ version, rows }: NonNullable<Seen['before']>, failures: readonly FailureGroup[]): Comparison {
  const known = new Set(groupFailures(rows).map(({ title }) => title))
  return {
    version,
    before: weighRuns(rows),
    news: failures.map(({ title }) => title).filter((title) => !known.has(title)),
  }
}

function checkComparison(after: Weight, { version, before }: Comparison, { maxDrop, delivery }: Thresholds): Check {
  const name = 'comparison'
  if (before.decided === 0)
    return { name, ok: false, says: `no decided run of version ${version}: nothing to compare with` }
  const drops = [
    { what: 'completion', by: ratio(before.completed, before.decided) - ratio(after.completed, after.decided) },
    ...(delivery === null
      ? []
      : [
          { what: 'delivery', by: ratio(before.delivered, before.completed) - ratio(after.delivered, after.completed) },
        ]),
  ]
  const tooFar = maxDrop === null ? [] : drops.filter(({ by }) => by > maxDrop + ROUNDING)
  const told = drops.filter(({ by }) => by > ROUNDING).map(({ what, by }) => `${what} is lower by ${percent(by)}`)
  const allowed = maxDrop === null ? '' : `, ${percent(maxDrop)} allowed`
  return {
    name,
    ok: tooFar.length === 0,
    says: `${told.join(' and ') || 'not worse'} than ${version}${told.length > 0 ? allowed : ''}`,
  }
}

/** Differences of shares are not exact: 0.95 − 0.94 is a little more than 0.01. */
const ROUNDING = 1e-9

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

export function percent(ratio: number): string {
  // Rounded down: 99.96 % is not all.
  return `${Math.floor(ratio * 1_000 + ROUNDING) / 10} %`
}

const runs = (count: number): string => `${count} ${count === 1 ? 'run' : 'runs'}`
