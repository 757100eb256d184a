/** What an address asks for. What nobody knows is left out, so that an old link shows more rather than nothing. */
import type { SpanId } from '../contract/ids.ts'
import { isPhase, type Phase } from '../contract/phases.ts'
import { RUN_ORDERS, RUN_SORTS, usualOrder, type EvidenceRef, type LogView } from '../contract/runs.ts'
import { CONDITIONS_MAX, readCondition } from '../contract/search.ts'
import { INCIDENT_STATES } from '../contract/incidents.ts'
import { INCIDENT_SORTS } from '../contract/stalls.ts'
import { STATUSES, type Status } from '../contract/statuses.ts'
import { TREND_SPLITS } from '../contract/trends.ts'
import { seconds, type Millis } from '../contract/units.ts'
import {
  DETAILS_TABS,
  PERCENTILES,
  SETTINGS_PAGES,
  TRENDS_FROM,
  TRENDS_TO,
  WALL_SCREENS,
  type RunSelection,
  type RunsFilter,
  type RunView,
  type SettingsPage,
  type SpansWish,
  type StallsFilter,
  type TrendsView,
  type Wall,
} from './paths.ts'

/** Faster nobody reads. */
const WALL_EVERY_MIN = seconds(5)
const WALL_EVERY = seconds(30)

/** The run that is looked at beside its list; other addresses have none. */
export function readPeek(query: Readonly<Record<string, string>>): string | null {
  return query['sel'] ?? null
}

export function readPhase(query: Readonly<Record<string, string>>): Phase | null {
  return isPhase(query['phase']) ? query['phase'] : null
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
  const sort = RUN_SORTS.find((each) => each === query['sort']) ?? 'started'
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
    sort,
    order: RUN_ORDERS.find((each) => each === query['order']) ?? usualOrder(sort),
  }
}

/** What the address of the runs asks for and this page does not know, in words: `status “stuck”`. */
export function unknownInRuns(query: Readonly<Record<string, string>>, attributes: readonly string[] = []): string[] {
  const known = readRunsFilter(query, attributes)
  const statuses = (query['status'] ?? '').split(',').filter((word) => word !== '' && !isStatus(word))
  const times = (['since', 'until', 'sort', 'order'] as const).filter(
    (name) => query[name] !== undefined && query[name] !== known[name],
  )
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
    // As links said it before incidents had a life.
    isStanding: query['standing'] === 'yes' || query['state'] === 'standing',
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
    isIdleFolded: query['gap'] === '1',
    asOf: Number.isNaN(Date.parse(query['asof'] ?? '')) ? null : (query['asof'] ?? null),
  }
}

/** A run that is too large for one answer is asked for by what its address shows. */
export function readWish(query: Readonly<Record<string, string>>): SpansWish {
  const { window, asOf } = readRunView(query)
  return { span: query['span'] ?? null, around: window && Math.round((window.from + window.to) / 2), asOf }
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
