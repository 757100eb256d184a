/**
 * What became of an incident with each deploy, by counts before and after it. Pure: what there was to count is handed in.
 *
 * A deploy is suspect only when the numbers carry it; that it came shortly before is said elsewhere, and proves nothing.
 */
import type { Deploy, DeployEffect, DeployFind, Exposure } from '../contract/deploys.ts'
import { minutes, toIso, fromIso, type Instant, type Millis } from '../contract/units.ts'
import {
  compareRates,
  correctForMany,
  rateInterval,
  scatterOf,
  total,
  type RateChange,
  type Sample,
} from './rate-ratio.ts'
import { writeEffect } from './write-deploy-effect.ts'

/** Fewer runs on one side, or stalls on both, are no numbers. */
const RUNS_MIN = 30
const STALLS_MIN = 5
const P_MAX = 0.01
/** Closer to each other nobody can tell by numbers which of them it was: services are often deployed together. */
const TOGETHER_WITHIN: Millis = minutes(5)

/** Deploys that count as one. */
export type DeployGroup = readonly [Deploy, ...Deploy[]]

/** In order of time, as they are handed in. */
export function groupDeploys(deploys: readonly Deploy[]): DeployGroup[] {
  const groups: [Deploy, ...Deploy[]][] = []
  for (const deploy of deploys) {
    const group = groups.at(-1)
    const isNear = group !== undefined && fromIso(deploy.at) - endOf(group) <= TOGETHER_WITHIN
    if (isNear) group.push(deploy)
    else groups.push([deploy])
  }
  return groups
}

export function endOf(group: DeployGroup): Instant {
  return fromIso(group.at(-1)?.at ?? group[0].at)
}

/** What was counted on one side of a deploy: runs as exposure, stalls as events, a stretch of time each. */
export interface Side {
  readonly from: Instant
  readonly to: Instant
  readonly stretches: readonly Sample[]
}

export interface Counted {
  readonly group: DeployGroup
  readonly before: Side
  readonly after: Side
}

/** In the order in which they are handed in: asked about together, so corrected for each other. */
export function judgeDeploys(counted: readonly Counted[]): DeployEffect[] {
  const measured = counted.map(measure)
  const asked = measured.filter(({ change }) => change !== null)
  const corrected = correctForMany(asked.map(({ change }) => change?.p ?? 1))
  return measured.map((each) => {
    const { group, before, after, scatter, change } = each
    const p = change === null ? null : (corrected[asked.indexOf(each)] ?? 1)
    const [deploy, ...together] = group
    const ratio = change && { value: change.ratio, low: change.interval[0], high: change.interval[1] }
    const found = find(p, ratio)
    const judged = { deploy, together, before, after, scatter, ratio, p, found, isSuspect: found === 'suspect' }
    const asking = { asked: asked.length, runsMin: RUNS_MIN, stallsMin: STALLS_MIN }
    return { ...judged, sentence: writeEffect(judged, asking) }
  })
}

/** The latest that changed the rate, when it raised it. @param effects in order of time */
export function suspectOf(effects: readonly DeployEffect[]): Deploy | null {
  const latest = effects.findLast(({ found }) => found === 'suspect' || found === 'fewer')
  return latest?.isSuspect ? latest.deploy : null
}

function find(p: DeployEffect['p'], ratio: DeployEffect['ratio']): DeployFind {
  if (p === null || ratio === null) return 'too-few'
  if (p < P_MAX && ratio.low > 1) return 'suspect'
  return p < P_MAX && (ratio.high ?? Infinity) < 1 ? 'fewer' : 'unclear'
}

interface Measured extends Pick<DeployEffect, 'before' | 'after' | 'scatter'> {
  readonly group: DeployGroup
  readonly change: RateChange | null
}

function measure({ group, before, after }: Counted): Measured {
  const scatter = scatterOf([before.stretches, after.stretches])
  const [was, is] = [total(before.stretches), total(after.stretches)]
  const isEnough = Math.min(was.exposure, is.exposure) >= RUNS_MIN && was.events + is.events >= STALLS_MIN
  return {
    group,
    before: exposureOf(before, was, scatter),
    after: exposureOf(after, is, scatter),
    scatter,
    change: isEnough ? compareRates(was, is, scatter) : null,
  }
}

function exposureOf({ from, to }: Side, sum: Sample, scatter: number): Exposure {
  const { events: stalls, exposure: runs } = sum
  const [low, high] = rateInterval(sum, scatter)
  return {
    from: toIso(from),
    to: toIso(to),
    runs,
    stalls,
    rate: runs === 0 ? null : stalls / runs,
    interval: high === null ? null : [low, high],
  }
}
