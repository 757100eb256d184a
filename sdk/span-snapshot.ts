import { ATTR } from '../contract/attributes.ts'
import type { ReadableSpan } from './readable-span.ts'

/** What was last told about a span: enough to see a change, not a copy of its content. */
export interface Snapshot {
  readonly name: string
  readonly status: number
  readonly events: number
  readonly links: number
  /** In the order of the span's keys, which only ever grow. */
  readonly values: readonly unknown[]
}

export function takeSnapshot(span: ReadableSpan): Snapshot {
  return {
    name: span.name,
    status: span.status.code,
    events: span.events.length + span.droppedEventsCount,
    links: span.links.length + span.droppedLinksCount,
    values: Object.values(span.attributes),
  }
}

/** `progress` when only the count of pieces moved: news of a lesser kind, because a stream moves it all the time. */
export function whatChanged(span: ReadableSpan, told: Snapshot): 'nothing' | 'progress' | 'content' {
  if (
    span.name !== told.name ||
    span.status.code !== told.status ||
    span.events.length + span.droppedEventsCount !== told.events ||
    span.links.length + span.droppedLinksCount !== told.links
  )
    return 'content'
  let at = 0
  let progressed = false
  for (const key in span.attributes) {
    // Arrays are compared by identity: an SDK replaces them whole.
    if (span.attributes[key] !== told.values[at++]) {
      if (key !== ATTR.progress || at > told.values.length) return 'content'
      progressed = true
    }
  }
  return progressed ? 'progress' : 'nothing'
}
