/** What runs do once they have passed a step: which steps follow, how often, and how soon. */
import type { NextStep, NextSteps } from '../../contract/compare.ts'
import { quantile } from './measure-numbers.ts'
import type { DigestStep, RunDigest } from './run-digest.ts'

const STEPS_MAX = 12

interface Follower {
  readonly step: string
  readonly phase: DigestStep['phase']
  readonly delays: number[]
  directly: number
}

/** @param healthy runs that passed the step; those in which it has not ended are left out */
export function nextSteps(healthy: readonly RunDigest[]): Pick<NextSteps, 'took' | 'next' | 'end'> {
  const followers = new Map<string, Follower>()
  const took: number[] = []
  const ends: number[] = []
  for (const { passed, steps, endedAt } of healthy) {
    if (passed === null || passed.endedAt === null) continue
    const from = passed.endedAt
    took.push(from - passed.startedAt)
    if (endedAt !== null) ends.push(Math.max(0, endedAt - from))
    const after = steps.filter(({ startedAt }) => startedAt >= from)
    const seen = new Set<string>()
    for (const [index, { step, phase, startedAt }] of after.entries()) {
      if (seen.has(step)) continue
      seen.add(step)
      const follower = followers.get(step) ?? { step, phase, delays: [], directly: 0 }
      followers.set(step, follower)
      follower.delays.push(startedAt - from)
      if (index === 0) follower.directly += 1
    }
  }
  return { took: spread(took), next: inUsualOrder([...followers.values()]), end: withCount(ends) }
}

function inUsualOrder(followers: readonly Follower[]): NextStep[] {
  return followers
    .toSorted((x, y) => y.delays.length - x.delays.length || (x.step < y.step ? -1 : 1))
    .slice(0, STEPS_MAX)
    .map(({ step, phase, delays, directly }) => ({
      step,
      phase,
      runs: delays.length,
      directly,
      ...(spread(delays) ?? { p50Ms: 0, p95Ms: 0 }),
    }))
    .sort((x, y) => x.p50Ms - y.p50Ms || y.runs - x.runs || (x.step < y.step ? -1 : 1))
}

function spread(lengths: readonly number[]): { p50Ms: number; p95Ms: number } | null {
  const sorted = lengths.toSorted((x, y) => x - y)
  const [p50, p95] = [quantile(sorted, 0.5), quantile(sorted, 0.95)]
  return p50 === null || p95 === null ? null : { p50Ms: Math.round(p50), p95Ms: Math.round(p95) }
}

function withCount(lengths: readonly number[]): NextSteps['end'] {
  const times = spread(lengths)
  return times === null ? null : { runs: lengths.length, ...times }
}
