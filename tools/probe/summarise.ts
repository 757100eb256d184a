import { ruleOf, type Progression } from '../../collector/progression.ts'
import type { Millis } from '../../contract/units.ts'
import { quantilesOf, type Quantiles } from '../quantiles.ts'
import type { RunView } from './run-view.ts'

/** One kind of event over all runs. */
export interface EventSummary {
  readonly event: string
  readonly need: 'required' | 'critical' | 'optional' | 'unknown'
  /** Runs in which it came. */
  readonly runs: number
  /** From the request to the first of each run; from asking for a connection where it is that. */
  readonly after: Quantiles
  /** The longest silence before one of them, over all runs, and the limit it was held against. */
  readonly waitedMs: Millis | null
  readonly limitMs: Millis | null
}

export interface Summary {
  readonly runs: number
  readonly passed: number
  readonly failed: number
  /** `ready` first, then what the contract names, then the rest, each as it came. */
  readonly events: readonly EventSummary[]
}

/** The name under which the time until a connection may ask is listed. */
export const READY = 'ready'

export function summarise(views: readonly RunView[], progression: Progression): Summary {
  const passed = views.filter(({ problems }) => problems.length === 0).length
  const readies = views.map(({ readyMs }) => readyMs).filter((ms) => ms !== null)
  const ready: EventSummary = {
    event: READY,
    need: 'required',
    runs: readies.length,
    after: quantilesOf(readies),
    waitedMs: readies.length === 0 ? null : Math.max(...readies),
    limitMs: progression.budgets.ready.stalledMs,
  }
  const names = new Set([...progression.critical, ...progression.required].filter((key) => !key.includes('*')))
  const seen = views.flatMap((view) => view.seen.map(({ event }) => event))
  const byArrival = [...new Set(seen)].map((event) => summaryOf(event, views, progression))
  const never = [...names].filter((event) => !seen.includes(event)).map((event) => summaryOf(event, views, progression))
  const came = byArrival.toSorted((a, b) => a.after.p50 - b.after.p50)
  return { runs: views.length, passed, failed: views.length - passed, events: [ready, ...came, ...never] }
}

function summaryOf(event: string, views: readonly RunView[], progression: Progression): EventSummary {
  const all = views.map((view) => view.seen.filter((each) => each.event === event)).filter((each) => each.length > 0)
  const firsts = all.map(([first]) => first?.afterMs ?? 0)
  // The one that came nearest to its limit.
  const closest = all.flat().toSorted((a, b) => shareOf(b) - shareOf(a))[0]
  const rule = ruleOf(progression, event)
  const need = progression.required.includes(rule?.key ?? '')
    ? 'required'
    : progression.critical.includes(rule?.key ?? '')
      ? 'critical'
      : rule === null
        ? 'unknown'
        : 'optional'
  return {
    event,
    need,
    runs: all.length,
    after: quantilesOf(firsts),
    waitedMs: closest?.waitedMs ?? null,
    limitMs: closest?.limitMs ?? null,
  }
}

const shareOf = ({ waitedMs, limitMs }: { waitedMs: Millis; limitMs: Millis | null }): number =>
  limitMs === null ? waitedMs / Number.MAX_SAFE_INTEGER : waitedMs / limitMs
