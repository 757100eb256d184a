/**
 * Spans that still run, sent by exporters that can only send finished ones: each vendor dresses them up in its own way.
 *
 * ```
 * Logfire       a finished span of a new id below the real one        logfire.span_type = pending_span
 * trigger.dev   a finished sibling that names the real one            $span.partial, $span.span_id
 * Datadog       the span itself, finished so far, version by version  _dd.partial_version > 0
 * G-Research    a span whose end a collector on the way made up       partial.gc
 * ```
 */
import { isSpanId } from '../../contract/ids.ts'
import type { Records } from '../record.ts'
import { HEARSAY, type SpanSignal } from '../signal.ts'
import { DISGUISE, PATHS } from '../vendor-attributes.ts'
import { nanosToInstant } from '../../contract/units.ts'

/** What a disguise changes, of a signal or of a span read in full. */
type Disguised = Pick<SpanSignal, 'spanId' | 'parentSpanId' | 'endedAt' | 'seq' | 'stopReason'>

/**
 * The span it stands for. Null when it does not say which.
 * @param said its attributes, or those that are known
 */
export function undoDisguise<Span extends Disguised>(span: Span, said: Readonly<Record<string, unknown>>): Span | null {
  if (said[DISGUISE.logfireType] === 'pending_span') {
    if (span.parentSpanId === null) return null
    const parentSpanId = idOf(said[DISGUISE.logfireParent])
    // What was said when the span began: whatever it says later is newer.
    return { ...span, spanId: span.parentSpanId, parentSpanId, endedAt: null, seq: 0 }
  }
  if (said[DISGUISE.triggerPartial] === true) {
    const spanId = idOf(said[DISGUISE.triggerSpanId])
    return spanId === null ? null : { ...span, spanId, endedAt: null, seq: 0 }
  }
  const version = said[DISGUISE.datadogVersion]
  if (typeof version === 'number' && version > 0) return { ...span, endedAt: null, seq: version }
  if (said[DISGUISE.gaveUp] === true) {
    return { ...span, endedAt: null, seq: span.endedAt ?? 0, stopReason: 'a collector on its way stopped waiting' }
  }
  return span
}

/** The same for what a run page shows. */
export function undisguised({ spans, logs }: Records): Records {
  return { logs, spans: spans.map((span) => undoDisguise(span, span.attributes)).filter((span) => span !== null) }
}

/** All zeros is how some write "none". */
function idOf(value: unknown): string | null {
  return typeof value === 'string' && isSpanId(value) ? value : null
}

/** Lists of texts by attribute, as the readers found them. */
export type Lists = Readonly<Record<string, readonly string[]>>

/**
 * The spans around a span, where it lists them: they run, or their own record would say otherwise. What a span says of
 * others is hearsay, and gives way to any record of their own.
 */
export function ancestorsOf(signal: SpanSignal, lists: Lists): SpanSignal[] {
  for (const path of PATHS) {
    const ids = lists[path.ids]
    if (ids === undefined) continue
    const names = lists[path.names] ?? []
    const starts = (path.starts === null ? undefined : lists[path.starts]) ?? []
    return ids.flatMap((written, index): SpanSignal[] => {
      const spanId = shortId(written)
      if (spanId === null || spanId === signal.spanId) return []
      return [
        {
          kind: 'span',
          source: signal.source,
          traceId: signal.traceId,
          spanId,
          parentSpanId: shortId(ids[index - 1] ?? ''),
          name: names[index] ?? '',
          startedAt: startOf(starts[index]) ?? signal.startedAt,
          endedAt: null,
          seq: HEARSAY.ofDescendant,
          stopReason: null,
          repeatedEvery: null,
          status: 'unset',
          statusMessage: null,
          known: {},
          exception: null,
        },
      ]
    })
  }
  return []
}

/** Laminar writes a span id as a UUID of which the last 16 digits are the id. */
function shortId(written: string): string | null {
  const hex = written.replaceAll('-', '').toLowerCase().slice(-16)
  return isSpanId(hex) ? hex : null
}

function startOf(nanos: string | undefined): number | null {
  return nanos !== undefined && /^\d{1,20}$/.test(nanos) ? nanosToInstant(BigInt(nanos)) : null
}
