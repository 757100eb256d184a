/** Every address the dashboard knows, built here and nowhere else. The URL is the state of a page. */
import type { SpanId } from '../contract/ids.ts'
import { LIVE_PATH, type Cursor } from '../contract/live.ts'
import { isPhase, type Phase } from '../contract/phases.ts'
import type { EvidenceRef, LogView } from '../contract/runs.ts'
import { CONDITIONS_MAX, readCondition, type FilterField, type Hit } from '../contract/search.ts'
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
  readonly session: string
  readonly version: string
  readonly environment: string
  /** Started at or after, and before: as the address says it, `now-15m` or ISO-8601. */
  readonly since: string
  readonly until: string
  /** What one of its spans says: `key:test:value`, all of them. */
  readonly attributes: readonly string[]
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
    withQuery('/runs', {
      ...filter,
      statuses: null,
      status: filter.statuses?.join(','),
      attributes: null,
      attr: filter.attributes,
    }),
  /** The same list, with this run beside it; null for none. */
  peek: (url: string, id: string | null) => {
    const { pathname, searchParams } = new URL(url, 'http://list')
    searchParams.delete('sel')
    const query = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]))
    return withQuery(pathname, { ...query, sel: id })
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
  /** Whatever has this id; a list when several have. */
  go: (anything: string) => `/go/${encodeURIComponent(anything)}`,
  wall: ({ screen, rotate, every }: Wall) =>
    withQuery(`/${screen}`, {
      wall: '1',
      rotate: rotate.length > 1 ? rotate.join(',') : null,
      every: rotate.length > 1 ? String(every / 1000) : null,
    }),
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
  go: '/go/:anything+',
  start: '/start',
  settings: '/settings',
  settingsPage: '/settings/:page',
} as const

export const SETTINGS_PAGES = ['general', 'retention', 'appearance', 'keys', 'code'] as const
export type SettingsPage = (typeof SETTINGS_PAGES)[number]

export const api = {
  run: (id: string, { span, around }: SpansWish = NO_WISH) =>
    withQuery(`/api/runs/${encodeURIComponent(id)}`, { span, around: around?.toString() }),
  /** With every span, however many there are. */
  wholeRun: (id: string) => withQuery(`/api/runs/${encodeURIComponent(id)}`, { spans: 'all' }),
  runs: (filter: RunsFilter, limit: number, cursor: string | null) =>
    withQuery('/api/runs', { ...runConditions(filter), limit: String(limit), cursor }),
  values: (field: FilterField, like: string) => withQuery('/api/values', { field, like }),
  search: (filter: RunsFilter, cursor: string | null) =>
    withQuery('/api/search', { attr: filter.attributes, ...runConditions(filter), cursor }),
  stalls: (filter: StallsFilter) => withQuery('/api/stalls', { ...filter }),
  stall: (fingerprint: Fingerprint) => `/api/stalls/${encodeURIComponent(fingerprint)}`,
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

function runConditions({ statuses, attributes: _ofSpans, ...texts }: RunsFilter) {
  return { status: statuses.join(','), ...texts }
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

/**
 * What nobody knows is left out, so an old link shows more rather than nothing; `unknownInRuns` says what it was.
 * @param attributes the conditions on spans, of which an address may have several
 */
export function readRunsFilter(
  query: Readonly<Record<string, string>>,
  attributes: readonly string[] = [],
): RunsFilter {
  const named = new Set((query['status'] ?? '').split(','))
  return {
    statuses: STATUSES.filter((status) => named.has(status)),
    agent: query['agent'] ?? '',
    step: query['step'] ?? '',
    user: query['user'] ?? '',
    session: query['session'] ?? '',
    version: query['version'] ?? '',
    environment: query['environment'] ?? '',
    since: readTimeWords(query['since']),
    until: readTimeWords(query['until']),
    attributes: attributes.filter((written) => readCondition(written) !== null).slice(0, CONDITIONS_MAX),
  }
}

/** What the address of the runs asks for and this page does not know, in words: `status “stuck”`. */
export function unknownInRuns(query: Readonly<Record<string, string>>, attributes: readonly string[] = []): string[] {
  const known = readRunsFilter(query, attributes)
  const statuses = (query['status'] ?? '').split(',').filter((word) => word !== '' && !isStatus(word))
  const times = (['since', 'until'] as const).filter((name) => (query[name] ?? '') !== known[name])
  const conditions = attributes.filter((written) => !known.attributes.includes(written))
  return [
    ...statuses.map((word) => `status “${word}”`),
    ...times.map((name) => `${name} “${query[name]}”`),
    ...conditions.map((written) => `attribute “${written}”`),
  ]
}

function isStatus(word: string): word is Status {
  return (STATUSES as readonly string[]).includes(word)
}

/** As the API reads them; '' for what it would refuse. */
function readTimeWords(written = ''): string {
  const isTime = /^now(-\d{1,6}[smhd])?$|^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(written)
  return isTime && (written.startsWith('now') || !Number.isNaN(Date.parse(written))) ? written : ''
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

type QueryValue = string | readonly string[] | null | undefined

function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of [value ?? []].flat()) if (one !== '') search.append(name, one)
  const text = search.toString()
  return text ? `${path}?${text}` : path
}
