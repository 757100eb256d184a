/** A run's spans as the rows of a waterfall: children under parents, in order of start, times from the run's start. */
import type { SpanId } from '../../contract/ids.ts'
import type { IsoTime, RunDetail, SpanView } from '../../contract/runs.ts'
import { fromIso, type Instant, type Millis } from '../../contract/units.ts'
import { formatLength, speakDuration } from './format.ts'

/** The colour of a bar: neutral unless it says something. */
export type Tone = 'plain' | 'failed' | 'stalled' | 'slow' | 'lost' | 'waiting'

export interface TimelineRow {
  /** The span's id, or the missing parent's. */
  readonly id: SpanId
  /** Null for a parent that was named but never received. */
  readonly span: SpanView | null
  readonly depth: number
  readonly hasChildren: boolean
  /** Index of the parent's row; -1 at the top. */
  readonly parent: number
  readonly start: Millis
  /** Null while nobody knows the end. */
  readonly end: Millis | null
  /** Until here something was heard from inside the span; the rest of an open bar is hatched. */
  readonly heard: Millis
  /** An open bar that must not grow: its process is gone or said goodbye. Null when it grows (or has an end). */
  readonly halted: Millis | null
  /** The run's present limit passes here; only on the row of the step being judged. */
  readonly limit: Millis | null
  readonly tone: Tone
}

export interface Timeline {
  /** Instant of zero on the axis. */
  readonly origin: Instant
  readonly rows: readonly TimelineRow[]
  /** The last moment anything here is known to have happened. */
  readonly lastAt: Millis
  /** True when at least one bar grows. */
  readonly isGrowing: boolean
}

export function buildTimeline(run: RunDetail): Timeline {
  const spans = [...run.spans].sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0))
  const origin = Math.min(fromIso(run.startedAt), ...spans.slice(0, 1).map((span) => fromIso(span.startedAt)))
  const known = new Set(spans.map((span) => span.spanId))
  const children = new Map<SpanId | null, SpanView[]>()
  for (const span of spans) {
    const parent = parentInView(span, known, spans[0])
    const siblings = children.get(parent)
    if (siblings) siblings.push(span)
    else children.set(parent, [span])
  }
  // A parent that others name but that never came is shown, not silently skipped.
  const missing = [...children.keys()].filter((id): id is SpanId => id !== null && !known.has(id))
  const tops = [
    ...(children.get(null) ?? []).map((span) => topNode(span.spanId, span, span.startedAt)),
    ...missing.map((id) => topNode(id, null, children.get(id)?.[0]?.startedAt ?? run.startedAt)),
  ].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))

  const rows: TimelineRow[] = []
  const stack = tops.toReversed()
  for (let next = stack.pop(); next; next = stack.pop()) {
    const below = children.get(next.id) ?? []
    const index = rows.push(makeRow(next, below.length > 0, run, origin)) - 1
    for (const span of below.toReversed())
      stack.push({ id: span.spanId, span, startedAt: span.startedAt, depth: next.depth + 1, parent: index })
  }
  const confirmations = run.deliveries.flatMap(({ states }) => states.slice(-1).map(({ at }) => fromIso(at) - origin))
  return {
    origin,
    rows,
    lastAt: [...rows.map((row) => row.end ?? row.halted ?? row.heard), ...confirmations].reduce(larger, 0),
    isGrowing: rows.some(isGrowing),
  }
}

function larger(a: number, b: number): number {
  return Math.max(a, b)
}

export function isGrowing(row: TimelineRow): boolean {
  return row.span !== null && row.end === null && row.halted === null
}

/** Where a row's bar ends when it is `now` (ms from the origin). */
export function barEnd(row: TimelineRow, now: Millis): Millis {
  return Math.max(row.start, row.end ?? row.halted ?? now)
}

/** `2.8 s`, `4 m 12 s — open`, `1.2 s — end not reported`. */
export function barLabel(row: TimelineRow, now: Millis): string {
  if (row.span === null) return ''
  const length = formatLength(barEnd(row, now) - row.start)
  if (row.end !== null) return length
  if (row.span.openState === 'unreported') return `${length} — end not reported`
  if (row.span.openState === 'stopped') return `${length} — process stopped`
  return row.halted === null ? `${length} — open` : `${length} — open ?`
}

/** What a screen reader says for a row. */
export function speakRow(row: TimelineRow, now: Millis): string {
  const level = `level ${row.depth + 1}`
  if (row.span === null) return `parent ${row.id}, not received, ${level}`
  const parts = [row.span.name, speakDuration(barEnd(row, now) - row.start), level]
  if (row.end === null) parts.splice(1, 0, 'open')
  if (row.tone !== 'plain') parts.splice(-1, 0, row.tone)
  return parts.join(', ')
}

/**
 * The parent to hang a span under. The first span's parent is the caller's, outside the run, and is no loss; any other
 * parent we never received is.
 */
function parentInView(span: SpanView, known: ReadonlySet<SpanId>, first: SpanView | undefined): SpanId | null {
  const parent = span.parentSpanId
  if (parent === null || parent === span.spanId) return null
  return known.has(parent) || parent !== first?.parentSpanId ? parent : null
}

interface Node {
  readonly id: SpanId
  readonly span: SpanView | null
  readonly startedAt: IsoTime
  readonly depth: number
  readonly parent: number
}

function topNode(id: SpanId, span: SpanView | null, startedAt: IsoTime): Node {
  return { id, span, startedAt, depth: 0, parent: -1 }
}

function makeRow(node: Node, hasChildren: boolean, run: RunDetail, origin: Instant): TimelineRow {
  const { id, span, depth, parent } = node
  const start = fromIso(node.startedAt) - origin
  const place = { id, span, depth, hasChildren, parent, start }
  if (span === null) return { ...place, end: start, heard: start, halted: null, limit: null, tone: 'plain' }

  const isJudged = span.spanId === run.verdict.step?.spanId
  const heard = Math.max(start, fromIso(span.lastHeardAt) - origin)
  return {
    ...place,
    end: span.endedAt === null ? null : fromIso(span.endedAt) - origin,
    heard,
    halted: span.endedAt === null ? haltOf(span, run, heard, origin) : null,
    limit: isJudged && run.verdict.deadline !== null ? fromIso(run.verdict.deadline) - origin : null,
    tone: toneOf(span, isJudged, run),
  }
}

/** A lost process's spans grow to the moment we called it lost and no further: nothing is known after that. */
function haltOf(span: SpanView, run: RunDetail, heard: Millis, origin: Instant): Millis | null {
  if (span.openState !== 'open') return heard
  if (run.status === 'lost') return Math.max(heard, fromIso(run.verdict.since) - origin)
  return run.endedAt === null ? null : Math.max(heard, fromIso(run.endedAt) - origin)
}

function toneOf(span: SpanView, isJudged: boolean, run: RunDetail): Tone {
  if (span.status === 'error') return 'failed'
  if (!isJudged || span.endedAt !== null) return 'plain'
  const { status } = run.verdict
  return status === 'stalled' || status === 'slow' || status === 'lost' || status === 'waiting' ? status : 'plain'
}
