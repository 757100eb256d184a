import { ATTR } from '../../contract/attributes.ts'
import type { TraceId } from '../../contract/ids.ts'
import type { Instant } from '../../contract/units.ts'
import { isKnown, ruleOf } from '../progression.ts'
import type { DeliverySignal, PulseSignal, RunSignal, Signal, Source, SpanSignal } from '../signal.ts'
import { addRun, goBy, indexInstance } from './add-run.ts'
import { awaitsPulse } from './awaits-pulse.ts'
import { touch, touchTrace, type Batch, type Scene } from './batch.ts'
import { addTo, runOf, type BookRun, type BookState } from './book-state.ts'
import { foldConnection } from './fold-connection.ts'
import { foldDelivery } from './fold-delivery.ts'
import { beatLookAt, changesVerdicts, foldPulse, isStale, isStartOverdue, isUnlisted } from './fold-pulse.ts'
import { foldRun } from './fold-run.ts'
import { addSpan, foldSpan, noteProgress, signalFromPulse } from './fold-span.ts'
import { hearShelved } from './hear-shelved.ts'
import { recognise } from './recognise/recognise.ts'
import { recallInstance } from './shelve.ts'
import { keepAsWas } from './snapshot-writer.ts'
import { takeUp } from './take-up.ts'
import { nameRun, openTrace, type Trace } from './trace.ts'

/** Take one signal to the facts it is about, and note in the batch which traces and runs that touched. */
export function foldSignal(state: BookState, batch: Batch, signal: Signal, scene: Scene): void {
  switch (signal.kind) {
    case 'span':
      return takeSpan(state, batch, signal, scene)
    case 'pulse':
      return takePulse(state, batch, signal, scene)
    case 'run': {
      if (signal.state === 'progressed') return showWork(state, batch, signal, scene)
      const run = runNamed(state, signal, scene)
      if (run === null) return
      bindTrace(state, batch, run, signal, scene)
      touch(batch, run, foldRun(run.facts, signal, scene.now))
      takeUp(state, batch, run)
      return
    }
    case 'delivery': {
      const run = runNamed(state, signal, scene)
      if (run === null) return
      bindTrace(state, batch, run, signal, scene)
      if (signal.connectionId !== null) addTo(state.runsOfConnection, signal.connectionId, run.facts.id)
      run.facts.contract ??= signal.source.contract
      const progression = scene.contracts.of(run.facts.contract)
      const before = run.facts.instance
      const emitted = run.facts.messagesEmitted
      touch(batch, run, foldDelivery(run.facts, signal, progression, scene.now))
      // Its way to the user is no progress of the step that it came from, nor is it to be told of again.
      const isNew = run.facts.messagesEmitted > emitted
      const rule = ruleOf(progression, signal.event)
      if (isNew && rule !== null) creditMessage(state, batch, signal, rule.thought, scene.now)
      if (isNew) noteStray(state, batch, signal, run, scene.now)
      if (isNew && !isKnown(progression, signal.event)) countUnknown(state, signal.event)
      return indexInstance(state, run, before)
    }
    case 'connection': {
      const held = state.connections.get(signal.connectionId) ?? null
      for (const id of state.runsOfConnection.get(signal.connectionId) ?? []) judgeAgain(state, batch, id)
      state.connections.set(
        signal.connectionId,
        foldConnection(held, signal, state.sources.find(signal.source), scene.now),
      )
      return
    }
    case 'log':
      return showLife(state, signal.traceId, scene.now)
  }
}

function takeSpan(state: BookState, batch: Batch, signal: SpanSignal, scene: Scene): void {
  // The spans of a trace come together: most are in the trace of the one before.
  const isNext = batch.latest?.traceId === signal.traceId && !batch.latest.hasDeparted
  const held = isNext && batch.latest !== null ? batch.latest : state.traces.get(signal.traceId)
  const span = held?.spans.get(signal.spanId)
  if (span === undefined && isTooLate(state, held, signal)) {
    state.counters.tooLate++
    return
  }
  if (held !== undefined) keepAsWas(state, held)
  const trace = held ?? newTrace(state, signal.traceId, scene.now)
  trace.heardAt = scene.now
  batch.latest = trace
  const news =
    span === undefined
      ? addSpan(trace, signal, state.sources.find(signal.source), scene.now)
      : foldSpan(trace, span, signal, scene.now)
  // An agent inside a run is held there as a step, which is a copy of its span: of a heartbeat it must be made anew.
  const isAgentBeat = news === 'alive' && span?.role === 'run' && span.repeatedEvery !== null
  if (news === 'progress') touchTrace(batch, trace, 'progress')
  if (news === 'news' || isAgentBeat) touchTrace(batch, trace, 'news')
  if (news === 'alive') showLife(state, signal.traceId, scene.now)
}

/** Whether a span's run has left. In a trace that outlives its runs only a new run, or a new run's id, is let in. */
function isTooLate(state: BookState, trace: Trace | undefined, signal: SpanSignal): boolean {
  const runId = signal.known[ATTR.runId]
  if (typeof runId === 'string' && (state.departed.hasRun(runId) || runOf(state, runId)?.isSealed)) return true
  if (!(trace === undefined ? state.departed.hasTrace(signal.traceId) : trace.hasDeparted)) return false
  if (state.departed.hasSpan(signal.traceId, signal.spanId)) return true
  return trace === undefined && runId === undefined && recognise(signal.name, signal.known).role !== 'run'
}

function takePulse(state: BookState, batch: Batch, signal: PulseSignal, scene: Scene): void {
  const { instance } = signal.source
  if (instance === null) return
  const before = state.instances.get(instance) ?? null
  if (before !== null && isStale(signal, before)) return
  const after = foldPulse(before, signal, scene.now)
  const isProof = signal.openNotListed === 0
  const mustJudge = changesVerdicts(before, after, scene.contracts.of(signal.source.contract))
  // What they were judged to be rests on what their process was then.
  if (mustJudge) recallInstance(state, instance)
  state.instances.set(instance, after)
  state.beats.set(instance, beatLookAt(after, scene.contracts))
  const quiet = hearShelved(state, signal, instance, isProof, scene.now)
  const listed = new Set(signal.open.map((ref) => ref.spanId))
  for (const ref of signal.open) {
    if (quiet.has(ref.traceId)) continue
    const isKnown = state.traces.get(ref.traceId)?.spans.has(ref.spanId) ?? false
    if (isKnown || isStartOverdue(ref, signal)) takeSpan(state, batch, signalFromPulse(ref, signal.source), scene)
  }
  // In an order that does not depend on which of them were in memory.
  const ids = [...(state.runsOfInstance.get(instance) ?? [])]
  const again = mustJudge ? ids : ids.filter((id) => awaitsPulse(state.runs.get(id), before))
  for (const id of again.sort()) judgeAgain(state, batch, id)
  for (const id of ids) {
    if (isProof) markUnlisted(state, batch, id, signal, listed, scene.now)
  }
}

function markUnlisted(
  state: BookState,
  batch: Batch,
  runId: string,
  signal: PulseSignal,
  listed: ReadonlySet<string>,
  now: Instant,
): void {
  const run = state.runs.get(runId)
  if (run === undefined) return
  keepAsWas(state, run)
  for (const { traceId, members } of run.homes) {
    const trace = state.traces.get(traceId)
    for (const span of members) {
      const isOurs = span.endedAt === null && !span.unreported && span.source.instance === signal.source.instance
      if (!isOurs || trace === undefined || !isUnlisted(span, signal, listed, now)) continue
      span.unreported = true
      // It has ended, which is progress; the record that says how may only be slower than the pulse.
      noteProgress(span, now)
      span.isNews = true
      touchTrace(batch, trace, 'news')
    }
  }
}

/** Nothing came that a person would see of the run itself, but a verdict on it may change. */
function judgeAgain(state: BookState, batch: Batch, runId: string): void {
  const run = state.runs.get(runId)
  if (run !== undefined) touch(batch, run, false)
}

/** The run a message or record names. A run already shown without that name takes it on. */
function runNamed(
  state: BookState,
  signal: { readonly runId: string; readonly traceId: TraceId | null; readonly source: Source },
  scene: Scene,
): BookRun | null {
  const held = runOf(state, signal.runId)
  if (held !== undefined) keepAsWas(state, held)
  if (held !== undefined) return held
  if (state.departed.hasRun(signal.runId)) {
    state.counters.tooLate++
    return null
  }
  const [only, another] = state.traces.get(signal.traceId ?? '')?.runs ?? []
  const isUnnamed = only !== undefined && another === undefined && !only[0].startsWith('id:')
  const unnamed = isUnnamed ? state.runs.get(only[1]) : undefined
  if (unnamed === undefined) return addRun(state, signal.runId, signal.source, scene)
  keepAsWas(state, unnamed)
  goBy(state, unnamed, signal.runId)
  return unnamed
}

function bindTrace(
  state: BookState,
  batch: Batch,
  run: BookRun,
  signal: { readonly runId: string; readonly traceId: TraceId | null; readonly spanId: string | null },
  scene: Scene,
): void {
  if (signal.traceId === null || run.isSealed) return
  const trace = state.traces.get(signal.traceId) ?? newTrace(state, signal.traceId, scene.now)
  keepAsWas(state, trace)
  state.homeless.delete(trace.traceId)
  if (nameRun(trace, signal.runId, signal.spanId)) touchTrace(batch, trace, 'news')
}

/** A message sent from inside a step is progress of that step and of those around it; a thought only shows their life. */
function creditMessage(
  state: BookState,
  batch: Batch,
  { traceId, spanId }: DeliverySignal,
  isThought: boolean,
  now: Instant,
): void {
  if (traceId === null || spanId === null) return
  const trace = state.traces.get(traceId)
  if (trace === undefined) return
  keepAsWas(state, trace)
  let span = trace.spans.get(spanId)
  for (let depth = 0; span !== undefined && depth < 64; depth++) {
    if (span.endedAt === null && (isThought ? (span.thoughtAt ?? 0) : span.progressAt) < now) {
      if (isThought) span.thoughtAt = now
      else noteProgress(span, now)
      // Its run may be shown under another name than the message gives.
      span.isNews = true
      touchTrace(batch, trace, 'news')
    }
    span = span.parentSpanId === null ? undefined : trace.spans.get(span.parentSpanId)
  }
}

/**
 * A message from inside a run's own span, under an id that is not the run's: who follows the run does not get it. The first
 * is kept, unless only a later one's span says where in the code it is.
 */
function noteStray(state: BookState, batch: Batch, signal: DeliverySignal, told: BookRun, now: Instant): void {
  const { traceId, spanId, runId, event, seq } = signal
  if (traceId === null || spanId === null) return
  const spans = state.traces.get(traceId)?.spans
  const span = spans?.get(spanId)
  let around = span
  for (let depth = 0; around?.parentSpanId && !around.named?.runId && depth < 64; depth++)
    around = spans?.get(around.parentSpanId)
  const named = around?.named?.runId ?? null
  const run = named === null ? undefined : runOf(state, named)
  if (span === undefined || run === undefined || run === told) return
  const held = run.facts.stray
  if (held !== null && (held.code !== null || span.code === null)) return
  keepAsWas(state, run)
  run.facts.stray = { runId, event, seq, at: now, spanId, spanName: span.name, code: span.code }
  touch(batch, run, false)
}

/** An agent says that it works: the run it names has, else every run of its trace. */
function showWork(state: BookState, batch: Batch, signal: RunSignal, scene: Scene): void {
  const named = runOf(state, signal.runId)?.facts.id
  const ids = named === undefined ? (state.traces.get(signal.traceId ?? '')?.runs.values() ?? []) : [named]
  for (const id of ids) {
    const run = state.runs.get(id)
    if (run === undefined) continue
    keepAsWas(state, run)
    touch(batch, run, foldRun(run.facts, signal, scene.now))
  }
}

/** Types a sender may make up; the rest are counted together. */
const UNKNOWN_TYPES_MAX = 64

function countUnknown({ unknownEvents }: BookState, event: string): void {
  const isListed = Object.hasOwn(unknownEvents, event)
  const type = isListed || Object.keys(unknownEvents).length < UNKNOWN_TYPES_MAX ? event : 'other types'
  unknownEvents[type] = (isListed || type !== event ? (unknownEvents[type] ?? 0) : 0) + 1
}

function newTrace(state: BookState, traceId: TraceId, now: Instant): Trace {
  const trace = openTrace(traceId, now, state.departed.hasTrace(traceId), state.snapshots)
  state.traces.set(traceId, trace)
  state.homeless.add(traceId, now)
  return trace
}

function showLife(state: BookState, traceId: TraceId, now: Instant): void {
  const trace = state.traces.get(traceId)
  if (trace === undefined) return
  keepAsWas(state, trace)
  for (const id of trace.runs.values()) {
    const run = state.runs.get(id)
    if (run !== undefined) run.facts.heardAt = Math.max(run.facts.heardAt, now)
  }
}
