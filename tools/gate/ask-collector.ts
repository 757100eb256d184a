/** What a gate asks a collector: the runs of a window, those of a version, and whether its verdicts can be trusted. */
import type { Readiness } from '../../contract/health.ts'
import type { GapView, RunList, RunRow } from '../../contract/runs.ts'
import { fromIso, type Instant, type Millis } from '../../contract/units.ts'
import { whyNoAnswer } from '../why-no-answer.ts'

/** Conditions of the API's list, by its own names. */
export type RunFilter = Readonly<Partial<Record<'environment' | 'agent' | 'version' | 'since' | 'until', string>>>

export interface CollectorApi {
  /** By its own clock, to which `since` refers; with the stretches in which it did not hear. */
  now(): Promise<{ readonly now: Instant; readonly gaps: readonly GapView[] }>
  /** Why its verdicts cannot be trusted now; empty when they can. */
  doubts(): Promise<string[]>
  /** Newest first, `max` at most. */
  runs(filter: RunFilter, max: number): Promise<RunRow[]>
}

/** The collector could not be asked. The message is for people and says what to do. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

const PAGE = 500
const ANSWER_MAX: Millis = 20_000

/** @param collector address of the dashboard @throws NoAnswer from each of its functions */
export function openCollectorApi(collector: string, token: string | null): CollectorApi {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token !== null) headers['authorization'] = `Bearer ${token}`

  /** @param accepted statuses beyond 200 whose body is an answer */
  async function get(path: string, accepted: readonly number[] = []): Promise<unknown> {
    const url = `${collector}${path}`
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MAX) }).catch((error: unknown) => {
      throw new NoAnswer(`${collector} cannot be reached: ${whyNoAnswer(error, ANSWER_MAX)}`)
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.status === 401 || response.status === 403)
      throw new NoAnswer(`${url} answered ${response.status}: it wants a token, see --token-file`)
    if (!response.ok && !accepted.includes(response.status))
      throw new NoAnswer(`${url} answered ${response.status}${saidIn(body)}`)
    if (typeof body !== 'object' || body === null)
      throw new NoAnswer(
        `${url} did not answer in JSON; --collector is the address of the dashboard, port 4319 unless told otherwise`,
      )
    return body
  }

  return {
    async now() {
      const { startedAt, uptimeMs, gaps } = (await get('/api/status')) as {
        startedAt: string
        uptimeMs: Millis
        gaps: GapView[]
      }
      return { now: fromIso(startedAt) + uptimeMs, gaps }
    },
    async doubts() {
      const { checks } = (await get('/readyz', [503])) as Readiness
      return checks.filter(({ ok }) => !ok).map(({ name, says }) => `${name}: ${says}`)
    },
    async runs(filter, max) {
      const rows: RunRow[] = []
      let cursor: string | null = null
      do {
        const query = new URLSearchParams({ ...filter, limit: String(Math.min(PAGE, max - rows.length)) })
        if (cursor !== null) query.set('cursor', cursor)
        const { runs, next } = (await get(`/api/runs?${query}`)) as RunList
        rows.push(...runs)
        cursor = next
      } while (cursor !== null && rows.length < max)
      return rows
    },
  }
}

/** Gaps that overlap a stretch of time. */
export function gapsWithin(gaps: readonly GapView[], since: Instant, until: Instant): GapView[] {
  return gaps.filter(({ from, to }) => fromIso(from) < until && fromIso(to) > since)
}

function saidIn(body: unknown): string {
  const message = (body as { error?: { message?: unknown } } | null)?.error?.message
  const hint = '; --collector is the address of the dashboard, port 4319 unless told otherwise'
  return typeof message === 'string' ? `: ${message}` : hint
}
