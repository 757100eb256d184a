/** Which spans a span is inside of, so that even a finished one shows which must still be open above it. */
import { ATTR } from '../contract/attributes.ts'
import type { LiveSpan, ReadableSpan } from './readable-span.ts'
import { encodeTime } from './otlp-json.ts'

/**
 * Spans from the outermost known one inwards. Copied rather than linked, so that no ended span is kept alive; never
 * changed, so that siblings share it.
 */
export interface Lineage {
  readonly names: string[]
  readonly ids: string[]
  /** Nanoseconds since 1970. */
  readonly starts: string[]
}

export const NO_ANCESTORS: Lineage = { names: [], ids: [], starts: [] }

/** Deeper spans show their outermost ancestors only. */
const DEPTH_MAX = 32

/** What the children of `span` have above them. */
export function extendLineage(ancestors: Lineage, span: ReadableSpan): Lineage {
  if (ancestors.ids.length >= DEPTH_MAX) return ancestors
  return {
    names: [...ancestors.names, span.name],
    ids: [...ancestors.ids, span.spanContext().spanId],
    starts: [...ancestors.starts, encodeTime(span.startTime)],
  }
}

/** Write its ancestors on a span; the path of names ends with its own. */
export function stampLineage(span: LiveSpan, { names, ids, starts }: Lineage): void {
  span.setAttribute(ATTR.spanPath, [...names, span.name])
  span.setAttribute(ATTR.spanIdsPath, ids)
  span.setAttribute(ATTR.spanStartsPath, starts)
}
