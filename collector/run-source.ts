/** What the dashboard asks about runs: the book for those at hand, the history for the rest, the log for the records. */
import { ATTR } from '../contract/attributes.ts'
import type { TraceId } from '../contract/ids.ts'
import type { RunList } from '../contract/runs.ts'
import type { Entry, Place } from './entry.ts'
import type { FullLog, FullSpan, Records } from './record.ts'
import type { JudgedRun } from './judgement.ts'
import type { OpenSpan, RunFacts } from './run.ts'
import { idsOf, type RunQuery, type StoredRun } from './stored-run.ts'

export interface RunSourceSettings {
  readonly find: (id: string) => JudgedRun | null
  readonly store: (run: JudgedRun) => StoredRun
  readonly listRuns: (query: RunQuery) => Promise<RunList>
  readonly findStored: (id: string) => Promise<StoredRun | null>
  readonly places: (keys: readonly string[]) => Promise<readonly Place[]>
  readonly readAt: (place: Place) => Promise<Entry | null>
  readonly readRecords: (entry: Entry) => Records
  readonly runKey: (runId: string) => string
  readonly connectionKey: (connectionId: string) => string
}

/** A page shows 5,000 spans; entries beyond this many bytes would only make it wait. Newest first are left out. */
const RUN_BYTES_MAX = 64 * 2 ** 20

export function openRunSource(settings: RunSourceSettings) {
  const { find, store, findStored, listRuns, places, readAt, readRecords, runKey, connectionKey } = settings

  async function readPlaces(keys: readonly string[]): Promise<Records> {
    const spans: FullSpan[] = []
    const logs: FullLog[] = []
    let bytes = 0
    for (const place of await places(keys)) {
      bytes += place.length
      if (bytes > RUN_BYTES_MAX) break
      const entry = await readAt(place)
      if (entry === null) continue
      const records = readRecords(entry)
      spans.push(...records.spans)
      logs.push(...records.logs)
    }
    return { spans, logs }
  }

  return {
    listRuns,
    findRun: async (id: string): Promise<StoredRun | null> => {
      const run = find(id)
      return run === null ? findStored(id) : store(run)
    },
    /** The run's own records, then those of the connections it speaks of. Entries are shared: other runs' come along. */
    async readRun(run: StoredRun): Promise<Records> {
      const { traceId } = run.row
      const ids = idsOf(run)
      const keys = [...ids].map(runKey)
      const own = await readPlaces(traceId === null ? keys : [traceId, ...keys])
      const connections = connectionsOf(ids, traceId, own)
      const theirs = connections.size === 0 ? NOTHING : await readPlaces([...connections].map(connectionKey))
      return { spans: own.spans, logs: [...own.logs, ...theirs.logs.filter((log) => isOf(log, connections))] }
    },
    openSpans: (runId: string): readonly OpenSpan[] => openSpansOf(find(runId)?.facts ?? null),
  }
}

const NOTHING: Records = { spans: [], logs: [] }

function connectionsOf(
  ids: ReadonlySet<string>,
  traceId: TraceId | null,
  { spans, logs }: Records,
): ReadonlySet<string> {
  const told = logs.flatMap(({ signal }) =>
    signal?.kind === 'delivery' && ids.has(signal.runId) && signal.connectionId !== null ? [signal.connectionId] : [],
  )
  const stamped = spans.flatMap((span) => {
    const id = span.traceId === traceId ? span.attributes[ATTR.connectionId] : null
    return typeof id === 'string' ? [id] : []
  })
  return new Set([...told, ...stamped])
}

function isOf({ signal }: FullLog, connections: ReadonlySet<string>): boolean {
  return signal?.kind === 'connection' && connections.has(signal.connectionId)
}

function openSpansOf(facts: RunFacts | null): readonly OpenSpan[] {
  return facts === null ? [] : Object.values(facts.open)
}
