/**
 * The book as it is at one moment, written while it goes on changing: a book of a million runs takes seconds to write,
 * and nobody may wait for that.
 *
 * ```
 * begun ──▶ groups nobody touches are written one by one, when the reader of the lines asks for the next
 *       └─▶ whoever is about to change a group that is not written yet has it written first: `keepAsWas`
 * ```
 *
 * A group is what hangs together: a trace, its runs, their other traces. It is written whole, so that no line says of
 * one moment what another says of the next.
 */
import type { Source } from '../signal.ts'
import type { BookRun, BookState } from './book-state.ts'
import type { Label } from './shelf/shelf.ts'
import {
  KEYS,
  SNAPSHOT_VERSION,
  type Group,
  type Head,
  type Line,
  type WrittenRun,
  type WrittenTrace,
} from './snapshot-form.ts'
import type { Trace } from './trace.ts'
import { toValues } from './value-list.ts'

/** To be called before a run or a trace, or anything they hang together with, is changed or let go. */
export function keepAsWas(state: BookState, part: BookRun | Trace): void {
  if (state.writing !== null && part.writtenIn !== state.snapshots) state.writing.keep(part)
}

/** @throws Error when another snapshot is under way */
export function writeSnapshot(state: BookState, contract: string): Generator<string, void, void> {
  if (state.writing !== null) throw new Error('expected one snapshot at a time')
  state.snapshots++
  const writer = (state.writing = new SnapshotWriter(state, contract))
  return writer.lines()
}

/** The same for a record on the shelf, before it leaves it. */
export function keepPacked({ writing }: BookState, record: number): void {
  writing?.keepShelved(record)
}

/** @param sources those written before, by their number; new ones are added */
export function writeGroup(parts: readonly (BookRun | Trace)[], sources = new Map<Source, number>()): Group {
  const runs: WrittenRun[] = []
  const traces: WrittenTrace[] = []
  const added: [number, Source][] = []
  const numberOf = (source: Source): number => {
    const held = sources.get(source)
    if (held !== undefined) return held
    const number = sources.size
    sources.set(source, number)
    added.push([number, source])
    return number
  }
  for (const each of parts) {
    if ('facts' in each) runs.push(writeRun(each))
    else traces.push(writeTrace(each, numberOf))
  }
  return { runs, traces, sources: added }
}

/** Entries of a list that make one line. */
const LIST_LINE = 1_000
/** Records of a few hundred bytes that make one line. */
const SHELVED_LINE = 256

/** Those of runs in memory are found again in their messages. */
function sharedConnections({ shelf, runs, runsOfConnection }: BookState): (readonly [string, readonly string[]])[] {
  if (shelf.runs === 0) return []
  const shelvedOf = (ids: ReadonlySet<string>) => [...ids].filter((id) => !runs.has(id))
  return [...runsOfConnection].map(([id, ids]) => [id, shelvedOf(ids)] as const).filter(([, ids]) => ids.length > 0)
}

export class SnapshotWriter {
  readonly #state: BookState
  readonly #head: Head
  /** What is small, or never changed in place, as it was. */
  readonly #lists: readonly Line[]
  readonly #runs: readonly BookRun[]
  readonly #traces: readonly Trace[]
  readonly #sources = new Map<Source, number>()
  /** Written because they were about to change. */
  #kept: string[] = []
  #shelved: [Label, string][] = []

  constructor(state: BookState, contract: string) {
    const { now, gaps, counters, unknownEvents } = state
    this.#state = state
    // Its lists and counters change in place.
    this.#head = structuredClone({
      version: SNAPSHOT_VERSION,
      contract,
      now,
      keys: KEYS,
      gaps,
      counters,
      unknownEvents,
    })
    const departed = state.departed.toJSON()
    this.#lists = [
      ...inParts([...state.instances], (instances) => ({ instances })),
      ...inParts([...state.sourceBook.heard], (heard) => ({ heard })),
      ...inParts([...state.sourceBook.findings.values()], (findings) => ({ findings })),
      ...inParts([...state.connectionBook.due], (due) => ({ due })),
      ...inParts([...state.connectionBook.lately], (lately) => ({ lately })),
      ...inParts([...state.connectionBook.findings.values()], (failing) => ({ failing })),
      ...inParts([...state.connections], (connections) => ({ connections })),
      ...inParts([...state.runsOfSession], (sessions) => ({ sessions })),
      ...inParts(sharedConnections(state), (shared) => ({ shared })),
      ...inParts(state.homeless.toJSON(), (homeless) => ({ homeless })),
      ...inParts(state.settled.toJSON(), (settled) => ({ settled })),
      ...inParts(state.sealed.toJSON(), (sealed) => ({ sealed })),
      ...inParts(departed.runs, (runs) => ({ departed: { runs } })),
      ...inParts(departed.traces, (traces) => ({ departed: { traces } })),
      ...inParts(state.lessons.toJSON(), (lessons) => ({ lessons })),
      ...inParts([...state.texts.texts()], (texts) => ({ texts })),
    ]
    this.#runs = [...state.runs.values()]
    this.#traces = [...state.traces.values()]
  }

  *lines(): Generator<string, void, void> {
    try {
      yield JSON.stringify(this.#head)
      for (const list of this.#lists) yield JSON.stringify(list)
      for (const parts of [this.#runs, this.#traces])
        for (const part of parts) {
          if (part.writtenIn !== this.#state.snapshots) this.keep(part)
          yield* this.#takeKept()
        }
      for (const record of this.#state.shelf.records()) {
        this.keepShelved(record)
        if (this.#shelved.length >= SHELVED_LINE) yield* this.#takeKept()
      }
      yield* this.#takeKept()
      yield JSON.stringify({ isWhole: true } satisfies Line)
    } finally {
      this.#state.writing = null
    }
  }

  keep(part: BookRun | Trace): void {
    const group = writeGroup(this.#groupOf(part), this.#sources)
    this.#kept.push(JSON.stringify(group satisfies Line))
  }

  keepShelved(record: number): void {
    const { shelf, snapshots } = this.#state
    if (shelf.writtenIn(record) === snapshots) return
    shelf.noteWritten(record, snapshots)
    this.#shelved.push([shelf.labelOf(record), shelf.bytesOf(record).toString('base64')])
  }

  *#takeKept(): Generator<string, void, void> {
    const kept = this.#kept
    const shelved = this.#shelved
    this.#kept = []
    this.#shelved = []
    yield* kept
    if (shelved.length > 0) yield JSON.stringify({ shelved } satisfies Line)
  }

  /** Marks what it finds as written. */
  #groupOf(part: BookRun | Trace): (BookRun | Trace)[] {
    const { snapshots, runs, traces } = this.#state
    const found: (BookRun | Trace)[] = []
    const find = (next: BookRun | Trace | undefined): void => {
      if (next === undefined || next.writtenIn === snapshots) return
      next.writtenIn = snapshots
      found.push(next)
    }
    find(part)
    // The list grows while it is walked.
    for (const each of found) {
      if ('facts' in each) for (const { traceId } of each.homes) find(traces.get(traceId))
      else for (const runId of each.runs.values()) find(runs.get(runId))
    }
    return found
  }
}

function writeRun({ facts, judged, isSealed, finished }: BookRun): WrittenRun {
  const written = toValues(facts, KEYS.facts)
  const common = { facts: written, open: isSealed ? facts.open : null, isSealed, finished }
  if (judged === null) return { ...common, judged }
  const { startedAt, lastProgressAt, endedAt, delivery } = judged.row
  const row = { startedAt, lastProgressAt, endedAt, delivery }
  return { ...common, judged: { ...judged, row } }
}

function writeTrace(trace: Trace, numberOf: (source: Source) => number): WrittenTrace {
  return {
    trace: toValues(trace, KEYS.trace),
    runs: [...trace.runs],
    hints: [...trace.hints],
    spans: Array.from(trace.spans.values(), (span) => {
      return { span: toValues(span, KEYS.span), source: numberOf(span.source) }
    }),
  }
}

function* inParts<Item>(list: readonly Item[], line: (part: readonly Item[]) => Line): Generator<Line> {
  for (let at = 0; at < list.length; at += LIST_LINE) yield line(list.slice(at, at + LIST_LINE))
}
