/** The collector's API, as the tools ask it; what goes wrong says what to do about it. */
import type { ApiError } from '../../contract/errors.ts'
import type { Resolution } from '../../contract/search.ts'
import type { Millis } from '../../contract/units.ts'
import { pathOfHit } from '../../web/paths.ts'
import { whyNoAnswer } from '../why-no-answer.ts'
import { quote } from './quote.ts'

export interface CollectorApi {
  /** @throws Trouble */
  get<Answer>(path: string, query?: Query): Promise<Answer>
  /** @throws Trouble */
  post<Answer>(path: string, body: object): Promise<Answer>
  /** The same as `get`, and of an unknown id the message has what is near it. @throws Trouble */
  find<Answer>(id: string, pathOf: (id: string) => string, query?: Query): Promise<Answer>
  /** Why its verdicts cannot be trusted now; empty when they can. @throws Trouble */
  doubts(): Promise<readonly string[]>
  /** Absolute, of a path of the dashboard. */
  link(path: string, query?: Query): string
}

export type Query = Readonly<Record<string, string | number | undefined>>

/** The message is for whoever called the tool, and says what to do. */
export class Trouble extends Error {
  override readonly name = 'Trouble'
  readonly status: number | null

  /** @param status of the answer; null when there was none */
  constructor(message: string, status: number | null) {
    super(message)
    this.status = status
  }
}

export interface CollectorAddress {
  /** Of its dashboard, whose API is asked. */
  readonly collector: string
  /** Where links lead. */
  readonly dashboard: string
  readonly token: string | null
}

const ANSWER_MAX: Millis = 20_000
const NEAR_MAX = 5

export function openCollectorApi({ collector, dashboard, token }: CollectorAddress): CollectorApi {
  const bearer = token === null ? {} : { authorization: `Bearer ${token}` }

  async function ask(path: string, init: RequestInit, accepted: readonly number[] = []): Promise<unknown> {
    const headers = {
      accept: 'application/json',
      ...bearer,
      ...(init.body ? { 'content-type': 'application/json' } : {}),
    }
    const signal = AbortSignal.timeout(ANSWER_MAX)
    const response = await fetch(collector + path, { ...init, headers, signal }).catch((error: unknown) => {
      throw new Trouble(
        `The collector at ${collector} cannot be reached: ${whyNoAnswer(error, ANSWER_MAX)}. Start it with \`laststep serve\`, or say where it is with --collector or LASTSTEP_COLLECTOR.`,
        null,
      )
    })
    const body: unknown = await response.json().catch(() => null)
    const { status } = response
    if (status === 401 || status === 403)
      throw new Trouble(
        `The collector answered ${status}: ${saidIn(body) ?? 'it wants a token, see --token-file'}`,
        status,
      )
    const isAnswer = (response.ok || accepted.includes(status)) && typeof body === 'object' && body !== null
    if (isAnswer) return body
    const said = saidIn(body)
    if (said !== null) throw new Trouble(said, status)
    throw new Trouble(
      `${collector} answered ${status} and is no collector of this version: --collector is the address of the dashboard, port 4319 unless told otherwise.`,
      status,
    )
  }

  const get = (path: string, query: Query = {}) => ask(`${path}${written(query)}`, {})

  async function near(id: string): Promise<string> {
    const { hits } = (await get(`/api/go/${encodeURIComponent(id)}`)) as Resolution
    const known = hits.slice(0, NEAR_MAX).map((hit) => `${hit.kind} ${quote(hit.id)} ${dashboard}${pathOfHit(hit)}`)
    return known.length === 0
      ? 'Nothing that is kept has an id like it: find_stalled_runs and list_incidents say what there is.'
      : `Near it: ${known.join('; ')}.`
  }

  return {
    get: async <Answer>(path: string, query?: Query) => (await get(path, query)) as Answer,
    post: async <Answer>(path: string, body: object) =>
      (await ask(path, { method: 'POST', body: JSON.stringify(body) })) as Answer,
    async find<Answer>(id: string, pathOf: (id: string) => string, query?: Query) {
      try {
        return (await get(pathOf(encodeURIComponent(id)), query)) as Answer
      } catch (error) {
        if (!(error instanceof Trouble) || error.status !== 404) throw error
        throw new Trouble(`Unknown: ${quote(id)}. ${await near(id)}`, 404)
      }
    },
    async doubts() {
      const { checks } = (await ask('/readyz', {}, [503])) as { checks: { name: string; ok: boolean; says: string }[] }
      return checks.filter(({ ok }) => !ok).map(({ name, says }) => `${name}: ${says}`)
    },
    link: (path, query = {}) => dashboard + path + written(query),
  }
}

function written(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.append(name, String(value))
  return search.size === 0 ? '' : `?${search}`
}

function saidIn(body: unknown): string | null {
  return (body as Partial<ApiError> | null)?.error?.message ?? null
}
