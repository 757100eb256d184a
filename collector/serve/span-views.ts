/** The spans of a run as its page shows them. */
import { ATTR } from '../../contract/attributes.ts'
import type { SpanId, TraceId } from '../../contract/ids.ts'
import type { Phase } from '../../contract/phases.ts'
import type { Attributes, CodeLocation, RunDetail, SpanView } from '../../contract/runs.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { FullSpan, Records } from '../record.ts'
import type { OpenSpan } from '../run.ts'
import { KNOWN_KEYS, type Known } from '../signal.ts'
import { idsOf, type StoredRun } from '../stored-run.ts'
import { findPatterns } from './find-patterns.ts'
import { listSubAgents } from './list-sub-agents.ts'
import { mergeSpans, type MergedSpan } from './merge-spans.ts'
import { groupLeftOut, NO_WISH, pickSpans, SPANS_MAX, type SpanWish } from './pick-spans.ts'

/** What spans are, by their names and the attributes that say so. */
export interface Meaning {
  phaseOf(name: string, known: Known): Phase | null
  agentOf(name: string, known: Known): string | null
}

export interface SpanViews extends Pick<RunDetail, 'subAgents' | 'patterns' | 'leftOut'> {
  /** By their start. */
  readonly spans: readonly SpanView[]
  readonly total: number
}

/**
 * @param records of the run's own bytes; spans of other runs among them are left out
 * @param open what the run book holds open: it knows of spans that only a pulse told of, and which a pulse missed
 * @param wish what to have among them when there are more than `SPANS_MAX`; `all` for all of them
 */
export function spanViews(
  run: Pick<StoredRun, 'row' | 'otherIds' | 'verdict'>,
  records: Records,
  open: readonly OpenSpan[],
  { phaseOf, agentOf }: Meaning,
  wish: SpanWish | 'all' = NO_WISH,
): SpanViews {
  const { traceId } = run.row
  const merged = mergeSpans(records.spans.filter((span) => span.traceId === traceId))
  const own = ownSpans(idsOf(run), merged)
  const heard = lastHeard(own, records)
  const openById = new Map(open.map((span) => [span.spanId, span]))
  const views = own.map((span) =>
    viewOf(span, heard.get(span) ?? span.heardAt, openById.get(span.last.spanId), phaseOf),
  )
  const told = new Set(own.map((span) => span.last.spanId))
  for (const span of open) if (!told.has(span.spanId)) views.push(viewOfUntold(span, traceId ?? ''))
  const agents = new Map<SpanId, string>()
  for (const { spanId, name, attributes } of views) {
    const agent = agentOf(name, knownOf(attributes))
    if (agent !== null && agent !== run.row.agent) agents.set(spanId, agent)
  }
  const isWhole = wish === 'all'
  const spans = pickSpans(views, isWhole ? views.length : SPANS_MAX, quotedBy(run.verdict), isWhole ? NO_WISH : wish)
  return {
    spans,
    total: views.length,
    leftOut: groupLeftOut(views, spans),
    subAgents: listSubAgents(views, agents),
    patterns: findPatterns(views, agents),
  }
}

function quotedBy({ evidence, step }: StoredRun['verdict']): ReadonlySet<SpanId> {
  const quoted = evidence.flatMap(({ ref }) => (ref?.startsWith('span:') ? [ref.slice('span:'.length)] : []))
  return new Set(step?.spanId ? [...quoted, step.spanId] : quoted)
}

/** `shared`: above or beside every run of the trace, such as the span of a session. */
type Owner = 'ours' | 'others' | 'shared'

/** A trace may hold several runs: a span belongs to the nearest run above it that has a name, and to a run around that. */
function ownSpans(ids: ReadonlySet<string>, spans: readonly MergedSpan[]): MergedSpan[] {
  const byId = new Map(spans.map((span) => [span.last.spanId, span]))
  const owners = new Map<MergedSpan, Owner>()
  for (const span of spans) {
    // Up to a span whose owner is known, then down again. A chain that bites its own tail ends where it was entered.
    const path = new Set<MergedSpan>()
    let up: MergedSpan | undefined = span
    while (up !== undefined && !owners.has(up) && !path.has(up)) {
      path.add(up)
      up = byId.get(up.parentSpanId ?? '')
    }
    let above: Owner = (up && owners.get(up)) ?? 'shared'
    for (const below of [...path].toReversed()) {
      above = ownerOf(below, above, ids)
      owners.set(below, above)
    }
  }
  return spans.filter((span) => owners.get(span) !== 'others')
}

function ownerOf(span: MergedSpan, above: Owner, ids: ReadonlySet<string>): Owner {
  const named = span.attributes[ATTR.runId]
  // A run inside ours (an agent that calls an agent) is shown with it.
  if (above === 'ours') return 'ours'
  if (typeof named !== 'string') return above
  return ids.has(named) ? 'ours' : 'others'
}

/** A sign of life inside a span is one of itself, of what runs below it, and of what was sent or logged in it. */
function lastHeard(spans: readonly MergedSpan[], records: Records): Map<MergedSpan, Instant> {
  const byId = new Map(spans.map((span) => [span.last.spanId, span]))
  const heard = new Map<MergedSpan, Instant>()
  const hear = (from: MergedSpan | undefined, at: Instant): void => {
    // Upwards until someone has heard later news; that also ends a chain that bites its own tail.
    let span = from
    while (span !== undefined && (heard.get(span) ?? 0) < at) {
      heard.set(span, at)
      span = byId.get(span.parentSpanId ?? '')
    }
  }
  for (const span of spans) hear(span, span.heardAt)
  for (const log of records.logs) {
    // Of a message only its sending is the span's doing; the client may confirm it much later.
    const at =
      log.signal?.kind === 'delivery' ? log.signal.states.find((reached) => reached.state === 'emitted')?.at : log.at
    if (log.spanId !== null && at !== undefined) hear(byId.get(log.spanId), at)
  }
  return heard
}

function viewOf(span: MergedSpan, heardAt: Instant, open: OpenSpan | undefined, phaseOf: Meaning['phaseOf']): SpanView {
  const { last, attributes } = span
  return {
    traceId: last.traceId,
    spanId: last.spanId,
    parentSpanId: span.parentSpanId,
    name: last.name,
    phase: phaseOf(last.name, knownOf(attributes)),
    startedAt: toIso(last.startedAt),
    endedAt: last.endedAt === null ? null : toIso(last.endedAt),
    lastHeardAt: toIso(last.endedAt ?? heardAt),
    openState: openStateOf(last, span.stopReason, open),
    status: last.status,
    statusMessage: last.statusMessage,
    code: codeOf(attributes),
    attributes,
    events: last.events.map(({ name, at, attributes }) => ({ name, at: toIso(at), attributes })),
  }
}

/** A span only a pulse told of: its process was stuck before the span's first record left it. */
function viewOfUntold(span: OpenSpan, traceId: TraceId): SpanView {
  return {
    traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    phase: span.phase,
    startedAt: toIso(span.startedAt),
    endedAt: null,
    lastHeardAt: toIso(span.startedAt),
    openState: span.unreported ? 'unreported' : span.stopReason === null ? 'open' : 'stopped',
    status: 'unset',
    statusMessage: null,
    code: span.code,
    attributes: {},
    events: [],
  }
}

function openStateOf(last: FullSpan, stopReason: string | null, open: OpenSpan | undefined): SpanView['openState'] {
  if (last.endedAt !== null) return null
  if (open?.unreported) return 'unreported'
  return stopReason === null && (open?.stopReason ?? null) === null ? 'open' : 'stopped'
}

export function knownOf(attributes: Attributes): Known {
  const known: Record<string, string | number | boolean> = {}
  for (const key of KNOWN_KEYS) {
    const value = attributes[key]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') known[key] = value
  }
  return known
}

function codeOf(attributes: Attributes): CodeLocation | null {
  const { [ATTR.codeFile]: file, [ATTR.codeLine]: line, [ATTR.codeFunction]: name } = attributes
  if (typeof file !== 'string') return null
  return { file, line: typeof line === 'number' ? line : null, function: typeof name === 'string' ? name : null }
}
