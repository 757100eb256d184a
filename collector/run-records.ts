/** Many runs' own records at once: entries that several of them share are read once, and of others' records nothing. */
import { ATTR } from '../contract/attributes.ts'
import type { Entry, Place } from './entry.ts'
import type { FullLog, FullSpan, Records } from './record.ts'
import { idsOf, type StoredRun } from './stored-run.ts'

export interface RunRecordsSettings {
  readonly places: (keys: readonly string[]) => readonly Place[]
  readonly readAt: (place: Place) => Promise<Entry | null>
  readonly readRecords: (entry: Entry, isWanted: (traceId: string) => boolean) => Records
  readonly runKey: (runId: string) => string
  readonly connectionKey: (connectionId: string) => string
}

/** Of each run its own records, then those of the connections it speaks of, in the order of `runs`. */
export async function readRunRecords(
  runs: readonly StoredRun[],
  settings: RunRecordsSettings,
): Promise<readonly Records[]> {
  const { places, readAt, readRecords, runKey, connectionKey } = settings
  const traceIds = new Set(runs.flatMap(({ row }) => (row.traceId === null ? [] : [row.traceId])))
  const runIds = new Set(runs.flatMap((run) => [...idsOf(run)]))
  const spans = new Map<string, FullSpan[]>()
  const logs = new Map<string, FullLog[]>()
  const connections = new Map<string, FullLog[]>()
  const read = async (keys: readonly string[], take: (records: Records) => void): Promise<void> => {
    for (const place of places(keys)) {
      const entry = await readAt(place)
      if (entry !== null) take(readRecords(entry, (traceId) => traceIds.has(traceId)))
    }
  }

  await read([...traceIds, ...[...runIds].map(runKey)], (records) => {
    for (const span of records.spans) add(spans, span.traceId, span)
    for (const log of records.logs) {
      if (log.signal?.kind === 'connection') add(connections, log.signal.connectionId, log)
      else add(logs, log.traceId ?? runOf(log), log)
    }
  })
  const connectionsOf = (records: Records): string[] => [...new Set(namedIn(records))]
  const own = runs.map((run): Records => {
    const { traceId } = run.row
    const ids = [...idsOf(run)]
    return {
      spans: traceId === null ? [] : (spans.get(traceId) ?? []),
      logs: [...(traceId === null ? [] : [traceId]), ...ids].flatMap((id) => logs.get(id) ?? []),
    }
  })
  const wanted = new Set(own.flatMap(connectionsOf))
  connections.clear()
  await read([...wanted].map(connectionKey), (records) => {
    for (const log of records.logs)
      if (log.signal?.kind === 'connection' && wanted.has(log.signal.connectionId))
        add(connections, log.signal.connectionId, log)
  })
  return own.map((records) => ({
    spans: records.spans,
    logs: [...records.logs, ...connectionsOf(records).flatMap((id) => connections.get(id) ?? [])],
  }))
}

function runOf({ signal }: FullLog): string {
  return signal?.kind === 'delivery' || signal?.kind === 'run' ? signal.runId : ''
}

function* namedIn({ spans, logs }: Records): Generator<string> {
  for (const { signal } of logs)
    if (signal?.kind === 'delivery' && signal.connectionId !== null) yield signal.connectionId
  for (const { attributes } of spans) {
    const id = attributes[ATTR.connectionId]
    if (typeof id === 'string') yield id
  }
}

function add<T>(groups: Map<string, T[]>, key: string, one: T): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [one])
  else group.push(one)
}
