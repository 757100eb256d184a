/** A process that speaks to a collector as the SDK does, as told: its pulses, and runs that stand in a tool. OTLP/JSON. */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { ConnectionState } from '../../contract/deliveries.ts'
import { sleep, systemClock } from '../../contract/clock.ts'
import { instantToNanos, seconds, type Instant, type Millis } from '../../contract/units.ts'

export interface SpokenProcess {
  /** Runs begin, each with an open tool. Their numbers make their ids: `run_7` of instance `p-1` is `p-1_run_7`. */
  open(numbers: readonly number[]): Promise<void>
  /** They end well, the tool first. */
  close(numbers: readonly number[]): Promise<void>
  /** The tool of each grows: so many pieces of content by now. */
  progress(numbers: readonly number[], pieces: number): Promise<void>
  pulse(): Promise<void>
  /** Connections reach a state. @param closeCode with `closed`, by the server */
  connections(numbers: readonly number[], state: ConnectionState, closeCode?: number): Promise<void>
  /** As the API names it. */
  runId(number: number): string
}

export interface SpokenSettings {
  readonly instance: string
  readonly service?: string
  readonly pulseMs: Millis
  readonly agent?: string
  readonly tool?: string
}

/** Runs of one request: what an SDK's batch holds. */
const BATCH = 100
const TRIES_MAX = 20

/** @param otlpHttp the collector's address, asked anew each time: a restarted one has another */
export function speakAs(otlpHttp: () => string, settings: SpokenSettings): SpokenProcess {
  const { instance, service = 'checkout', agent = 'support', pulseMs, tool = 'search_orders' } = settings
  const resource = {
    attributes: attributesOf({
      'service.name': service,
      'service.instance.id': instance,
      'deployment.environment.name': 'test',
    }),
  }
  const begun = new Map<number, Instant>()
  let seq = 0
  let isOpen = 0

  const spansOf = (number: number, startedAt: Instant, endedAt: Instant | null) => {
    const id = hexOf(`${instance} ${number}`)
    const times = {
      startTimeUnixNano: String(instantToNanos(startedAt)),
      ...(endedAt !== null && { endTimeUnixNano: String(instantToNanos(endedAt)) }),
    }
    const run = { [ATTR.runId]: runIdOf(number), [ATTR.agent]: agent, [ATTR.userId]: `user_${number % 100}` }
    const common = { traceId: `${id}${id}`, kind: 1, ...times }
    const runSpan = { ...common, spanId: id, name: `invoke_agent ${agent}`, attributes: attributesOf(run) }
    const toolSpan = {
      ...common,
      spanId: [...id].toReversed().join(''),
      parentSpanId: id,
      name: `execute_tool ${tool}`,
      attributes: attributesOf({ [ATTR.toolName]: tool, [ATTR.codeFile]: 'src/tools/search.ts' }),
    }
    return [runSpan, toolSpan]
  }
  const runIdOf = (number: number): string => `${instance}_run_${number}`
  const openRecord = (eventName: string, seqOfSpan: number, span: object) => ({
    timeUnixNano: String(instantToNanos(systemClock.now())),
    eventName,
    attributes: [
      ...attributesOf({ [ATTR.partialEvent]: 'heartbeat', [ATTR.partialBodyType]: 'json/v1' }),
      { key: ATTR.seq, value: { intValue: String(seqOfSpan) } },
    ],
    body: { stringValue: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }) },
  })
  const sendLogs = (logRecords: readonly object[]) =>
    post(`${otlpHttp()}/v1/logs`, { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })

  return {
    async open(numbers) {
      for (let at = 0; at < numbers.length; at += BATCH) {
        const batch = numbers.slice(at, at + BATCH)
        const now = systemClock.now()
        for (const number of batch) begun.set(number, now)
        isOpen += batch.length
        await sendLogs(
          batch.flatMap((number) => spansOf(number, now, null).map((span) => openRecord(RECORD.spanStart, 1, span))),
        )
      }
    },
    async progress(numbers, pieces) {
      const grown = numbers.map((number) => {
        const [, tool] = spansOf(number, begun.get(number) ?? 0, null)
        const attributes = [...(tool?.attributes ?? []), { key: ATTR.progress, value: { intValue: String(pieces) } }]
        return openRecord(RECORD.spanSnapshot, 1 + pieces, { ...tool, attributes })
      })
      await sendLogs(grown)
    },
    async close(numbers) {
      const now = systemClock.now()
      const spans = numbers.flatMap((number) => spansOf(number, begun.get(number) ?? now, now).toReversed())
      isOpen -= numbers.length
      await post(`${otlpHttp()}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    },
    async pulse() {
      seq += 1
      const counts = { [ATTR.pulseSeq]: seq, [ATTR.pulseIntervalMs]: pulseMs, [ATTR.pulseOpenNotListed]: 2 * isOpen }
      const attributes = Object.entries(counts).map(([key, value]) => ({ key, value: { intValue: String(value) } }))
      const timeUnixNano = String(instantToNanos(systemClock.now()))
      await sendLogs([{ timeUnixNano, eventName: RECORD.pulse, attributes }])
    },
    async connections(numbers, state, closeCode) {
      const timeUnixNano = String(instantToNanos(systemClock.now()))
      const closed = closeCode === undefined ? [] : [{ key: ATTR.closeCode, value: { intValue: String(closeCode) } }]
      const by: Record<string, string> = closeCode === undefined ? {} : { [ATTR.closeBy]: 'server' }
      await sendLogs(
        numbers.map((number) => {
          const told = { [ATTR.connectionId]: `${instance}_conn_${number}`, [ATTR.connectionState]: state, ...by }
          return { timeUnixNano, eventName: RECORD.connection, attributes: [...attributesOf(told), ...closed] }
        }),
      )
    },
    runId: runIdOf,
  }
}

/** As an exporter does: whoever is asked to come back comes back. */
async function post(url: string, body: object): Promise<void> {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, request)
    const answer = await response.text()
    if (response.ok) return
    if (response.status !== 503 || tries === TRIES_MAX) throw new Error(`${url}: ${response.status} ${answer}`)
    await sleep(systemClock, seconds(Number(response.headers.get('retry-after') ?? 1)))
  }
}

function attributesOf(texts: Readonly<Record<string, string>>): object[] {
  return Object.entries(texts).map(([key, value]) => ({ key, value: { stringValue: value } }))
}

/** Sixteen hex digits that differ for different texts, as far as tests go (FNV-1a, twice). */
function hexOf(text: string): string {
  const half = (seed: number): string => {
    let hash = seed
    for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619) >>> 0
    return hash.toString(16).padStart(8, '0')
  }
  return `${half(2_166_136_261)}${half(84_696_351)}`
}
