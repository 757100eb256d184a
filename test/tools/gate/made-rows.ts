/** Rows as the API tells them, made from a line: `3 stalled tool › search tool-silent a.ts:12`. */
import type { DeliverySummary, RunRow, Step } from '../../../contract/runs.ts'
import type { Cause, Status } from '../../../contract/statuses.ts'

export interface RowWords {
  readonly status: Status
  readonly delivery?: DeliverySummary['outcome']
  readonly step?: Pick<Step, 'phase' | 'name' | 'code'>
  readonly cause?: Cause
  readonly agent?: string | null
  readonly isUnconfirmed?: boolean
  readonly tookMs?: number
}

const START = Date.parse('2026-11-22T10:00:00.000Z')

export function madeRow(id: string, { status, step, delivery, cause, agent, isUnconfirmed, tookMs }: RowWords): RunRow {
  const isEnded = !['running', 'slow', 'waiting', 'stalled', 'lost'].includes(status)
  const outcome =
    delivery ?? (status === 'completed' ? 'delivered' : status === 'undelivered' ? 'undelivered' : 'pending')
  return {
    id,
    rev: 1,
    traceId: null,
    agent: agent === undefined ? 'assistant' : agent,
    service: 'runtime',
    version: '1.1',
    environment: 'staging',
    userId: null,
    sessionId: null,
    status,
    step: step === undefined ? null : { ...step, spanId: null, since: new Date(START).toISOString() },
    cause: cause ?? null,
    confidence: 'T1',
    isUnconfirmed: isUnconfirmed ?? false,
    explainedBy: null,
    startedAt: new Date(START).toISOString(),
    lastProgressAt: new Date(START).toISOString(),
    endedAt: isEnded ? new Date(START + (tookMs ?? 1_000)).toISOString() : null,
    events: 5,
    delivery: { required: 5, confirmed: outcome === 'delivered' ? 5 : 4, outcome },
  }
}

/** `18 completed, 1 failed, 1 completed/partial, 1 running?` : how many of which; `?` unconfirmed. */
export function madeRows(text: string): RunRow[] {
  return text.split(', ').flatMap((part, index) => {
    const [, count = '0', status = '', delivery, doubt] = /^(\d+) ([a-z]+)(?:\/([a-z]+))?(\?)?$/.exec(part) ?? []
    const words = {
      status: status as Status,
      ...(delivery === undefined ? {} : { delivery: delivery as DeliverySummary['outcome'] }),
      isUnconfirmed: doubt !== undefined,
    }
    return Array.from({ length: Number(count) }, (_, n) => madeRow(`run_${index}_${n}`, words))
  })
}
