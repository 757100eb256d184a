/** Finding things by what people have in hand: an id from a log line, a name, an attribute of a span. */
import type { SpanId } from './ids.ts'
import type { IsoTime, RunRow } from './runs.ts'
import type { Fingerprint, Ingredients } from './stalls.ts'

/** `trace`, `user`, `session`: a run that has this id; one hit for each run of a trace, the newest one of the others. */
export const HIT_KINDS = ['run', 'trace', 'span', 'message', 'user', 'session', 'incident'] as const
export type HitKind = (typeof HIT_KINDS)[number]

interface RunHit {
  readonly kind: Exclude<HitKind, 'message' | 'incident'>
  /** In full. */
  readonly id: string
  readonly run: RunRow
}

interface MessageHit {
  readonly kind: 'message'
  /** `<run id>/<seq>`. */
  readonly id: string
  readonly run: RunRow
  readonly seq: number
}

interface IncidentHit {
  readonly kind: 'incident'
  readonly id: Fingerprint
  readonly incident: Ingredients
}

export type Hit = RunHit | MessageHit | IncidentHit

/** Answer of `GET /api/go/:anything`. */
export interface Resolution {
  /** Without the space around it. */
  readonly asked: string
  /** Nearest first. Empty when nothing that is kept has this id. */
  readonly hits: readonly Hit[]
  /** More has it than is listed. */
  readonly isCut: boolean
  /** When the oldest run that was looked through began; null when none is kept. */
  readonly keptSince: IsoTime | null
}

/** A message of a run, as one text. */
export function messageId(runId: string, seq: number): string {
  return `${runId}/${seq}`
}

/**
 * How an attribute is tested: `is` and `not` compare its text, `has` looks into it without minding case, `over` and
 * `under` compare numbers, `any` asks only that it is there. `not` asks that it is there and says something else.
 */
export const ATTRIBUTE_TESTS = ['is', 'not', 'has', 'over', 'under', 'any'] as const
export type AttributeTest = (typeof ATTRIBUTE_TESTS)[number]

/** One condition; a span fits when all hold for it. In an address: `key:test:value`. */
export interface AttributeCondition {
  /** Of the span, of one of its events or of its resource; `span.name`, `span.id`, `span.status`; `*` for any of them. */
  readonly key: string
  readonly test: AttributeTest
  readonly value: string
}

export const CONDITIONS_MAX = 5

/** Null when it is none. */
export function readCondition(written: string): AttributeCondition | null {
  const [, key, test, value = ''] = /^([^:]+):([a-z]+)(?::(.*))?$/s.exec(written) ?? []
  const known = ATTRIBUTE_TESTS.find((one) => one === test)
  if (key === undefined || known === undefined) return null
  const isNumber = value.trim() !== '' && Number.isFinite(Number(value))
  const fits = known === 'any' ? true : known === 'over' || known === 'under' ? isNumber : value !== ''
  return fits ? { key, test: known, value } : null
}

export function writeCondition({ key, test, value }: AttributeCondition): string {
  return test === 'any' ? `${key}:any` : `${key}:${test}:${value}`
}

/** A run with a span that fits. Runs are told once in an answer, with the span of theirs that was heard of last. */
export interface SpanFound {
  readonly type: 'found'
  readonly run: RunRow
  readonly span: { readonly spanId: SpanId; readonly name: string; readonly startedAt: IsoTime }
  /** What made it fit, a text for each condition: `gen_ai.tool.name = search_orders`. */
  readonly matched: readonly string[]
}

/** How far the search has come, after each stretch of the log. */
export interface SearchProgress {
  readonly type: 'progress'
  /** Everything heard since then was looked through; null while nothing was. */
  readonly backTo: IsoTime | null
  /** Runs that began since then, of all that are kept. */
  readonly runs: number
  readonly runsTotal: number
  /** Bytes of the log. */
  readonly bytes: number
  readonly bytesTotal: number
}

export interface SearchEnd {
  readonly type: 'end'
  /** Pass as `cursor` to go on; null when everything was looked through. A run may come again then. */
  readonly next: string | null
}

/** One line of the answer of `GET /api/search`, which is NDJSON. */
export type SearchLine = SpanFound | SearchProgress | SearchEnd

/** By what lists of runs are narrowed, where the values are the senders'. */
export const FILTER_FIELDS = ['agent', 'environment', 'version', 'step', 'user', 'session'] as const
export type FilterField = (typeof FILTER_FIELDS)[number]

/** Answer of `GET /api/values`: values that runs have, in order of the alphabet. */
export interface ValueList {
  /** `runs`: how many have it, counted up to `runsMax`; null for environments and steps, which are not counted. */
  readonly values: readonly { readonly value: string; readonly runs: number | null }[]
  readonly isCut: boolean
  readonly runsMax: number
}
