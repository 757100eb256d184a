/** The page of a run as `GET /api/runs/{id}` answers it, made by the real readers from what a book was given. */
import { agentOf } from '../../collector/assemble/agent-name.ts'
import { recognise } from '../../collector/assemble/recognise/recognise.ts'
import type { RunBook } from '../../collector/assemble/run-book.ts'
import { viewOfGap } from '../../collector/entry.ts'
import { connectionKey, pieceKeys, runKey } from '../../collector/keep/piece-keys.ts'
import { processView } from '../../collector/process-view.ts'
import type { FullLog, FullSpan, Records } from '../../collector/record.ts'
import type { JudgedRun } from '../../collector/judgement.ts'
import { openRunSource } from '../../collector/run-source.ts'
import { makeDetail } from '../../collector/serve/make-detail.ts'
import type { Signal, SpanSignal } from '../../collector/signal.ts'
import type { StoredRun } from '../../collector/stored-run.ts'
import type { EvidenceRef, RunDetail } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'

export interface Pages {
  /** Keep what one entry of the log said. */
  keep(signals: readonly Signal[], records: Records): void
  /** As it is at this moment. */
  of(run: JudgedRun, book: RunBook): Promise<RunDetail>
}

export function openPages(): Pages {
  const entries: { readonly keys: ReadonlySet<string>; readonly records: Records }[] = []
  return {
    keep: (signals, records) => void entries.push({ keys: pieceKeys(signals), records }),
    async of(run, book) {
      const stored: StoredRun = {
        row: run.row,
        otherIds: run.facts.otherIds,
        spanId: null,
        verdict: run.verdict,
        pastStalls: run.facts.pastStalls,
        outcome: run.facts.outcome,
        checklist: [],
        process: processView(book.instance(run.facts.instance)),
        contract: { name: 'laststep', hash: '' },
        reached: {},
      }
      const source = openRunSource({
        find: () => run,
        store: () => stored,
        findStored: async () => null,
        listRuns: async () => ({ runs: [], next: null }),
        places: async (keys) =>
          entries.flatMap((entry, offset) =>
            keys.some((key) => entry.keys.has(key)) ? [{ segment: 0, offset, length: 1 }] : [],
          ),
        readAt: async ({ offset }) => ({ kind: 'logs', encoding: 'json', receivedAt: offset, body: new Uint8Array() }),
        readRecords: ({ receivedAt: offset }) => entries[offset]?.records ?? { spans: [], logs: [] },
        runKey,
        connectionKey,
      })
      const meaning = { phaseOf: (name: string, known: SpanSignal['known']) => recognise(name, known).phase, agentOf }
      return makeDetail(
        stored,
        await source.readRun(stored),
        source.openSpans(run.row.id),
        meaning,
        book.gaps().map(viewOfGap),
      )
    },
  }
}

/** Whether the answer holds the record that a line of evidence quotes, as the API's document says where to find it. */
export function holds(detail: RunDetail, ref: EvidenceRef): boolean {
  const [kind, name] = [ref.slice(0, ref.indexOf(':')), ref.slice(ref.indexOf(':') + 1)]
  switch (kind) {
    case 'span':
      return detail.spans.some(({ spanId }) => spanId === name)
    case 'delivery':
      return detail.deliveries.some(({ seq }) => String(seq) === name)
    case 'connection':
      return detail.connections.some(({ id }) => id === name)
    case 'pulse':
      return detail.process?.id === name
    case 'log':
      return detail.logs.some(({ at, body }) => `${body}@${at}` === `run ${name}`)
    case 'gap':
      return detail.verdict.unconfirmed?.from === name
    default:
      return false
  }
}

/** The records that signals were read from, as far as they tell. */
export function recordsOf(signals: readonly Signal[], receivedAt: Instant): Records {
  const spans: FullSpan[] = []
  const logs: FullLog[] = []
  const around = { receivedAt, resource: {}, scope: { name: '', version: '' } }
  for (const signal of signals) {
    if (signal.kind === 'span')
      spans.push({
        ...around,
        ...signal,
        kind: 'internal',
        attributes: { ...signal.known },
        events: [],
        links: [],
      })
    else if (signal.kind !== 'log') {
      const at = signal.kind === 'delivery' ? (signal.states[0]?.at ?? receivedAt) : signal.at
      const ids = signal.kind === 'run' || signal.kind === 'delivery' ? signal : { traceId: null, spanId: null }
      const { traceId, spanId } = ids
      const plain = { severityNumber: 9, severity: 'INFO', event: null, body: null, attributes: {} }
      logs.push({ ...around, ...plain, source: signal.source, at, traceId, spanId, signal })
    }
  }
  return { spans, logs }
}
