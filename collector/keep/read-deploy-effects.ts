/** What became of an incident with each deploy of a range: the windows around each, and what was counted in them. */
import type { DatabaseSync } from 'node:sqlite'
import type { DeployEffects } from '../../contract/deploys.ts'
import type { Fingerprint } from '../../contract/stalls.ts'
import { fromIso, hours, toIso, type Instant, type Millis } from '../../contract/units.ts'
import type { EffectQuery } from '../deploy-query.ts'
import {
  endOf,
  groupDeploys,
  judgeDeploys,
  suspectOf,
  type Counted,
  type DeployGroup,
  type Side,
} from '../judge-deploys.ts'
import type { Sample } from '../rate-ratio.ts'
import type { IncidentHomes } from './incident-homes.ts'
import { prepareListDeploys } from './list-deploys.ts'
import { TREND_LEVELS, type TrendLevel } from './trend-levels.ts'

/** A side is as long as that at most: a day has its quiet and its busy hours on both. */
const SIDE_MS_MAX: Millis = hours(24)
/** Of a side shorter than this many buckets of a level, more detail is asked for where there is more. */
const SIDE_BUCKETS_MAX = 150
/** What comes in bursts is told by the stretches of a side in which it came. */
const STRETCHES = 12
/** The latest of them. Each takes two sums. */
const EFFECTS_MAX = 20

export type ReadDeployEffects = (query: EffectQuery) => DeployEffects | null

interface Incident {
  readonly fingerprint: Fingerprint
  readonly agent: string | null
  readonly environment: string | null
}

export function prepareDeployEffects(database: DatabaseSync, homes: IncidentHomes): ReadDeployEffects {
  const listDeploys = prepareListDeploys(database)
  const countSide = prepareCountSide(database)

  return ({ id, from, to, now }) => {
    homes.settle()
    const incident = homes.find(id) as Incident | null
    if (incident === null) return null
    // Also those next to the range: they bound what is counted.
    const near = listDeploys(from - SIDE_MS_MAX, to + SIDE_MS_MAX)
    const groups = groupDeploys(near.filter(({ environment }) => environment === incident.environment))
    const asked = groups.filter(([{ at }]) => fromIso(at) >= from && fromIso(at) <= to)
    const counted = asked.slice(-EFFECTS_MAX).map((group): Counted => {
      const place = groups.indexOf(group)
      const [previous, next] = [groups[place - 1], groups[place + 1]]
      const { level, before, after } = sidesOf(group, previous && endOf(previous), next && fromIso(next[0].at), now)
      return { group, before: countSide(incident, level, before), after: countSide(incident, level, after) }
    })
    const effects = judgeDeploys(counted)
    return {
      from: toIso(from),
      to: toIso(to),
      effects: effects.toReversed(),
      total: asked.length,
      suspect: suspectOf(effects),
    }
  }
}

type Range = Pick<Side, 'from' | 'to'>

/**
 * Equally long ranges of whole buckets before and after a deploy, none of which reaches a neighbour. The buckets in which
 * deploys lie are in none: part of each is before, and part after.
 */
export function sidesOf(
  group: DeployGroup,
  previous: Instant = -Infinity,
  next: Instant = Infinity,
  now: Instant,
): { readonly level: TrendLevel; readonly before: Range; readonly after: Range } {
  const [start, end] = [fromIso(group[0].at), endOf(group)]
  const most = Math.max(0, Math.min(SIDE_MS_MAX, start - previous, Math.min(next, now) - end))
  const fits = ({ bucketMs, keptMs }: TrendLevel) => most / bucketMs <= SIDE_BUCKETS_MAX && now - start + most <= keptMs
  const level = TREND_LEVELS.find(fits) ?? TREND_LEVELS[2]
  const { bucketMs } = level
  const [first, last] = [Math.floor(start / bucketMs), Math.ceil(end / bucketMs)]
  const buckets = Math.min(
    Math.floor(SIDE_MS_MAX / bucketMs),
    first - Math.ceil(previous / bucketMs),
    // What is not over counts as far as it goes: a rate is by runs and not by time.
    Math.min(Math.floor(next / bucketMs), Math.ceil(now / bucketMs)) - last,
  )
  const length = Math.max(0, buckets) * bucketMs
  return {
    level,
    before: { from: first * bucketMs - length, to: first * bucketMs },
    after: { from: last * bucketMs, to: last * bucketMs + length },
  }
}

function prepareCountSide(database: DatabaseSync) {
  const listRuns = database.prepare(
    `SELECT at, sum(started) AS count FROM trend
     WHERE level = ? AND at >= ? AND at < ?
       AND grp IN (SELECT id FROM trend_group WHERE agent IS ? AND environment IS ?) GROUP BY at`,
  )
  const listStalls = database.prepare(
    `SELECT at, sum(stalls) AS count FROM stall_count LEFT JOIN temp.part USING (fingerprint, version)
     WHERE level = ? AND at >= ? AND at < ? AND coalesce(home, stall_count.fingerprint) = ? GROUP BY at`,
  )
  return ({ fingerprint, agent, environment }: Incident, level: TrendLevel, { from, to }: Range): Side => {
    const stretches = Array.from({ length: STRETCHES }, () => ({ events: 0, exposure: 0 }))
    const add = (rows: readonly object[], what: keyof Sample): void => {
      for (const { at, count } of rows as readonly { at: Instant; count: number }[]) {
        const stretch = stretches[Math.floor((STRETCHES * (at - from)) / (to - from))]
        if (stretch !== undefined) stretch[what] += Math.max(0, count)
      }
    }
    add(listRuns.all(level.no, from, to, agent, environment), 'exposure')
    add(listStalls.all(level.no, from, to, fingerprint), 'events')
    return { from, to, stretches }
  }
}
