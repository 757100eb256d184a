/**
 * The client's view, told to a collector through the door every sender uses: which messages arrived, as acks tell it, and
 * the connections they came on. Where the runtime tells of the same messages, the two meet by run, number and connection.
 *
 * The probe names itself nowhere: the run belongs to the runtime, whose own records say what process it lives in.
 */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { sleep, type Clock, type Timer } from '../../contract/clock.ts'
import type { ConnectionState } from '../../contract/deliveries.ts'
import { instantToNanos, seconds, type Instant, type Millis } from '../../contract/units.ts'
import { encodeLogRecord, encodeLogs, encodeResource } from '../../sdk/otlp-json.ts'
import type { Watcher } from './probe-run.ts'

export interface ReportSettings {
  /** `http://127.0.0.1:4318` */
  readonly collector: string
  /** What is claimed of the runtime, for one that sends nothing itself; null: the collector learns it from the runtime. */
  readonly service: string | null
  readonly version: string | null
  readonly environment: string | null
  /** The contract its runs keep to; null: the collector's first. */
  readonly contract: string | null
  /** The runtime numbers its messages; what has no number is then none of the run's. */
  readonly isNumbered: boolean
  readonly clock: Clock
}

export interface Report {
  watch(): Watcher
  /** Send what is left. @returns a sentence when something could not be told; null when all was */
  finish(): Promise<string | null>
}

const FLUSH_MS: Millis = 200
const ANSWER_MAX: Millis = 10_000
const TRIES_MAX = 20

export function openReport(settings: ReportSettings): Report {
  const { clock, collector } = settings
  const resource = encodeResource({
    [ATTR.serviceName]: settings.service,
    [ATTR.serviceVersion]: settings.version,
    [ATTR.environment]: settings.environment,
    [ATTR.contract]: settings.contract,
  })
  let waiting: string[] = []
  let timer: Timer | null = null
  let sending: Promise<void> = Promise.resolve()
  let problem: string | null = null

  const flush = (): void => {
    timer?.cancel()
    timer = null
    const records = waiting
    waiting = []
    if (records.length === 0) return
    sending = sending.then(async () => {
      problem ??= await post(`${collector}/v1/logs`, encodeLogs(resource, records), clock)
    })
  }
  const tell = (event: string, at: Instant, attributes: Readonly<Record<string, unknown>>): void => {
    waiting.push(encodeLogRecord({ event, at, attributes }))
    timer ??= clock.after(FLUSH_MS, flush)
  }

  return {
    watch: () => watchRun(tell, settings),
    async finish() {
      flush()
      await sending
      return problem
    },
  }
}

type Tell = (event: string, at: Instant, attributes: Readonly<Record<string, unknown>>) => void

function watchRun(tell: Tell, { isNumbered, clock }: ReportSettings): Watcher {
  /** Of the runtime's, or made up here: then nobody else tells of the connection. */
  let connection = ''
  let isMadeUp = false
  let count = 0
  let askedAt: Instant | null = null
  const connectionIs = (state: ConnectionState, at: Instant): void => {
    if (!isMadeUp) return
    const attributes = { [ATTR.connectionId]: connection, [ATTR.connectionState]: state, [ATTR.connectionAcks]: true }
    tell(RECORD.connection, at, attributes)
  }
  const accepted = (runId: string, at: Instant): void =>
    tell(RECORD.run, at, { [ATTR.runId]: runId, [ATTR.runState]: 'accepted' })
  return {
    connected(connectionId, at) {
      isMadeUp = connectionId === null
      connection = connectionId ?? `probe_${crypto.randomUUID()}`
      connectionIs('ready', at)
    },
    asked(runId, at) {
      askedAt = at
      if (runId !== null) accepted(runId, at)
    },
    seen({ event, seq, callId, at }, runId) {
      count++
      if (runId === null || (isNumbered && seq === null)) return
      tell(RECORD.delivery, at, {
        [ATTR.runId]: runId,
        [ATTR.deliverySeq]: seq ?? count,
        [ATTR.deliveryEvent]: event,
        [ATTR.connectionId]: connection,
        [ATTR.deliveryAttempt]: 1,
        [ATTR.deliveryStates]: ['received'],
        [ATTR.deliveryAt]: [instantToNanos(at)],
        [ATTR.deliveryToolCallId]: callId,
      })
    },
    ended({ runId }, key) {
      // Asked for and never heard of: only this end knows that there was such a run.
      if (askedAt !== null && runId === null) accepted(`probe_${key}`, askedAt)
      connectionIs('closed', clock.now())
    },
  }
}

/** As an exporter does: whoever is asked to come back comes back. @returns what went wrong; null when all is told */
async function post(url: string, body: string, clock: Clock): Promise<string | null> {
  const headers = { 'content-type': 'application/json' }
  try {
    for (let tries = 1; ; tries++) {
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MAX) })
      if (response.ok) return null
      if (![429, 503].includes(response.status) || tries === TRIES_MAX) return refusal(url, response.status)
      await sleep(clock, seconds(Number(response.headers.get('retry-after')) || 1))
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return `${url} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

function refusal(url: string, status: number): string {
  const hint = [404, 405].includes(status)
    ? '; this needs the collector’s OTLP/HTTP port, 4318 unless it was told otherwise'
    : ''
  return `${url} answered ${status}${hint}`
}
