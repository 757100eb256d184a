/** Every address the dashboard knows, built here and nowhere else. The URL is the state of a page. */
import type { SpanId } from '../contract/ids.ts'
import { LIVE_PATH, type Cursor } from '../contract/live.ts'
import { isPhase, type Phase } from '../contract/phases.ts'
import type { EvidenceRef, LogView } from '../contract/runs.ts'
import {
  INCIDENT_SORTS,
  INCIDENT_STATES,
  type Fingerprint,
  type IncidentSort,
  type IncidentState,
} from '../contract/stalls.ts'
import { STATUSES, type Status } from '../contract/statuses.ts'
import { seconds, type Millis } from '../contract/units.ts'
import { TREND_SPLITS, type TrendSplit } from '../contract/trends.ts'

/** What the runs list is narrowed to. Empty means everything. */
export interface RunsFilter {
  readonly statuses: readonly Status[]
  readonly agent: string
  readonly step: string
  readonly user: string
  readonly version: string
  readonly environment: string
  /** Started at or after, and before: as the address says it, `now-15m` or ISO-8601. */
  readonly since: string
  readonly until: string
}

/** What the list of stalls is narrowed to, and its order. Empty means everything. */
export interface StallsFilter {
  readonly state: IncidentState | null
  readonly agent: string
  readonly environment: string
  readonly version: string
  readonly step: string
  readonly sort: IncidentSort
}

/** What trends are drawn of. Times as the address says them: `now-24h` or ISO-8601. */
export interface TrendsView {
  readonly from: string
  readonly to: string
  readonly split: TrendSplit | null
  readonly agent: string
  readonly environment: string
  readonly version: string
  readonly percentile: Percentile
}

export const PERCENTILES = ['p50', 'p95', 'p99'] as const
export type Percentile = (typeof PERCENTILES)[number]

export const TRENDS_FROM = 'now-24h'
export const TRENDS_TO = 'now'

/** A screen that is shown on a wall, and those it takes turns with. */
export interface Wall {
  readonly screen: WallScreen
  /** One alone stays. */
  readonly rotate: readonly WallScreen[]
  readonly every: Millis
}

export const WALL_SCREENS = ['live', 'trends'] as const
export type WallScreen = (typeof WALL_SCREENS)[number]

const WALL_EVERY = seconds(30)
/** Faster nobody reads. */
const WALL_EVERY_MIN = seconds(5)

/** What is selected on a run page. */
export interface RunSelection {
  readonly span: string | null
  readonly message: number | null
  readonly connection: string | null
  readonly log: number | null
  /** The run's process, by its id. */
  readonly process: string | null
}

export const NOTHING_SELECTED: RunSelection = { span: null, message: null, connection: null, log: null, process: null }

export const paths = {
  live: (phase: Phase | null = null) => withQuery('/live', { phase }),
  runs: (filter: Partial<RunsFilter> = {}) =>
    withQuery('/runs', { ...filter, statuses: null, status: filter.statuses?.join(',') }),
  stalls: (filter: Partial<StallsFilter> = {}) =>
    withQuery('/stalls', { ...filter, sort: filter.sort === 'last' ? null : filter.sort }),
  stall: (fingerprint: Fingerprint) => `/stalls/${encodeURIComponent(fingerprint)}`,
  trends: ({ from, to, percentile, ...view }: Partial<TrendsView> = {}) =>
    withQuery('/trends', {
      from: from === TRENDS_FROM ? null : from,
      to: to === TRENDS_TO ? null : to,
      ...view,
      percentile: percentile === 'p95' ? null : percentile,
    }),
  wall: ({ screen, rotate, every }: Wall) =>
    withQuery(`/${screen}`, {
      wall: '1',
      rotate: rotate.length > 1 ? rotate.join(',') : null,
      every: rotate.length > 1 ? String(every / 1000) : null,
    }),
  start: (language: string | null = null) => withQuery('/start', { language }),
  settings: (page: SettingsPage = 'general') => `/settings/${page}`,
  /** @param agent the span of the sub-agent that the page is narrowed to */
  run: (id: string, selection: Partial<RunSelection> = {}, agent: SpanId | null = null) =>
    withQuery(`/runs/${encodeURIComponent(id)}`, {
      agent,
      span: selection.span,
      msg: selection.message?.toString(),
      conn: selection.connection,
      log: selection.log?.toString(),
      process: selection.process,
    }),
}

/** Route patterns of preact-iso. */
export const ROUTES = {
  live: '/live',
  stalls: '/stalls',
  stall: '/stalls/:fingerprint',
  runs: '/runs',
  run: '/runs/:id',
  trends: '/trends',
  start: '/start',
  settings: '/settings',
  settingsPage: '/settings/:page',
} as const

export const SETTINGS_PAGES = ['general', 'retention', 'appearance', 'keys', 'code'] as const
export type SettingsPage = (typeof SETTINGS_PAGES)[number]

export const api = {
  run: (id: string) => `/api/runs/${encodeURIComponent(id)}`,
  runs: (filter: RunsFilter, limit: number, cursor: string | null) =>
    withQuery('/api/runs', {
      status: filter.statuses.join(','),
      agent: filter.agent,
      step: filter.step,
      user: filter.user,
      version: filter.version,
      environment: filter.environment,
      since: filter.since,
      until: filter.until,
      limit: String(limit),
      cursor,
    }),
  stalls: (filter: StallsFilter) => withQuery('/api/stalls', { ...filter }),
  stall: (fingerprint: Fingerprint) => `/api/stalls/${encodeURIComponent(fingerprint)}`,
  /** The percentile is chosen here: the answer has them all. */
  trends: ({ percentile: _chosen, ...view }: TrendsView) => withQuery('/api/trends', view),
  health: () => '/api/health',
  setup: () => '/api/setup',
  inFlight: () => '/api/in-flight',
  testRuns: () => '/api/test-runs',
  /** `ws:` or `wss:` after the page's own protocol. */
  live: (page: { readonly protocol: string; readonly host: string }, after: Cursor | null) =>
    `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${withQuery(LIVE_PATH, { after })}`,
}

export function readPhase(query: Readonly<Record<string, string>>): Phase | null {
  return isPhase(query['phase']) ? query['phase'] : null
}

/** `http://127.0.0.1:4318`. @param host as the browser says it: IPv6 in brackets */
export function endpointOf(host: string, port: number): string {
  return `http://${host}:${port}`
}

/** Null when the address shows no wall. */
export function readWall(path: string, query: Readonly<Record<string, string>>): Wall | null {
  const screen = WALL_SCREENS.find((each) => path === `/${each}`)
  if (screen === undefined || query['wall'] !== '1') return null
  const named = (query['rotate'] ?? '').split(',')
  const rotate = WALL_SCREENS.filter((each) => each === screen || named.includes(each))
  const every = seconds(Number(query['every'] ?? 0))
  return { screen, rotate, every: every > 0 ? Math.max(WALL_EVERY_MIN, every) : WALL_EVERY }
}

export function readSettingsPage(page: string | undefined): SettingsPage {
  return SETTINGS_PAGES.find((each) => each === page) ?? 'general'
}

/** A status nobody knows is left out, so an old link shows more rather than nothing. */
export function readRunsFilter(query: Readonly<Record<string, string>>): RunsFilter {
  const named = new Set((query['status'] ?? '').split(','))
  return {
    statuses: STATUSES.filter((status) => named.has(status)),
    agent: query['agent'] ?? '',
    step: query['step'] ?? '',
    user: query['user'] ?? '',
    version: query['version'] ?? '',
    environment: query['environment'] ?? '',
    since: query['since'] ?? '',
    until: query['until'] ?? '',
  }
}

export function readStallsFilter(query: Readonly<Record<string, string>>): StallsFilter {
  return {
    state: INCIDENT_STATES.find((state) => state === query['state']) ?? null,
    agent: query['agent'] ?? '',
    environment: query['environment'] ?? '',
    version: query['version'] ?? '',
    step: query['step'] ?? '',
    sort: INCIDENT_SORTS.find((sort) => sort === query['sort']) ?? 'last',
  }
}

export function readTrendsView(query: Readonly<Record<string, string>>): TrendsView {
  return {
    from: query['from'] ?? TRENDS_FROM,
    to: query['to'] ?? TRENDS_TO,
    split: TREND_SPLITS.find((split) => split === query['split']) ?? null,
    agent: query['agent'] ?? '',
    environment: query['environment'] ?? '',
    version: query['version'] ?? '',
    percentile: PERCENTILES.find((percentile) => percentile === query['percentile']) ?? 'p95',
  }
}

export function readSelection(query: Readonly<Record<string, string>>): RunSelection {
  return {
    span: query['span'] ?? null,
    message: readCount(query['msg']),
    connection: query['conn'] ?? null,
    log: readCount(query['log']),
    process: query['process'] ?? null,
  }
}

/** The sub-agent a run page is narrowed to, by its span. */
export function readAgent(query: Readonly<Record<string, string>>): SpanId | null {
  return query['agent'] ?? null
}

/** What an evidence line opens, as a selection; null for one whose record the run's page does not have. */
export function selectionOf(ref: EvidenceRef, logs: readonly LogView[]): Partial<RunSelection> | null {
  const at = ref.indexOf(':')
  const [kind, name] = [ref.slice(0, at), ref.slice(at + 1)]
  switch (kind) {
    case 'span':
      return { span: name }
    case 'delivery':
      return { message: readCount(name) }
    case 'connection':
      return { connection: name }
    case 'pulse':
      return { process: name }
    case 'log': {
      const [state, when] = [name.slice(0, name.indexOf('@')), name.slice(name.indexOf('@') + 1)]
      const index = logs.findIndex((log) => log.at === when && log.body === `run ${state}`)
      return index === -1 ? null : { log: index, span: logs[index]?.spanId ?? null }
    }
    default:
      return null
  }
}

function readCount(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null
}

function withQuery(path: string, query: Readonly<Record<string, string | null | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  const text = search.toString()
  return text ? `${path}?${text}` : path
}
