import type { Home } from './find-homes.ts'
import type { HomeKey, Trace } from './trace.ts'

/** The id a run is kept under, given any id it goes by; null when it is not known. */
export type Resolve = (id: string) => string | null

export interface Claim {
  readonly runId: string
  /** An id that its spans name and nobody goes by yet. */
  readonly newName: string | null
  readonly home: Home
}

/**
 * Give each home of a trace its run id.
 *
 * A run keeps the first id it was shown under. When its run span turns up after its children, or a run id after its
 * run span, the home changes and the run moves with it. A run without an id of its own is named after its trace, the
 * second one in a trace after its span as well.
 * @returns the claims, and the ids of runs whose spans turned out to belong to another run.
 */
export function claimRuns(trace: Trace, homes: readonly Home[], resolve: Resolve): { claims: Claim[]; void: string[] } {
  const present = new Set(trace.runs.size === 0 ? [] : homes.map((home) => home.key))
  const vacated = [...trace.runs.keys()].filter((key) => !present.has(key))
  const claims = homes.map((home) => {
    const named = home.key.startsWith('id:') ? home.key.slice('id:'.length) : null
    const known = named === null ? null : resolve(named)
    const runId =
      trace.runs.get(home.key) ?? known ?? moveIn(trace, vacated.shift()) ?? named ?? nameAfter(trace, home, resolve)
    trace.runs.set(home.key, runId)
    return { runId, newName: known === null && named !== runId ? named : null, home }
  })
  const left = vacated.flatMap((key) => moveIn(trace, key) ?? [])
  return { claims, void: left.filter((id) => !claims.some((claim) => claim.runId === id)) }
}

/** Take over the run of a home that is no more. */
function moveIn(trace: Trace, key: HomeKey | undefined): string | null {
  if (key === undefined) return null
  const runId = trace.runs.get(key) ?? null
  trace.runs.delete(key)
  return runId
}

function nameAfter(trace: Trace, home: Home, resolve: Resolve): string {
  const isTaken = resolve(trace.traceId) !== null || [...trace.runs.values()].includes(trace.traceId)
  return isTaken ? `${trace.traceId}:${home.root?.spanId ?? 'strays'}` : trace.traceId
}
