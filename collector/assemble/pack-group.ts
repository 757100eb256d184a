/** Runs and traces that hang together, as few bytes, and back. What the judge can say again is left out. */
import { fromIso, toIso, type Instant } from '../../contract/units.ts'
import type { Step, Verdict } from '../../contract/runs.ts'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import type { Source } from '../signal.ts'
import type { BookRun } from './book-state.ts'
import { ValueReader } from './shelf/value-reader.ts'
import type { StringPool } from './shelf/string-pool.ts'
import type { ValueWriter } from './shelf/value-writer.ts'
import { BLANKS, KEYS, type Group, type WrittenRun, type WrittenTrace } from './snapshot-form.ts'
import type { Draft, HomeKey } from './trace.ts'

/** What a run was judged to be. The evidence for a flag is kept, the rest is what the judge says of the same facts. */
export type PackedVerdict = Verdict | Pick<Verdict, 'status' | 'since' | 'step'>

export interface PackedRun extends Pick<WrittenRun, 'facts' | 'finished'> {
  readonly judged: {
    readonly at: Instant
    readonly lookAgainAt: Instant | null
    readonly verdict: PackedVerdict
  }
}

export interface PackedGroup extends Pick<Group, 'traces' | 'sources'> {
  readonly runs: readonly PackedRun[]
  /** Which of its runs a connection carries, and which of them belong to a session: of those that know no other run. */
  readonly connections: readonly (readonly [string, readonly string[]])[]
  readonly sessions: readonly (readonly [string, readonly string[]])[]
}

/** @throws TypeError for a run that was not judged */
export function packedRun(written: WrittenRun, judged: BookRun['judged']): PackedRun {
  if (judged === null) throw new TypeError('expected a run that was judged')
  const { at, lookAgainAt, verdict } = judged
  const { status, since, step } = verdict
  const kept = STANDING_STATUSES.has(status) ? verdict : { status, since, step }
  return { facts: written.facts, finished: written.finished, judged: { at, lookAgainAt, verdict: kept } }
}

/** @returns bytes that are good until the writer is used again */
export function packGroup(writer: ValueWriter, group: PackedGroup): Uint8Array {
  const { runs, traces, sources, connections, sessions } = group
  writer.count(sources.length)
  for (const [, source] of sources) writer.value(source)
  writer.count(runs.length)
  for (const run of runs) writeRun(writer, run)
  writer.count(traces.length)
  for (const trace of traces) writeTrace(writer, trace)
  writer.value(connections)
  writer.value(sessions)
  return writer.take()
}

export function unpackGroup(bytes: Buffer, pool: StringPool): PackedGroup {
  const reader = new ValueReader(bytes, 0, pool)
  return {
    sources: times(reader, (number) => [number, reader.value() as Source]),
    runs: times(reader, () => readRun(reader)),
    traces: times(reader, () => readTrace(reader)),
    connections: reader.value() as PackedGroup['connections'],
    sessions: reader.value() as PackedGroup['sessions'],
  }
}

function writeRun(writer: ValueWriter, { facts, finished, judged }: PackedRun): void {
  const { at, lookAgainAt, verdict } = judged
  writer.sparse(facts, BLANKS.facts)
  writer.value(finished)
  writer.value(at)
  writer.value(lookAgainAt)
  writer.value(verdict.status)
  if ('evidence' in verdict) return writer.value(verdict)
  writer.value(fromIso(verdict.since))
  writer.value(verdict.step && { ...verdict.step, since: fromIso(verdict.step.since) })
}

function readRun(reader: ValueReader): PackedRun {
  const facts = reader.sparse(BLANKS.facts)
  const finished = reader.value() as WrittenRun['finished']
  const at = Number(reader.value())
  const lookAgainAt = reader.value() as Instant | null
  const status = reader.value() as Verdict['status']
  const said = reader.value()
  if (typeof said !== 'number') return { facts, finished, judged: { at, lookAgainAt, verdict: said as Verdict } }
  const step = reader.value() as (Omit<Step, 'since'> & { readonly since: Instant }) | null
  const verdict = { status, since: toIso(said), step: step && { ...step, since: toIso(step.since) } }
  return { facts, finished, judged: { at, lookAgainAt, verdict } }
}

function writeTrace(writer: ValueWriter, { trace, runs, hints, spans }: WrittenTrace): void {
  writer.sparse(trace, BLANKS.trace)
  writer.count(runs.length)
  for (const [key, runId] of runs) {
    const [kind, id] = splitKey(key)
    writer.count(kind)
    writer.value(id)
    writer.value(runId)
  }
  writer.value(hints)
  writer.count(spans.length)
  for (const { span, source } of spans) {
    writer.count(source)
    writer.sparse(withDraft(span, briefDraft), BLANKS.span)
  }
}

function readTrace(reader: ValueReader): WrittenTrace {
  return {
    trace: reader.sparse(BLANKS.trace),
    runs: times(reader, () => {
      const kind = reader.count()
      return [joinKey(kind, String(reader.value())), String(reader.value())] as const
    }),
    hints: reader.value() as WrittenTrace['hints'],
    spans: times(reader, () => {
      const source = reader.count()
      return { source, span: withDraft(reader.sparse(BLANKS.span), wholeDraft) }
    }),
  }
}

/** The ids in home keys are in the record already, and cost nothing once more. */
const KEY_STARTS = ['strays', 'span:', 'id:'] as const

function splitKey(key: HomeKey): [kind: number, id: string] {
  const kind = KEY_STARTS.findIndex((start) => key.startsWith(start))
  return [kind, key.slice(KEY_STARTS[kind]?.length)]
}

function joinKey(kind: number, id: string): HomeKey {
  return `${KEY_STARTS[kind] ?? ''}${id}` as HomeKey
}

const DRAFT_AT = KEYS.span.indexOf('draft')

/** @param change what becomes of the draft, which is there while its span is open */
function withDraft<Held>(span: readonly unknown[], change: (draft: Held) => unknown): readonly unknown[] {
  const draft = span[DRAFT_AT] as Held | null
  return draft === null ? span : span.with(DRAFT_AT, change(draft))
}

/** Most drafts are of one record, whose seq is the rank of all it said: then that one number says it. */
function briefDraft({ known, ranks }: Draft): unknown[] {
  let seq: number | null = null
  const others: { [field: string]: number } = {}
  for (const key in ranks) {
    const rank = ranks[key] ?? 0
    if (!Object.hasOwn(known, key)) others[key] = rank
    else if (seq === null) seq = rank
    else if (seq !== rank) return [known, ranks]
  }
  for (const key in known) if (!Object.hasOwn(ranks, key)) return [known, ranks]
  return [known, others, seq]
}

function wholeDraft([known, ranks, seq]: [Draft['known'], Draft['ranks'], (number | null)?]): Draft {
  if (seq === undefined || seq === null) return { known, ranks }
  const whole = { ...ranks }
  for (const key in known) whole[key] = seq
  return { known, ranks: whole }
}

function times<Item>(reader: ValueReader, read: (index: number) => Item): Item[] {
  return Array.from({ length: reader.count() }, (_, index) => read(index))
}
