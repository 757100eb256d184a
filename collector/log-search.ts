/**
 * Searching the spans that are kept: the log is read from its newest segment back, in a thread of its own, a segment at
 * a time. Between segments the search may be stopped, others take their turn, and what was found is told.
 */
import type { TraceId } from '../contract/ids.ts'
import type { RunRow } from '../contract/runs.ts'
import type { AttributeCondition, SearchLine, SpanFound } from '../contract/search.ts'
import { hours, toIso, type Instant, type Millis } from '../contract/units.ts'
import { openReadingThread } from './reading-thread.ts'
import type { RunQuery } from './stored-run.ts'
import { Unavailable } from './unavailable.ts'

export interface SpanQuery {
  readonly conditions: readonly AttributeCondition[]
  /** What the runs must be like besides. */
  readonly runs: RunQuery
  /** Runs in one answer. */
  readonly limit: number
  readonly cursor: { readonly segment: number; readonly offset: number } | null
}

/** A segment as it is now. */
export interface SegmentSurvey {
  readonly number: number
  /** Behind it nothing is durable; null for a segment that is sealed. */
  readonly end: number | null
  readonly bytes: number
}

export interface LogSearchSettings {
  readonly dir: string
  readonly log: {
    /** Oldest first. */
    survey(): readonly SegmentSurvey[]
    /** While it is held, a segment is not written over. @returns what lets go of it */
    hold(segment: number): () => void
  }
  /** The runs of these traces that fit, the newest first. */
  readonly runsOf: (traceIds: readonly TraceId[], query: RunQuery) => Promise<readonly RunRow[]>
  /** How many runs began at or after a moment and before another. */
  readonly countRuns: (from: Instant, to: Instant) => Promise<number>
}

export interface LogSearch {
  /** Ends when `signal` says so, at the next segment. @throws Unavailable when too many are searching already */
  search(query: SpanQuery, signal: AbortSignal): AsyncGenerator<SearchLine>
  stop(): Promise<void>
}

/** A span that fits, where it was heard of last. */
export interface SpanSighting {
  readonly traceId: TraceId
  readonly runId: string | null
  readonly offset: number
  readonly span: SpanFound['span']
  readonly matched: readonly string[]
}

export interface StretchQuestion {
  readonly segment: number
  readonly end: number | null
  /** Only what stands before this offset; null for all. */
  readonly before: number | null
  readonly conditions: readonly AttributeCondition[]
}

export interface StretchAnswer {
  /** The newest first, one of each trace. */
  readonly sightings: readonly SpanSighting[]
  /** There are older ones that are not told. */
  readonly isCut: boolean
  /** When its first and its last entry were received; null when there is none. */
  readonly firstAt: Instant | null
  readonly lastAt: Instant | null
}

/** One thread serves them in turn; more would only wait. */
const SEARCHES_MAX = 4
/** Senders' clocks date runs, ours dates the log: a run may have begun that much after it was heard of. */
const CLOCKS_APART_MAX: Millis = hours(1)

export function openLogSearch(settings: LogSearchSettings): LogSearch {
  const { log, runsOf, countRuns } = settings
  const thread = openReadingThread<StretchQuestion, StretchAnswer>('search-main.ts', settings.dir)
  let searches = 0

  async function* search(query: SpanQuery, signal: AbortSignal): AsyncGenerator<SearchLine> {
    const { cursor, limit } = query
    const segments = log.survey().toReversed()
    const bytesTotal = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    const runsTotal = await countRuns(-Infinity, Infinity)
    const told = new Set<string>()
    const progress = {
      type: 'progress' as const,
      backTo: null as string | null,
      runs: 0,
      runsTotal,
      bytes: 0,
      bytesTotal,
    }
    let backTo: Instant = Infinity
    yield { ...progress }
    const oldest = segments.at(-1)
    for (const { number, end, bytes } of segments) {
      progress.bytes += bytes
      if (cursor !== null && number > cursor.segment) continue
      let before = number === cursor?.segment ? cursor.offset : null
      for (;;) {
        if (signal.aborted) return
        const question = { segment: number, end, before, conditions: query.conditions }
        const stretch = await thread.ask(question, signal, () => log.hold(number))
        if (stretch === null) return
        for (const found of await findRuns(stretch.sightings, query.runs)) {
          if (told.has(found.line.run.id)) continue
          told.add(found.line.run.id)
          yield found.line
          if (told.size < limit) continue
          yield { type: 'end', next: writeCursor(number, found.offset) }
          return
        }
        if (stretch.firstAt !== null && stretch.firstAt < backTo) {
          progress.runs += await countRuns(stretch.firstAt, backTo)
          backTo = stretch.firstAt
          progress.backTo = toIso(backTo)
        }
        const { since } = query.runs
        if (since !== undefined && stretch.lastAt !== null && stretch.lastAt < since - CLOCKS_APART_MAX) {
          yield { type: 'end', next: null }
          return
        }
        if (!stretch.isCut) break
        before = stretch.sightings.at(-1)?.offset ?? 0
      }
      // Runs are dated by their senders: at the end it is all of them, whatever their clocks say.
      if (number === oldest?.number) progress.runs = runsTotal
      yield { ...progress }
    }
    yield { type: 'end', next: null }
  }

  async function findRuns(sightings: readonly SpanSighting[], query: RunQuery) {
    const traceIds = [...new Set(sightings.map(({ traceId }) => traceId))]
    if (traceIds.length === 0) return []
    const byTrace = Map.groupBy(await runsOf(traceIds, query), ({ traceId }) => traceId)
    return sightings.flatMap(({ traceId, runId, offset, span, matched }) => {
      const runs = byTrace.get(traceId) ?? []
      // Of several runs in a trace: the one it names, else the latest that had begun by then.
      const run =
        runs.find(({ id }) => id === runId) ?? runs.find(({ startedAt }) => startedAt <= span.startedAt) ?? runs[0]
      return run === undefined ? [] : [{ offset, line: { type: 'found' as const, run, span, matched } }]
    })
  }

  return {
    async *search(query, signal) {
      if (searches >= SEARCHES_MAX) throw new Unavailable(`${SEARCHES_MAX} searches are under way already`)
      searches += 1
      try {
        yield* search(query, signal)
      } finally {
        searches -= 1
      }
    },
    stop: thread.stop,
  }
}

function writeCursor(segment: number, offset: number): string {
  return `${segment}.${offset}`
}

/** Null when it is none that was given. */
export function readCursor(written: string): SpanQuery['cursor'] {
  const [, segment, offset] = /^(\d{1,12})\.(\d{1,12})$/.exec(written) ?? []
  return segment === undefined || offset === undefined ? null : { segment: Number(segment), offset: Number(offset) }
}
