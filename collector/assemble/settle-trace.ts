import type { Instant } from '../../contract/units.ts'
import { addRun, goBy, indexInstance } from './add-run.ts'
import { touch, type Batch, type Scene } from './batch.ts'
import { runOf, type BookRun, type BookState } from './book-state.ts'
import { claimRuns } from './claim-runs.ts'
import { noteTerminal } from './decide-outcome.ts'
import { findHomes, type Home } from './find-homes.ts'
import { lookUpLearned } from './learn/look-up-learned.ts'
import { projectRun } from './project-run.ts'
import { keepAsWas } from './snapshot-writer.ts'
import { takeUp } from './take-up.ts'
import type { Trace, TraceSpan } from './trace.ts'

/** Sort the spans of a trace into runs, and write into these what their spans say. */
export function settleTrace(state: BookState, batch: Batch, trace: Trace, scene: Scene): void {
  keepAsWas(state, trace)
  trace.settleAt = null
  if (trace.isMoved) settleAnew(state, batch, trace, scene)
  else
    for (const [key, runId] of trace.runs) {
      const run = state.runs.get(runId)
      const home = run?.homes.find((each) => each.traceId === trace.traceId && each.key === key)
      if (run !== undefined && home !== undefined) settleHome(state, batch, run, home, false, scene)
    }
}

function settleAnew(state: BookState, batch: Batch, trace: Trace, scene: Scene): void {
  trace.isMoved = false
  const homes = findHomes(trace)
  const { claims, void: withdrawn } = claimRuns(trace, homes, (id) => runOf(state, id)?.facts.id ?? null)
  for (const { runId, newName, home } of claims) {
    const [first] = home.members
    const run = state.runs.get(runId) ?? (first ? addRun(state, runId, first.source, scene) : null)
    if (run === null || run.isSealed) continue
    keepAsWas(state, run)
    if (newName !== null) goBy(state, run, newName)
    const before = replaceHome(run, home)
    settleHome(state, batch, run, home, before?.members.length !== home.members.length, scene)
  }
  for (const runId of withdrawn) withdraw(state, batch, trace, runId, scene.now)
  if (claims.length > 0) state.homeless.delete(trace.traceId)
  else state.homeless.add(trace.traceId, scene.now)
}

/** Homes stand in the order of their traces' ids, in whatever order they came. @returns the one it had in that trace before. */
export function replaceHome(run: BookRun, home: Home): Home | undefined {
  const at = run.homes.findIndex((each) => each.traceId === home.traceId)
  const before = run.homes[at]
  if (at < 0) run.homes = [...run.homes, home].sort((a, b) => (a.traceId < b.traceId ? -1 : 1))
  else run.homes[at] = home
  return before
}

function settleHome(
  state: BookState,
  batch: Batch,
  run: BookRun,
  home: Home,
  isMoved: boolean,
  { contracts, now }: Scene,
): void {
  // Not when it is settled: what waited for that may have come before a gap.
  let heardAt = isMoved ? now : 0
  for (const span of home.members) {
    if (!span.isNews) continue
    span.isNews = false
    heardAt = Math.max(heardAt, span.heardAt, span.progressAt, span.thoughtAt ?? 0)
    noteFinished(run, span)
  }
  const { instance, agent } = run.facts
  projectRun(run.facts, run.homes)
  indexInstance(state, run, instance)
  lookUpLearned(state, run, contracts, run.facts.agent !== agent)
  takeUp(state, batch, run)
  if (heardAt === 0) return
  run.facts.heardAt = Math.max(run.facts.heardAt, heardAt)
  touch(batch, run, true)
}

/** Runs whose spans turned out to be part of another run are closed, so that nobody waits for them. */
function withdraw(state: BookState, batch: Batch, trace: Trace, runId: string, now: Instant): void {
  const run = state.runs.get(runId)
  const kept = run?.homes.filter((home) => home.traceId !== trace.traceId)
  if (run === undefined || kept === undefined || kept.length === run.homes.length) return
  run.homes = kept
  const reason = 'its spans turned out to belong to another run of its trace'
  const terminal = { by: 'record', outcome: 'cancelled', event: null, seq: 0, reason, at: now, saidAt: now } as const
  run.facts.tellsRecords = true
  noteTerminal(run.facts, terminal)
  projectRun(run.facts, run.homes)
  touch(batch, run, true)
}

function noteFinished(run: BookRun, span: TraceSpan): void {
  if (span.phase === null || span.finishedAt === null) return
  run.finished.push({ phase: span.phase, ms: Math.max(0, span.finishedAt - span.startedAt) })
}
