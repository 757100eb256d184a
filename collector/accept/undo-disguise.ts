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
import { HEARSAY, type SpanSignal } from '../signal.ts'
import { DISGUISE, PATHS } from '../vendor-attributes.ts'
import { nanosToInstant } from '../../contract/units.ts'

/** The span it stands for. Null when it does not say which. */
export function undoDisguise(signal: SpanSignal): SpanSignal | null {
  const { known } = signal
  if (known[DISGUISE.logfireType] === 'pending_span') {
    const parent = known[DISGUISE.logfireParent]
    if (signal.parentSpanId === null) return null
    // What was said when the span began: whatever it says later is newer.
    return { ...signal, spanId: signal.parentSpanId, parentSpanId: idOf(parent), endedAt: null, seq: 0 }
  }
  if (known[DISGUISE.triggerPartial] === true) {
    const spanId = idOf(known[DISGUISE.triggerSpanId])
    return spanId === null ? null : { ...signal, spanId, endedAt: null, seq: 0 }
  }
  const version = known[DISGUISE.datadogVersion]
  if (typeof version === 'number' && version > 0) return { ...signal, endedAt: null, seq: version }
  if (known[DISGUISE.gaveUp] === true) {
    return { ...signal, endedAt: null, seq: signal.endedAt ?? 0, stopReason: 'a collector on its way stopped waiting' }
  }
  return signal
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
