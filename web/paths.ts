/** Every address the dashboard knows, built here and nowhere else. The URL is the state of a page. */
import type { SpanId } from '../contract/ids.ts'
import { LIVE_PATH, type Cursor } from '../contract/live.ts'
import { isPhase, type Phase } from '../contract/phases.ts'
import type { EvidenceRef, LogView } from '../contract/runs.ts'
import { STATUSES, type Status } from '../contract/statuses.ts'

/** What the runs list is narrowed to. Empty means everything. */
export interface RunsFilter {
  readonly statuses: readonly Status[]
  readonly agent: string
  readonly step: string
  readonly user: string
}

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
export const ROUTES = { live: '/live', runs: '/runs', run: '/runs/:id' } as const

export const api = {
  run: (id: string) => `/api/runs/${encodeURIComponent(id)}`,
  runs: (filter: RunsFilter, limit: number, cursor: string | null) =>
    withQuery('/api/runs', {
      status: filter.statuses.join(','),
      agent: filter.agent,
      step: filter.step,
      user: filter.user,
      limit: String(limit),
      cursor,
    }),
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
