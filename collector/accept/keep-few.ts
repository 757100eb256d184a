/** Bombs are cut here, in both encodings alike: what decides a run's state stays, wherever it stands among the rest. */
import { ATTR } from '../../contract/attributes.ts'
import type { AttributeValue, Attributes } from '../../contract/runs.ts'
import type { FullEvent } from '../record.ts'
import { ATTRIBUTES_MAX, EVENTS_MAX } from './limits.ts'

export type Pair = readonly [key: string, value: AttributeValue]

const KEPT: ReadonlySet<string> = new Set(Object.values(ATTR))

export function keepFew(pairs: readonly Pair[]): Attributes {
  if (pairs.length <= ATTRIBUTES_MAX) return Object.fromEntries(pairs)
  return Object.fromEntries(pairs.filter(([key], index) => index < ATTRIBUTES_MAX || KEPT.has(key)))
}

/** The first ones, and the last exception if it comes after them: it says why a span failed. */
export function keepFewEvents(events: readonly FullEvent[]): readonly FullEvent[] {
  if (events.length <= EVENTS_MAX) return events
  const exception = events.findLastIndex((event) => event.name === 'exception')
  return events.filter((_event, index) => index < EVENTS_MAX || index === exception)
}
