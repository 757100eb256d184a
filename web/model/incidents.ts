/** What is said of an incident, and how its day is drawn. */
import type { Deploy } from '../../contract/deploys.ts'
import {
  INCIDENT_TREND_BUCKET_MS,
  type Incident,
  type IncidentSort,
  type IncidentTag,
  type Ingredients,
  type Stall,
} from '../../contract/stalls.ts'
import { fromIso, hours, minutes, type Instant, type Millis } from '../../contract/units.ts'
import { count, formatAge, formatCount, formatDuration, formatMinute, formatStep } from './format.ts'

/** `tool › search_orders`. */
export function stepOf({ phase, step }: Pick<Ingredients, 'phase' | 'step'>): string {
  if (phase === null) return 'nowhere in particular'
  return formatStep({ phase, name: step })
}

export const SORT_WORDS: Readonly<Record<IncidentSort, string>> = {
  last: 'latest stall',
  first: 'first seen',
  stalls: 'most stalls',
  users: 'most users',
  trend: 'most in 24 h',
}

/** The icon and the colour are those of runs that are so; what nobody wants to hear of is as quiet as what is over. */
export function lookOf({ standing, life }: Pick<Incident, 'standing' | 'life'>): 'stalled' | 'pending' {
  return standing > 0 && (life.state === 'open' || life.state === 'acknowledged') ? 'stalled' : 'pending'
}

const TAG_WORDS: Readonly<Record<IncidentTag, string | null>> = {
  new: 'new',
  regressed: 'regressed',
  escalating: 'escalating',
  ongoing: null,
}

/** `new in 1.4.2`, `regressed from 1.3.9`, `escalating`; null for what goes on as it did. */
export function tagOf({ tag, deploy, life }: Pick<Incident, 'tag' | 'deploy' | 'life'>): string | null {
  const from = life.regressed?.from ?? null
  if (tag === 'regressed' && from !== null) return `regressed from ${from}`
  return tag === 'new' && deploy !== null ? `new in ${deploy.version}` : TAG_WORDS[tag]
}

/** `14:02, 6 min after deploy 1.4.2`. */
export function firstSeen({ firstAt, deploy }: Pick<Incident, 'firstAt' | 'deploy'>, now: Instant): string {
  const at = formatMinute(fromIso(firstAt), now)
  return deploy === null ? at : `${at}, ${roughly(fromIso(firstAt) - fromIso(deploy.at))} after ${deploy.version}`
}

/** One unit is enough for how long after a deploy something began: `40 s`, `6 min`, `5 h`. */
function roughly(length: Millis): string {
  if (length < minutes(1)) return `${Math.round(length / 1000)} s`
  return length < hours(1) ? `${Math.floor(length / minutes(1))} min` : `${Math.floor(length / hours(1))} h`
}

/** The first sentence of an incident's page: `3 runs stand still in tool › search_orders, 41 times for 38 users`. */
export function incidentSentence(incident: Incident): {
  readonly lead: string
  readonly step: string
  readonly rest: string
} {
  const { stalls, standing, users } = incident
  const who = users === 0 ? '' : ` for ${count(users, 'user')}`
  const verb = standing === 1 ? 'stands' : 'stand'
  return {
    lead: standing > 0 ? `${count(standing, 'run')} ${verb} still in` : 'Runs stood still in',
    step: stepOf(incident),
    rest: `, ${stalls === 1 ? 'once' : `${formatCount(stalls)} times`}${who}`,
  }
}

/** How long a stall lasted, or lasts. */
export function stallLength({ beganAt, endedAt }: Stall, now: Instant): string {
  return endedAt === null
    ? `${formatAge(now - fromIso(beganAt))}, still`
    : formatDuration(fromIso(endedAt) - fromIso(beganAt))
}

export interface Bar {
  readonly x: number
  readonly height: number
}

export interface Spark {
  readonly bars: readonly Bar[]
  /** As shares of the width. */
  readonly deploys: readonly { readonly at: number; readonly version: string }[]
  /** For those who do not see it. */
  readonly says: string
}

/** As many in half an hour fill the height. */
const FULL_HEIGHT_MIN = 4

/**
 * A day of an incident as bars; `x` and `height` are shares of the whole.
 * @param trendFrom where the first bar begins
 */
export function drawTrend(trend: readonly number[], trendFrom: Instant, deploys: readonly Deploy[]): Spark {
  const most = Math.max(...trend)
  // A single stall must not look like a flood.
  const top = Math.max(FULL_HEIGHT_MIN, most)
  const width = trend.length * INCIDENT_TREND_BUCKET_MS
  const total = trend.reduce((sum, stalls) => sum + stalls, 0)
  const peakAt = trendFrom + trend.indexOf(most) * INCIDENT_TREND_BUCKET_MS
  return {
    bars: trend.flatMap((stalls, index) =>
      // One among many would be too small to see.
      stalls === 0 ? [] : [{ x: index / trend.length, height: Math.max(0.12, stalls / top) }],
    ),
    deploys: deploys.map(({ at, version }) => ({ at: (fromIso(at) - trendFrom) / width, version })),
    says:
      total === 0
        ? 'none in 24 h'
        : `${count(total, 'stall')} in 24 h, most (${most}) in the half hour from ${formatMinute(peakAt, peakAt)}, ${trend.at(-1) ?? 0} in the present one`,
  }
}

/** Of the deploys those that may have brought an incident: of its environment. */
export function deploysOf(deploys: readonly Deploy[], { environment }: Pick<Ingredients, 'environment'>): Deploy[] {
  return deploys.filter((deploy) => deploy.environment === environment)
}

/** Versions as they would be said: `1.4.2 38× · 1.4.1 3×`. */
export function versionWords(versions: Incident['versions']): string {
  return versions.map(({ version, stalls }) => `${version ?? 'no version'} ${stalls}×`).join(' · ')
}
