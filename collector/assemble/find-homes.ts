import type { SpanId, TraceId } from '../../contract/ids.ts'
import type { HomeKey, Trace, TraceSpan } from './trace.ts'

/** Deeper than any real agent nests; ends the walk when a sender's parents form a ring. */
const DEPTH_MAX = 64

/** The spans of one run of a trace. */
export interface Home {
  readonly traceId: TraceId
  readonly key: HomeKey
  /** The run-role span; null when it has not been heard of. */
  readonly root: TraceSpan | null
  readonly members: readonly TraceSpan[]
  /** False once ended spans of the trace were let go: what they said is then kept. */
  readonly isWhole: boolean
}

/** What the spans above a span, and it itself, say about its run. Spans of one branch share it. */
export interface Lineage {
  /** The nearest run id. */
  readonly runId: string | null
  /** The outermost run-role span. */
  readonly root: TraceSpan | null
  home: Gathering | null
}

/** A home that is still taking in spans. */
type Gathering = { -readonly [key in keyof Home]: Home[key] } & { readonly members: TraceSpan[] }

/**
 * Sort the spans of a trace into the runs they belong to.
 *
 * A run is the outermost run-role span on its branch, not the trace's root: that is often an HTTP request. A run id on
 * a span counts for everything below it, and names the run-role span above it. Finished children usually arrive
 * before their parents, so a step without a known run waits among the strays: with the trace's only run if it has
 * one, as a run of their own if it has none, and nowhere while it has several.
 */
export function findHomes(trace: Trace): Home[] {
  const homes = new Map<HomeKey, Gathering>()
  const strays: TraceSpan[] = []
  const homeAt = (key: HomeKey): Gathering => {
    const held = homes.get(key)
    const home = held ?? { traceId: trace.traceId, key, root: null, members: [], isWhole: trace.letGo === 0 }
    if (held === undefined) homes.set(key, home)
    return home
  }
  const add = (home: Gathering, span: TraceSpan) => {
    home.members.push(span)
    if (span.role === 'run' || unnamed.has(span)) home.root = outermost(trace, home.root, span)
  }
  inferTools(trace)
  const unnamed = findUnnamedRoots(trace)
  traceLineages(trace, unnamed)
  const names = nameRoots(trace)
  for (const span of trace.spans.values()) {
    const { lineage } = span
    const isRooted =
      lineage !== null && (lineage.runId !== null || (lineage.root !== null && span.role !== 'connection'))
    const hint = isRooted || span.role === 'connection' ? undefined : trace.hints.get(span.spanId)
    if (isRooted) add((lineage.home ??= homeAt(keyOf(lineage, names))), span)
    else if (hint !== undefined) add(homeAt(`id:${hint}`), span)
    else if (span.role === 'step') strays.push(span)
  }
  const shelter = strays.length === 0 ? null : shelterOf(trace, homes, strays)
  if (shelter !== null) for (const span of withSurroundings(trace, strays)) add(homeAt(shelter), span)
  for (const span of trace.spans.values()) span.lineage = null
  return [...homes.values()]
}

/** An open span that says nothing of itself, below a node of tools, is one of them. */
function inferTools(trace: Trace): void {
  for (const span of trace.spans.values()) {
    if (span.role !== 'plumbing' || span.endedAt !== null || span.parentSpanId === null) continue
    if (trace.spans.get(span.parentSpanId)?.holdsTools !== true) continue
    span.role = 'step'
    span.phase = 'tool'
    span.stepName = span.name
  }
}

/** Steps without a run, and the spans around them, which may say whose they are. */
function withSurroundings(trace: Trace, strays: readonly TraceSpan[]): ReadonlySet<TraceSpan> {
  const found = new Set<TraceSpan>()
  for (const stray of strays) {
    let span: TraceSpan | undefined = stray
    for (let depth = 0; span !== undefined && depth < DEPTH_MAX && !found.has(span); depth++) {
      if (span.role === 'step' || span.role === 'plumbing') found.add(span)
      span = span.parentSpanId === null ? undefined : trace.spans.get(span.parentSpanId)
    }
  }
  return found
}

const NO_LINEAGE: Lineage = { runId: null, root: null, home: null }

function traceLineages(trace: Trace, roots: ReadonlySet<TraceSpan>): void {
  for (const span of trace.spans.values()) lineageOf(trace, span, roots, 0)
}

function lineageOf(trace: Trace, span: TraceSpan, roots: ReadonlySet<TraceSpan>, above: number): Lineage {
  if (span.lineage !== null) return span.lineage
  const parent = span.parentSpanId === null ? undefined : trace.spans.get(span.parentSpanId)
  // One text for both: the parent's outlives the record this one came in.
  if (parent !== undefined) span.parentSpanId = parent.spanId
  const from = parent === undefined || above >= DEPTH_MAX ? NO_LINEAGE : lineageOf(trace, parent, roots, above + 1)
  const runId = span.named?.runId ?? from.runId
  const root = from.root ?? (span.role === 'run' || roots.has(span) ? span : null)
  const isSame = runId === from.runId && root === from.root
  return (span.lineage = isSame ? from : { runId, root, home: null })
}

/**
 * The roots of a trace in which no span calls itself a run: graphs with names of their own, spans a user made by hand.
 * A step then belongs to the outermost span around it that is no request on its way, once it is known to be the
 * outermost: a span whose parent has not come may yet turn out to be inside of something.
 */
function findUnnamedRoots(trace: Trace): ReadonlySet<TraceSpan> {
  const roots = new Set<TraceSpan>()
  for (const span of trace.spans.values()) if (span.role === 'run') return NO_ROOTS
  for (const span of trace.spans.values()) {
    if (span.role !== 'step') continue
    let root = span
    let depth = 0
    for (; depth < DEPTH_MAX && root.parentSpanId !== null; depth++) {
      const parent = trace.spans.get(root.parentSpanId)
      if (parent === undefined || parent.role === 'transport' || parent.role === 'connection') break
      root = parent
    }
    const parent = root.parentSpanId === null ? null : trace.spans.get(root.parentSpanId)
    if (parent === undefined || depth === DEPTH_MAX || isToldOf(root)) continue
    roots.add(root)
  }
  return roots
}

const NO_ROOTS: ReadonlySet<TraceSpan> = new Set()

/** A step by Laststep's own attribute belongs to a run that its runtime names in another way. */
function isToldOf({ role, named, phase }: TraceSpan): boolean {
  return role === 'step' && named === null && phase !== 'reasoning' && phase !== 'tool'
}

/**
 * The names of run-role spans that carry none: the run id of a span below, the run whose message was emitted below,
 * or, in a trace of one run, the only one that messages and records speak of.
 */
function nameRoots(trace: Trace): Map<SpanId, string> {
  const names = new Map<SpanId, string>()
  const name = (span: TraceSpan | undefined, runId: string) => {
    const root = span?.lineage?.root
    if (root && !names.has(root.spanId)) names.set(root.spanId, runId)
  }
  const [only, another] = trace.named
  let isHeld = false
  for (const span of trace.spans.values()) {
    const runId = span.named?.runId ?? null
    if (runId === null) {
      // An agent's own id is that of the run when the run is the agent's; sub-agents have ids of their own.
      const callId = span.named?.callId ?? null
      if (callId !== null && agentAround(trace, span) === span.lineage?.root) name(span, callId)
      continue
    }
    isHeld ||= runId === only
    const parent = span.parentSpanId === null ? undefined : trace.spans.get(span.parentSpanId)
    if ((parent?.lineage?.runId ?? null) === null) name(span, runId)
  }
  for (const [spanId, runId] of trace.hints) name(trace.spans.get(spanId), runId)
  if (isHeld || only === undefined || another !== undefined || names.size > 0) return names
  const nameless = new Set<SpanId>()
  for (const { lineage } of trace.spans.values())
    if (lineage !== null && lineage.root !== null && lineage.runId === null) nameless.add(lineage.root.spanId)
  const [first, second] = nameless
  if (first !== undefined && second === undefined) names.set(first, only)
  return names
}

/** The nearest run-role span: the agent whose work a span is. */
function agentAround(trace: Trace, span: TraceSpan): TraceSpan | null {
  let around: TraceSpan | undefined = span
  for (let depth = 0; around !== undefined && depth < DEPTH_MAX; depth++) {
    if (around.role === 'run' || around.parentSpanId === null) return around
    around = trace.spans.get(around.parentSpanId)
  }
  return null
}

function keyOf({ runId, root }: Lineage, names: ReadonlyMap<SpanId, string>): HomeKey {
  const id = runId ?? (root === null ? undefined : names.get(root.spanId))
  return id === undefined ? `span:${root?.spanId ?? ''}` : `id:${id}`
}

function shelterOf(trace: Trace, homes: ReadonlyMap<HomeKey, unknown>, strays: readonly TraceSpan[]): HomeKey | null {
  const known = new Set<HomeKey>([...homes.keys(), ...trace.named.map((id): HomeKey => `id:${id}`)])
  const [only, another] = known
  if (only === undefined) {
    const calls = new Set(strays.map(({ named }) => named?.callId ?? null))
    calls.delete(null)
    const [call, other] = calls
    return call === undefined || call === null || other !== undefined ? 'strays' : `id:${call}`
  }
  return another === undefined ? only : null
}

/** Of two run-role spans of one home, the one nearer to the trace's root; then the earlier by their sender's clock. */
function outermost(trace: Trace, held: TraceSpan | null, span: TraceSpan): TraceSpan {
  if (held === null) return span
  const first =
    depthOf(trace, held) - depthOf(trace, span) ||
    held.startedAt - span.startedAt ||
    (held.spanId < span.spanId ? -1 : 1)
  return first <= 0 ? held : span
}

function depthOf(trace: Trace, span: TraceSpan): number {
  let depth = 0
  for (let above: TraceSpan | undefined = span; above !== undefined && depth < DEPTH_MAX; depth++)
    above = above.parentSpanId === null ? undefined : trace.spans.get(above.parentSpanId)
  return depth
}
