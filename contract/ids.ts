/** Identifiers: how they look, and how new ones are made. */

/** 32 lower-case hex digits. */
export type TraceId = string
/** 16 lower-case hex digits. */
export type SpanId = string

export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && text !== '0'.repeat(32)
}

export function isSpanId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text) && text !== '0'.repeat(16)
}

/** `run_01k…`: a prefix that names the thing (the last three: of a sheet, a request, a page), then 16 random characters of Crockford's alphabet (no i, l, o, u). */
export function newId(prefix: 'run' | 'conn' | 'thread' | 'msg' | 'call' | 'part' | 'edit' | 'page'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let text = ''
  for (const byte of bytes) text += ALPHABET[byte & 31]
  return `${prefix}_${text}`
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** W3C trace context, version 00: `00-<trace>-<span>-<flags>`. */
export function formatTraceparent(traceId: TraceId, spanId: SpanId, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** Null when the text is not a version-00 traceparent with valid ids. */
export function parseTraceparent(text: string): { traceId: TraceId; spanId: SpanId; sampled: boolean } | null {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text)
  if (!match) return null
  const [, traceId, spanId, flags] = match
  if (!traceId || !spanId || !flags || !isTraceId(traceId) || !isSpanId(spanId)) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
