/** What is asked of the history by those who look for something, beside what is asked of it by every page. */
import { isSpanId, isTraceId, parseTraceparent, type TraceId } from '../../contract/ids.ts'
import { messageId, type FilterField, type Hit, type Resolution, type ValueList } from '../../contract/search.ts'
import type { RunRow } from '../../contract/runs.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import { readFingerprint } from '../fingerprint.ts'
import type { RunQuery } from '../stored-run.ts'
import type { FoundRun, HistoryCall, HistoryCalls, LookUp } from './history-words.ts'
import { readPage } from './read-page.ts'

export interface HistorySearch {
  /** @param written any id, as people paste it */
  lookUp(written: string): Promise<Resolution>
  /** @param like what they begin with */
  values(query: { readonly field: FilterField; readonly like: string }): Promise<ValueList>
  /** The runs of these traces that fit, newest first. */
  runsOf(traceIds: readonly TraceId[], query: RunQuery): Promise<readonly RunRow[]>
  /** How many runs began at or after a moment and before another. */
  countRuns(from: Instant, to: Instant): Promise<number>
}

export type AskHistory = <Call extends HistoryCall>(
  call: Call,
  ask: HistoryCalls[Call]['ask'],
) => Promise<HistoryCalls[Call]['answer']>

export function openHistorySearch(ask: AskHistory): HistorySearch {
  return {
    async runsOf(traceIds, query) {
      return (await ask('runsOf', { traceIds, query })).map((page) => readPage(page).row)
    },
    values: (query) => ask('values', query),
    countRuns: (from, to) => ask('countRuns', { from, to }),
    async lookUp(written) {
      const asked = written.trim()
      const ids = idsIn(asked)
      const answer = await ask('lookUp', ids)
      const message = /^(.+)[/#:](\d{1,9})$/.exec(asked)
      const [, runId, seq] = message ?? []
      const ofMessage = runId === undefined ? null : await ask('find', runId)
      const hits: Hit[] = [
        ...answer.runs.map((found) => hitOf(found, ids)),
        ...(ofMessage === null ? [] : [messageHit(ofMessage, Number(seq))]),
        ...answer.incidents.map(({ fingerprint, incident }) => ({
          kind: 'incident' as const,
          id: fingerprint,
          incident,
        })),
      ]
      const { isCut, keptSince } = answer
      return { asked, hits, isCut, keptSince: keptSince === null ? null : toIso(keptSince) }
    },
  }
}

/** Hexadecimal ids are written in lower case by everybody who keeps them, and in upper case by some who show them. */
function idsIn(id: string): LookUp {
  const lower = id.toLowerCase()
  const parent = parseTraceparent(lower)
  return {
    id,
    traceId: parent?.traceId ?? (isTraceId(lower) ? lower : null),
    spanId: parent?.spanId ?? (isSpanId(lower) ? lower : null),
    fingerprint: readFingerprint(id),
  }
}

function hitOf({ kind, page }: FoundRun, asked: LookUp): Hit {
  const { row } = readPage(page)
  const ids = { run: row.id, trace: row.traceId ?? asked.id, span: asked.spanId ?? asked.id }
  return { kind, id: kind in ids ? ids[kind as keyof typeof ids] : asked.id, run: row }
}

function messageHit(page: string, seq: number): Hit {
  const { row } = readPage(page)
  return { kind: 'message', id: messageId(row.id, seq), run: row, seq }
}
