/** Asking the API: cached, deduplicated, retried, with the last good answer kept while a new one is on its way. */
import { InfiniteQueryObserver, QueryClient, QueryObserver, type InfiniteData } from '@tanstack/query-core'
import { signal, type ReadonlySignal } from '@preact/signals'
import type { DeployEffects } from '../../contract/deploys.ts'
import { HTTP_STATUS, type ApiError, type ErrorCode } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { InFlightHistory } from '../../contract/live.ts'
import type { RunDetail, RunList, RunRow } from '../../contract/runs.ts'
import type { FilterField, Resolution, ValueList } from '../../contract/search.ts'
import type { Setup, TestRunAnswer } from '../../contract/setup.ts'
import type { IncidentHistory, IncidentRequest } from '../../contract/incidents.ts'
import { minutes, seconds, type Millis } from '../../contract/units.ts'
import type { Fingerprint, IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import { api, type RunsFilter, type SpansWish, type StallsFilter, type TrendsView } from '../paths.ts'

export interface Fetched<T> {
  readonly data: T | null
  readonly problem: ApiProblem | null
  readonly isFetching: boolean
}

/** `code` is null when there was no answer at all. */
export interface ApiProblem {
  readonly code: ErrorCode | null
  readonly message: string
}

export interface Watch<T> {
  readonly state: ReadonlySignal<Fetched<T>>
  refresh(): void
  stop(): void
}

export interface RunPages {
  readonly runs: readonly RunRow[]
  readonly hasMore: boolean
}

export interface RunPagesWatch extends Watch<RunPages> {
  more(): void
  /** From the first page on, without the others. */
  renew(): void
}

export interface Queries {
  run(id: string, wish: SpansWish): Watch<RunDetail>
  /** @param isBack goes on with what was fetched before, as far as it is still known */
  runs(filter: RunsFilter, isBack: boolean): RunPagesWatch
  stalls(filter: StallsFilter): Watch<IncidentList>
  stall(fingerprint: Fingerprint): Watch<IncidentDetail>
  stallHistory(fingerprint: Fingerprint): Watch<IncidentHistory>
  /** @returns the incident as it is then, or why nothing was done */
  actOnStall(
    fingerprint: Fingerprint,
    request: IncidentRequest,
  ): Promise<IncidentDetail | { readonly problem: ApiProblem }>
  stallDeploys(fingerprint: Fingerprint): Watch<DeployEffects>
  trends(view: TrendsView): Watch<Trends>
  health(): Watch<Health>
  lookUp(anything: string): Watch<Resolution>
  values(field: FilterField, like: string): Watch<ValueList>
  setup(): Watch<Setup>
  inFlight(): Watch<InFlightHistory>
  /** Whatever is at this address of the API. @param every how often it is asked for while it is watched */
  answer<T>(path: string, every: Millis | false): Watch<T>
  /** @returns the id of the run, or why there is none */
  sendTestRun(): Promise<TestRunAnswer | { readonly problem: ApiProblem }>
}

/** The first comes quickly; whoever goes on wants many. */
const [PAGE_SIZE, PAGE_SIZE_MORE] = [50, 250]
/** Whoever looks at a run for so long finds the list as they left it. */
const LIST_KEPT = minutes(30)
/** As often as the feed beats. */
const HEALTH_EVERY = seconds(5)
const KEPT_EVERY = seconds(5)
/** Whoever waits for their first event should not wait for us. */
const SETUP_EVERY = seconds(2)
/** Half of its step. */
const IN_FLIGHT_EVERY = seconds(15)
/** No bucket is shorter than a minute. */
const TRENDS_EVERY = seconds(30)

export function openQueries(): Queries {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        // The browser's idea of "online" says nothing about a collector on this machine.
        networkMode: 'always',
        retry: (failures, error) =>
          failures < 2 && !(error instanceof ApiFailure && error.problem.code !== 'unavailable'),
        staleTime: 0,
        gcTime: 60_000,
      },
    },
  })
  return {
    run: (id, wish) => one(api.run(id, wish), false),
    runs(filter, isBack) {
      const queryKey = ['runs', api.runs(filter, 0, null)]
      const firstPage = () =>
        client.setQueryData<InfiniteData<RunList>>(
          queryKey,
          (list) => list && { pages: list.pages.slice(0, 1), pageParams: list.pageParams.slice(0, 1) },
        )
      if (!isBack) {
        firstPage()
        void client.invalidateQueries({ queryKey, refetchType: 'none' })
      }
      const observer = new InfiniteQueryObserver(client, {
        queryKey,
        queryFn: ({ signal: abort, pageParam }) =>
          ask<RunList>(api.runs(filter, pageParam === null ? PAGE_SIZE : PAGE_SIZE_MORE, pageParam), abort),
        // Its rows come when they are asked for, and stay where they are.
        staleTime: Infinity,
        gcTime: LIST_KEPT,
        initialPageParam: null as string | null,
        getNextPageParam: (last) => last.next,
      })
      return {
        ...follow(
          (tell) => observer.subscribe(tell),
          () => observer.getCurrentResult(),
          ({ pages }) => ({
            runs: pages.flatMap((page) => page.runs),
            hasMore: (pages.at(-1)?.next ?? null) !== null,
          }),
        ),
        refresh: () => void observer.refetch({ cancelRefetch: false }),
        more: () => void observer.fetchNextPage(),
        renew: () => {
          firstPage()
          void observer.refetch({ cancelRefetch: false })
        },
      }
    },
    stalls: (filter) => one(api.stalls(filter), KEPT_EVERY),
    stall: (fingerprint) => one(api.stall(fingerprint), KEPT_EVERY),
    stallHistory: (fingerprint) => one(api.stallHistory(fingerprint), KEPT_EVERY),
    actOnStall: (fingerprint, request) => send(api.stallActions(fingerprint), request),
    stallDeploys: (fingerprint) => one(api.stallDeploys(fingerprint), TRENDS_EVERY),
    trends: (view) => one(api.trends(view), TRENDS_EVERY),
    health: () => one(api.health(), HEALTH_EVERY),
    values: (field, like) => one(api.values(field, like), false),
    lookUp: (anything) => one(api.go(anything), false),
    setup: () => one(api.setup(), SETUP_EVERY),
    inFlight: () => one(api.inFlight(), IN_FLIGHT_EVERY),
    sendTestRun: () => send(api.testRuns(), {}),
    answer: one,
  }

  /**
   * One answer; the last stays while the next is on its way.
   * @param refetchInterval how often it is asked for while it is watched; false for only when told to
   */
  function one<T>(path: string, refetchInterval: Millis | false): Watch<T> {
    const observer = new QueryObserver<T>(client, {
      queryKey: [path],
      queryFn: ({ signal: abort }) => ask<T>(path, abort),
      refetchInterval,
    })
    return {
      ...follow(
        (tell) => observer.subscribe(tell),
        () => observer.getCurrentResult(),
        (answer) => answer,
      ),
      refresh: () => void observer.refetch({ cancelRefetch: false }),
    }
  }
}

interface Result<A> {
  readonly data: A | undefined
  readonly error: Error | null
  readonly isFetching: boolean
}

/** An observer's results as a signal. */
function follow<A, T>(
  subscribe: (tell: () => void) => () => void,
  current: () => Result<A>,
  shape: (answer: A) => T,
): Omit<Watch<T>, 'refresh'> {
  // The same answer is the same data: who shows it need not show it again.
  let shaped: { readonly of: A | undefined; readonly data: T | null } = { of: undefined, data: null }
  const read = (): Fetched<T> => {
    const { data, error, isFetching } = current()
    if (data !== shaped.of) shaped = { of: data, data: data === undefined ? null : shape(data) }
    return { data: shaped.data, problem: error && problemOf(error), isFetching }
  }
  const state = signal(read())
  const stop = subscribe(() => (state.value = read()))
  state.value = read()
  return { state, stop }
}

class ApiFailure extends Error {
  readonly problem: ApiProblem
  constructor(problem: ApiProblem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Have something done. */
function send<T>(path: string, body: object): Promise<T | { readonly problem: ApiProblem }> {
  const headers = { 'content-type': 'application/json' }
  return ask<T>(path, null, { method: 'POST', headers, body: JSON.stringify(body) }).catch((error: Error) => ({
    problem: problemOf(error),
  }))
}

/**
 * @param request what else is asked with: a method, a body
 * @throws ApiFailure when the answer is an error or no answer at all.
 */
export async function ask<T>(path: string, abort: AbortSignal | null, request: RequestInit = {}): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(path, { signal: abort, headers: { accept: 'application/json' }, ...request })
  } catch (cause) {
    if (abort?.aborted) throw cause
    throw new ApiFailure({ code: null, message: 'The collector does not answer. Is it still running?' })
  }
  if (answer.ok) return (await answer.json()) as T
  throw new ApiFailure(await readProblem(answer))
}

async function readProblem(answer: Response): Promise<ApiProblem> {
  try {
    const { error } = (await answer.json()) as ApiError
    if (error.code in HTTP_STATUS) return error
  } catch {
    // Not ours: a proxy's page, perhaps. The status line is all there is to say.
  }
  return { code: 'internal', message: `The collector answered ${answer.status} ${answer.statusText}.` }
}

export function problemOf(error: Error): ApiProblem {
  return error instanceof ApiFailure ? error.problem : { code: 'internal', message: error.message }
}
