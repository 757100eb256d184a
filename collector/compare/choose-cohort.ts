/** Which runs a group is, where it is named by what it is to the other one. */
import { RELATIVE_COHORTS, type ComparedStep, type RelativeCohort } from '../../contract/compare.ts'
import { hours, toIso, type Instant, type Millis } from '../../contract/units.ts'
import type { CohortAsk } from '../comparison.ts'
import type { RunQuery, StoredRun } from '../stored-run.ts'
import { stepOfRun, writeStep } from './digest-run.ts'

/** What the runs of group A have in common, and when they began. */
export interface Scope {
  readonly agent: string | null
  readonly environment: string | null
  readonly version: string | null
  readonly step: ComparedStep | null
  readonly from: Instant
  readonly to: Instant
}

/** A few runs within minutes are compared with those of so long around them. */
const WINDOW_MS_MIN: Millis = hours(3)
const DAY_MS: Millis = hours(24)
/** Runs of the version before are looked for so long before the first of A. */
const VERSION_MS_MAX: Millis = hours(14 * 24)

/** @param runs a sample of A's @param from when the first of A began, and the last: null when A is empty */
export function scopeOf(
  ask: CohortAsk,
  runs: readonly StoredRun[],
  from: Instant | null,
  to: Instant | null,
  now: Instant,
): Scope {
  const rows = runs.map(({ row }) => row)
  const agent = mostCommon(rows.map(({ agent }) => agent))
  const environment = mostCommon(rows.map(({ environment }) => environment))
  return {
    agent: ask.kind === 'stalls' ? ask.ingredients.agent : ask.kind === 'runs' ? (ask.query.agent ?? agent) : agent,
    environment: ask.kind === 'stalls' ? ask.ingredients.environment : environment,
    version: mostCommon(rows.map(({ version }) => version)),
    step: stepOf(ask, runs),
    from: from ?? now - WINDOW_MS_MIN,
    to: to ?? now,
  }
}

function stepOf(ask: CohortAsk, runs: readonly StoredRun[]): ComparedStep | null {
  if (ask.kind === 'stalls') {
    const { phase, step } = ask.ingredients
    return phase === null ? null : { phase, name: step }
  }
  const steps = runs.map((run) => stepOfRun({ run })).filter((step) => step !== null)
  const written = mostCommon(steps.map(writeStep))
  const found = steps.find((step) => writeStep(step) === written)
  // Runs of which few ever stood still are compared as a whole.
  if (found === undefined || steps.length * 2 < runs.length) return null
  return { phase: found.phase, name: found.name }
}

/** The most frequent that is said; of as many, the first in the alphabet. */
function mostCommon(values: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>()
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  const [first] = [...counts].sort(([x, countX], [y, countY]) => countY - countX || (x < y ? -1 : 1))
  return first?.[0] ?? null
}

export function isRelative(written: string): written is RelativeCohort {
  return (RELATIVE_COHORTS as readonly string[]).includes(written)
}

/** @param before the version before that of most runs of A. @returns null when there is none and it is asked for */
export function relativeQuery(
  relative: RelativeCohort,
  ask: CohortAsk,
  scope: Scope,
  before: string | null,
): RunQuery | null {
  const window = widened(scope)
  const own: RunQuery | null = ask.kind === 'runs' ? ask.query : null
  const healthy: RunQuery = {
    status: ['completed'],
    ...(scope.agent === null ? {} : { agent: scope.agent }),
    ...(scope.environment === null ? {} : { environment: scope.environment }),
    ...window,
  }
  switch (relative) {
    case 'healthy':
      return healthy
    case 'yesterday': {
      const { since, until } = own === null ? window : { since: scope.from, until: scope.to + 1, ...timesOf(own) }
      return { ...(own ?? healthy), since: since - DAY_MS, until: until - DAY_MS }
    }
    case 'previous-version':
      if (before === null) return null
      if (own !== null) return { ...own, version: before, since: undefined, until: undefined }
      return { ...healthy, version: before, since: window.since - VERSION_MS_MAX }
  }
}

/** Whether a relative group is of runs that went well, or of the same kind as A. */
export function isOfHealthy(relative: RelativeCohort, ask: CohortAsk): boolean {
  return relative === 'healthy' || ask.kind !== 'runs'
}

function timesOf({ since, until }: RunQuery): { since?: Instant; until?: Instant } {
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
}

function widened({ from, to }: Scope): { since: Instant; until: Instant } {
  const pad = Math.max(0, (WINDOW_MS_MIN - (to - from)) / 2)
  return { since: Math.floor(from - pad), until: Math.ceil(to + pad) + 1 }
}

/** As `GET /api/runs` reads it. */
export function writeQuery(query: RunQuery): string {
  const { status, since, until, agent, environment, version, step, user, session } = query
  const said = { agent, environment, version, step, user, session }
  const pairs: [string, string][] = status === undefined ? [] : [['status', status.join(',')]]
  for (const [key, value] of Object.entries(said)) if (value !== undefined) pairs.push([key, value])
  if (since !== undefined) pairs.push(['since', toIso(since)])
  if (until !== undefined) pairs.push(['until', toIso(until)])
  return new URLSearchParams(pairs).toString()
}

/** A query as words: "stalled runs of support, 1.4.2, at tool › search_orders". */
export function sayQuery({ status, agent, environment, version, step, user, session }: RunQuery): string {
  const parts = [
    `${status === undefined ? '' : `${status.join(' or ')} `}runs${agent === undefined ? '' : ` of ${agent}`}`,
    ...(environment === undefined ? [] : [environment]),
    ...(version === undefined ? [] : [version]),
    ...(step === undefined ? [] : [`at ${step}`]),
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
  ]
  return parts.join(', ')
}

export function sayAsk(ask: CohortAsk): string {
  switch (ask.kind) {
    case 'stalls':
      return `runs of incident STL-${ask.fingerprint.slice(0, 6).toUpperCase()}`
    case 'run':
      return `run ${ask.id}`
    case 'runs':
      return sayQuery(ask.query)
  }
}
