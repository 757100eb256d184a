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
import { TREND_SPLITS, type TrendSplit } from '../contract/trends.ts'
import type { Millis } from '../contract/units.ts'

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
  /** Beside the time before it. */
  readonly isCompared: boolean
}

export const PERCENTILES = ['p50', 'p95', 'p99'] as const
export type Percentile = (typeof PERCENTILES)[number]

export const TRENDS_FROM = 'now-24h'
export const TRENDS_TO = 'now'

/** What is selected on a run page. */
export interface RunSelection {
  readonly span: string | null
  readonly message: number | null
  readonly connection: string | null
  readonly log: number | null
  /** The run's process, by its id. */
  readonly process: string | null
}

/** How a run's timeline is looked at. What is null or empty is the page's own choice. */
export interface RunView {
  /** The part of the axis on screen, in ms from its start. */
  readonly window: { readonly from: Millis; readonly to: Millis } | null
  /** Rows folded by hand, by their span. */
  readonly folded: readonly SpanId[]
  readonly onlyProblems: boolean
  readonly isFollowing: boolean | null
  readonly tab: DetailsTab
}

/** What to have of a run with more spans than one answer holds. */
export interface SpansWish {
  readonly span: SpanId | null
  /** Those around this moment, in whole ms from the first span. */
  readonly around: Millis | null
}

const NO_WISH: SpansWish = { span: null, around: null }

export const DETAILS_TABS = ['attributes', 'logs', 'messages', 'raw'] as const
export type DetailsTab = (typeof DETAILS_TABS)[number]

export const NOTHING_SELECTED: RunSelection = { span: null, message: null, connection: null, log: null, process: null }

export const paths = {
  live: (phase: Phase | null = null) => withQuery('/live', { phase }),
  runs: (filter: Partial<RunsFilter> = {}) =>
    withQuery('/runs', { ...filter, statuses: null, status: filter.statuses?.join(',') }),
  /** The same list, with this run beside it; null for none. */
  peek: (url: string, id: string | null) => {
    const { pathname, searchParams } = new URL(url, 'http://list')
    searchParams.delete('sel')
    return withQuery(pathname, { ...Object.fromEntries(searchParams), sel: id })
  },
  stalls: (filter: Partial<StallsFilter> = {}) =>
    withQuery('/stalls', { ...filter, sort: filter.sort === 'last' ? null : filter.sort }),
  stall: (fingerprint: Fingerprint) => `/stalls/${encodeURIComponent(fingerprint)}`,
  trends: ({ from, to, percentile, isCompared, ...view }: Partial<TrendsView> = {}) =>
    withQuery('/trends', {
      from: from === TRENDS_FROM ? null : from,
      to: to === TRENDS_TO ? null : to,
      ...view,
      percentile: percentile === 'p95' ? null : percentile,
      cmp: isCompared ? 'prev' : null,
    }),
  /** @param agent the span of the sub-agent that the page is narrowed to */
  run: (id: string, selection: Partial<RunSelection> = {}, agent: SpanId | null = null, view: Partial<RunView> = {}) =>
    withQuery(`/runs/${encodeURIComponent(id)}`, {
      agent,
      span: selection.span,
      msg: selection.message?.toString(),
      conn: selection.connection,
      log: selection.log?.toString(),
      process: selection.process,
      tab: view.tab === DETAILS_TABS[0] ? null : view.tab,
      t0: view.window && String(Math.round(view.window.from)),
      t1: view.window && String(Math.round(view.window.to)),
      fold: view.folded?.join(','),
      only: view.onlyProblems ? 'problems' : null,
      follow: view.isFollowing === null || view.isFollowing === undefined ? null : view.isFollowing ? '1' : '0',
    }),
}

/** The run that is looked at beside its list; other addresses have none. */
export function readPeek(query: Readonly<Record<string, string>>): string | null {
  return query['sel'] ?? null
}

/** Route patterns of preact-iso. */
export const ROUTES = {
  live: '/live',
  stalls: '/stalls',
  stall: '/stalls/:fingerprint',
  runs: '/runs',
  run: '/runs/:id',
  trends: '/trends',
} as const

export const api = {
  run: (id: string, { span, around }: SpansWish = NO_WISH) =>
    withQuery(`/api/runs/${encodeURIComponent(id)}`, { span, around: around?.toString() }),
  /** With every span, however many there are. */
  wholeRun: (id: string) => withQuery(`/api/runs/${encodeURIComponent(id)}`, { spans: 'all' }),
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
  /** The percentile is chosen here, for the answer has them all; the time before is a question of its own. */
  trends: ({ percentile: _chosen, isCompared: _beside, ...view }: TrendsView) => withQuery('/api/trends', view),
  health: () => '/api/health',
  /** `ws:` or `wss:` after the page's own protocol. */
  live: (page: { readonly protocol: string; readonly host: string }, after: Cursor | null) =>
    `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${withQuery(LIVE_PATH, { after })}`,
}

export function readPhase(query: Readonly<Record<string, string>>): Phase | null {
  return isPhase(query['phase']) ? query['phase'] : null
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
    isCompared: query['cmp'] === 'prev',
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

export function readRunView(query: Readonly<Record<string, string>>): RunView {
  const [from, to] = [readMillis(query['t0']), readMillis(query['t1'])]
  return {
    window: from !== null && to !== null && from < to ? { from, to } : null,
    folded: (query['fold'] ?? '').split(',').filter(Boolean),
    onlyProblems: query['only'] === 'problems',
    isFollowing: query['follow'] === '1' ? true : query['follow'] === '0' ? false : null,
    tab: DETAILS_TABS.find((tab) => tab === query['tab']) ?? DETAILS_TABS[0],
  }
}

/** A run that is too large for one answer is asked for by what its address shows. */
export function readWish(query: Readonly<Record<string, string>>): SpansWish {
  const { window } = readRunView(query)
  return { span: query['span'] ?? null, around: window && Math.round((window.from + window.to) / 2) }
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

/** Before the start of the axis too. */
function readMillis(text: string | undefined): Millis | null {
  return text !== undefined && /^-?\d{1,12}$/.test(text) ? Number(text) : null
}

function withQuery(path: string, query: Readonly<Record<string, string | null | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  const text = search.toString()
  return text ? `${path}?${text}` : path
}
