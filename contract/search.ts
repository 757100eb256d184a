/** Finding things by what people have in hand: an id from a log line, a name, an attribute of a span. */
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
