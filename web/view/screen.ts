/** What the views are handed by `main.tsx`. They import no data: the receiver declares its type. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ReadonlySignal } from '@preact/signals'
import type { DeployEffects } from '../../contract/deploys.ts'
import type { Health } from '../../contract/health.ts'
import type { InFlightHistory } from '../../contract/live.ts'
import type { Setup } from '../../contract/setup.ts'
import type { IncidentHistory, IncidentRequest } from '../../contract/incidents.ts'
import type { RunDetail, RunRow } from '../../contract/runs.ts'
import type { FilterField, Resolution, ValueList } from '../../contract/search.ts'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Instant } from '../../contract/units.ts'
import type { Board } from '../model/board.ts'
import type { CodeLinks } from '../model/code-link.ts'
import type { Liveness } from '../model/connection.ts'
import type { KeyChoice } from '../model/keymap.ts'
import type { Zone } from '../model/zone.ts'
import type { Fingerprint, IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import type { SpanSearchState } from '../model/span-search.ts'
import type { Investigations } from './use-investigations.ts'
import type { RunsFilter, SpansWish, StallsFilter, TrendsView } from '../paths.ts'

export interface Live {
  readonly board: ReadonlySignal<Board>
  readonly liveness: ReadonlySignal<Liveness>
  /** Server time, once a second; stands still while paused or disconnected. */
  readonly tick: ReadonlySignal<Instant>
  readonly isPaused: ReadonlySignal<boolean>
  /** False when the collector says of itself that its verdicts may be wrong or late. */
  readonly isReady: ReadonlySignal<boolean>
  /** How many runs changed since the pause. */
  readonly waiting: ReadonlySignal<number>
  now(): Instant
  row(id: string): ReadonlySignal<RunRow | null>
  togglePause(): void
  retry(): void
}

export interface Problem {
  readonly code: ErrorCode | null
  readonly message: string
}

export interface Watch<T> {
  readonly state: ReadonlySignal<{
    readonly data: T | null
    readonly problem: Problem | null
    readonly isFetching: boolean
  }>
  refresh(): void
  stop(): void
}

export interface Screen {
  readonly live: Live
  watchRun(id: string, wish: SpansWish): Watch<RunDetail>
  /** @param isBack goes on with what was fetched before */
  watchRuns(
    filter: RunsFilter,
    isBack: boolean,
  ): Watch<{ readonly runs: readonly RunRow[]; readonly hasMore: boolean }> & { more(): void; renew(): void }
  /** These are asked for again and again until they are stopped. */
  watchStalls(filter: StallsFilter): Watch<IncidentList>
  watchStall(fingerprint: Fingerprint): Watch<IncidentDetail>
  watchStallHistory(fingerprint: Fingerprint): Watch<IncidentHistory>
  /** @returns the incident as it is then, or why nothing was done */
  actOnStall(
    fingerprint: Fingerprint,
    request: IncidentRequest,
  ): Promise<IncidentDetail | { readonly problem: Problem }>
  watchStallDeploys(fingerprint: Fingerprint): Watch<DeployEffects>
  watchTrends(view: TrendsView): Watch<Trends>
  /** What the API answers at a page's own address; asked for once. */
  watchAnswer<T>(page: string): Watch<T>
  watchHealth(): Watch<Health>
  /** The list a run was opened from. */
  readonly trail: {
    read(): { readonly ids: readonly string[]; readonly from: string } | null
    leave(trail: { readonly ids: readonly string[]; readonly from: string }): void
  }
  /** @param anything an id, as people paste it */
  lookUp(anything: string): Watch<Resolution>
  /** @param like what they begin with */
  watchValues(field: FilterField, like: string): Watch<ValueList>
  /** It has begun; it ends when it is stopped. */
  searchSpans(filter: RunsFilter): { readonly state: ReadonlySignal<SpanSearchState>; more(): void; stop(): void }
  /** Runs that were looked at in this browser, the latest first. */
  readonly recent: { readonly ids: ReadonlySignal<readonly string[]>; note(id: string): void }
  watchSetup(): Watch<Setup>
  watchInFlight(): Watch<InFlightHistory>
  /** Fetched with the first visit of an investigation, or the first thing that is added to one. */
  investigations(): Promise<Investigations>
  /** @returns the id of the run, or why there is none */
  sendTestRun(): Promise<{ readonly runId: string } | { readonly problem: Problem }>
  /** False when the browser refuses. */
  copy(text: string): Promise<boolean>
  /** Where the page was reached: `laststep.example.com`, without a port. */
  readonly host: string
  /** Keep the screen lit, where the browser lets a page. @returns what lets it sleep again */
  keepLit(): () => void
  // What the reader chose, for this browser.
  readonly theme: Choice<Theme>
  /** Who reads, as they say it themselves; '' when they did not. */
  readonly name: Choice<string>
  readonly density: Choice<Density>
  readonly zone: Choice<Zone>
  readonly keys: Choice<KeyChoice>
  readonly codeLinks: Choice<CodeLinks>
}

export interface Choice<T> {
  readonly choice: ReadonlySignal<T>
  choose(value: T): void
}

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const DENSITIES = ['comfortable', 'compact'] as const
export type Density = (typeof DENSITIES)[number]

export const ScreenContext = createContext<Screen | null>(null)

/** @throws when a view is rendered outside the page. */
export function useScreen(): Screen {
  const screen = useContext(ScreenContext)
  if (screen === null) throw new Error('a view needs <ScreenContext.Provider>; main.tsx gives it')
  return screen
}
