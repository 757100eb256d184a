/** Every address the dashboard knows, built here and nowhere else. The URL is the state of a page. */
import type { SpanId } from '../contract/ids.ts'
import type { InvestigationId, InvestigationState } from '../contract/investigations.ts'
import { LIVE_PATH, type Cursor } from '../contract/live.ts'
import type { Phase } from '../contract/phases.ts'
import type { FilterField, Hit } from '../contract/search.ts'
import type { IncidentState } from '../contract/incidents.ts'
import type { Fingerprint, IncidentSort } from '../contract/stalls.ts'
import { usualOrder, type RunOrder, type RunSort } from '../contract/runs.ts'
import type { Status } from '../contract/statuses.ts'
import type { Millis } from '../contract/units.ts'
import type { TrendSplit } from '../contract/trends.ts'

/** What the runs list is narrowed to. Empty means everything. */
export interface RunsFilter {
  readonly statuses: readonly Status[]
  readonly agent: string
  readonly step: string
  readonly user: string
  readonly session: string
  readonly version: string
  readonly environment: string
  /** Started at or after, and before: as the address says it, `now-15m` or ISO-8601. */
  readonly since: string
  readonly until: string
  /** What one of its spans says: `key:test:value`, all of them. */
  readonly attributes: readonly string[]
  readonly sort: RunSort
  readonly order: RunOrder
}

/** What the list of stalls is narrowed to, and its order. Empty means everything. */
export interface StallsFilter {
  readonly state: IncidentState | null
  /** Only those of which some run stands still now. */
  readonly isStanding: boolean
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

/** A screen that is shown on a wall, and those it takes turns with. */
export interface Wall {
  readonly screen: WallScreen
  /** One alone stays. */
  readonly rotate: readonly WallScreen[]
  readonly every: Millis
}

export const WALL_SCREENS = ['live', 'trends'] as const
export type WallScreen = (typeof WALL_SCREENS)[number]

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
  /** Long idle stretches are left out of the axis. */
  readonly isIdleFolded: boolean
  /** As the run was at this moment; null for as it is. */
  readonly asOf: string | null
}

/** What to have of a run with more spans than one answer holds. */
export interface SpansWish {
  readonly span: SpanId | null
  /** Those around this moment, in whole ms from the first span. */
  readonly around: Millis | null
  readonly asOf: string | null
}

export const NO_WISH: SpansWish = { span: null, around: null, asOf: null }

export const DETAILS_TABS = ['attributes', 'logs', 'messages', 'raw'] as const
export type DetailsTab = (typeof DETAILS_TABS)[number]

export const NOTHING_SELECTED: RunSelection = { span: null, message: null, connection: null, log: null, process: null }

export const paths = {
  live: (phase: Phase | null = null) => withQuery('/live', { phase }),
  runs: ({ sort = 'started', order = usualOrder(sort), ...filter }: Partial<RunsFilter> = {}) =>
    withQuery('/runs', {
      ...filter,
      statuses: null,
      status: filter.statuses?.join(','),
      attributes: null,
      attr: filter.attributes,
      sort: sort === 'started' ? null : sort,
      order: order === usualOrder(sort) ? null : order,
    }),
  /** The same list, with this run beside it; null for none. */
  peek: (url: string, id: string | null) => {
    const { pathname, searchParams } = new URL(url, 'http://list')
    searchParams.delete('sel')
    const query = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]))
    return withQuery(pathname, { ...query, sel: id })
  },
  stalls: (filter: Partial<StallsFilter> = {}) =>
    withQuery('/stalls', { ...stallConditions(filter), sort: filter.sort === 'last' ? null : filter.sort }),
  stall: (fingerprint: Fingerprint) => `/stalls/${encodeURIComponent(fingerprint)}`,
  investigations: (state: InvestigationState | null = null) => withQuery('/investigations', { state }),
  investigation: (id: InvestigationId) => `/investigations/${id}`,
  /** Begins one: about an incident, about a run, or empty. */
  newInvestigation: (incident: Fingerprint | null = null, run: string | null = null) =>
    withQuery('/investigations/new', { incident, run }),
  trends: ({ from, to, percentile, isCompared, ...view }: Partial<TrendsView> = {}) =>
    withQuery('/trends', {
      from: from === TRENDS_FROM ? null : from,
      to: to === TRENDS_TO ? null : to,
      ...view,
      percentile: percentile === 'p95' ? null : percentile,
      cmp: isCompared ? 'prev' : null,
    }),
  /** Whatever has this id; a list when several have. */
  go: (anything: string) => `/go/${encodeURIComponent(anything)}`,
  wall: ({ screen, rotate, every }: Wall) =>
    withQuery(`/${screen}`, {
      wall: '1',
      rotate: rotate.length > 1 ? rotate.join(',') : null,
      every: rotate.length > 1 ? String(every / 1000) : null,
    }),
  /** Groups as the API reads them: `incident:…`, `run:…`, a query of runs; b may also be what it is to a, else `healthy`. */
  compare: (a?: string, b?: string) => withQuery('/compare', { a, b }),
  start: (language: string | null = null) => withQuery('/start', { language }),
  settings: (page: SettingsPage = 'general') => `/settings/${page}`,
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
      gap: view.isIdleFolded ? '1' : null,
      asof: view.asOf,
    }),
}

/** Route patterns of preact-iso. */
export const ROUTES = {
  live: '/live',
  stalls: '/stalls',
  stall: '/stalls/:fingerprint',
  runs: '/runs',
  run: '/runs/:id',
  investigations: '/investigations',
  investigation: '/investigations/:id',
  trends: '/trends',
  compare: '/compare',
  go: '/go/:anything+',
  start: '/start',
  settings: '/settings',
  settingsPage: '/settings/:page',
} as const

export const SETTINGS_PAGES = ['general', 'retention', 'appearance', 'keys', 'code'] as const
export type SettingsPage = (typeof SETTINGS_PAGES)[number]

export const api = {
  run: (id: string, { span, around, asOf }: SpansWish = NO_WISH) =>
    withQuery(`/api/runs/${encodeURIComponent(id)}`, { span, around: around?.toString(), asof: asOf }),
  /** With every span, however many there are. */
  wholeRun: (id: string) => withQuery(`/api/runs/${encodeURIComponent(id)}`, { spans: 'all' }),
  runs: (filter: RunsFilter, limit: number, cursor: string | null) =>
    withQuery('/api/runs', {
      ...runConditions(filter),
      sort: filter.sort === 'started' ? null : filter.sort,
      order: filter.order,
      limit: String(limit),
      cursor,
    }),
  values: (field: FilterField, like: string) => withQuery('/api/values', { field, like }),
  search: (filter: RunsFilter, cursor: string | null) =>
    withQuery('/api/search', { attr: filter.attributes, ...runConditions(filter), cursor }),
  stalls: (filter: StallsFilter) => withQuery('/api/stalls', stallConditions(filter)),
  stall: (fingerprint: Fingerprint) => `/api/stalls/${encodeURIComponent(fingerprint)}`,
  stallActions: (fingerprint: Fingerprint) => `/api/stalls/${encodeURIComponent(fingerprint)}/actions`,
  stallHistory: (fingerprint: Fingerprint) => `/api/stalls/${encodeURIComponent(fingerprint)}/history`,
  stallDeploys: (fingerprint: Fingerprint) => `${api.stall(fingerprint)}/deploys`,
  /** The percentile is chosen here, for the answer has them all; the time before is a question of its own. */
  trends: ({ percentile: _chosen, isCompared: _beside, ...view }: TrendsView) => withQuery('/api/trends', view),
  health: () => '/api/health',
  go: (anything: string) => `/api/go/${encodeURIComponent(anything)}`,
  setup: () => '/api/setup',
  inFlight: () => '/api/in-flight',
  testRuns: () => '/api/test-runs',
  /** `ws:` or `wss:` after the page's own protocol. */
  live: (page: { readonly protocol: string; readonly host: string }, after: Cursor | null) =>
    `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${withQuery(LIVE_PATH, { after })}`,
}

function runConditions({ statuses, attributes: _ofSpans, sort: _sort, order: _order, ...texts }: RunsFilter) {
  return { status: statuses.join(','), ...texts }
}

function stallConditions({ isStanding, ...rest }: Partial<StallsFilter>) {
  return { ...rest, standing: isStanding ? 'yes' : null }
}

/** Where that which was found is shown. */
export function pathOfHit(hit: Hit): string {
  switch (hit.kind) {
    case 'run':
    case 'trace':
      return paths.run(hit.run.id)
    case 'span':
      return paths.run(hit.run.id, { span: hit.id })
    case 'message':
      return paths.run(hit.run.id, { message: hit.seq })
    case 'user':
      return paths.runs({ user: hit.id })
    case 'session':
      return paths.runs({ session: hit.id })
    case 'incident':
      return paths.stall(hit.id)
  }
}

/** `http://127.0.0.1:4318`. @param host as the browser says it: IPv6 in brackets */
export function endpointOf(host: string, port: number): string {
  return `http://${host}:${port}`
}

type QueryValue = string | readonly string[] | null | undefined

function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of [value ?? []].flat()) if (one !== '') search.append(name, one)
  const text = search.toString()
  return text ? `${path}?${text}` : path
}
