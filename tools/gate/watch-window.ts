import { sleep, type Clock } from '../../contract/clock.ts'
import { fromIso, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { gapsWithin, NoAnswer, type CollectorApi } from './ask-collector.ts'
import type { GateFacts } from './decide-gate.ts'
import { standingOf } from './weigh-runs.ts'

/** Which runs a gate is about. */
export interface Window {
  /** How far back, or from when. */
  readonly since: Millis | string
  readonly environment: string | null
  readonly agent: string | null
  /** Only of this version; null: of every version but the one compared with. */
  readonly release: string | null
  readonly compareTo: string | null
  /** How long to wait for runs that are still open. */
  readonly waitMs: Millis
  readonly maxOpen: number
}

/** A gate looks at no more; they are the newest. */
const RUNS_MAX = 20_000
const LOOK_AGAIN: Millis = 1_000

/**
 * Ask for the runs that began in the window, again and again until few enough are open or the patience is over. The window
 * ends now, so that runs which begin meanwhile keep nobody waiting.
 */
export async function watchWindow(api: CollectorApi, window: Window, clock: Clock): Promise<GateFacts> {
  try {
    const { now } = await api.now()
    const patience = clock.now() + window.waitMs
    for (;;) {
      const facts = await look(api, window, now)
      const open = facts.rows.filter((row) => standingOf(row) === 'open').length
      if (open <= window.maxOpen || clock.now() >= patience) return facts
      await sleep(clock, LOOK_AGAIN)
    }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { unseen: error.message }
  }
}

async function look(api: CollectorApi, window: Window, now: Instant) {
  const { release, compareTo } = window
  const place = {
    ...(window.environment === null ? {} : { environment: window.environment }),
    ...(window.agent === null ? {} : { agent: window.agent }),
  }
  const since = typeof window.since === 'string' ? fromIso(window.since) : now - window.since
  const times = { since: toIso(since), until: toIso(now) }
  const version = release === null ? {} : { version: release }
  const rows = await api.runs({ ...place, ...times, ...version }, RUNS_MAX)
  const before =
    compareTo === null ? null : { version: compareTo, rows: await api.runs({ ...place, version: compareTo }, RUNS_MAX) }
  const { gaps } = await api.now()
  return {
    rows: rows.filter((row) => compareTo === null || row.version !== compareTo),
    before,
    doubts: await api.doubts(),
    gaps: gapsWithin(gaps, since, now),
  }
}
