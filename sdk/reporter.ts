import { randomUUID } from 'node:crypto'
import { ATTR } from '../contract/attributes.ts'
import { sleep, systemClock } from '../contract/clock.ts'
import type { Clock, Timer } from '../contract/clock.ts'
import { seconds } from '../contract/units.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { LogRecord } from './otlp-json.ts'
import type { Pulse } from './pulse.ts'
import { ExportQueue } from './export-queue.ts'
import { OpenSpanTable } from './open-span-table.ts'
import { encodeLogRecord, encodeLogs, encodeResource, encodeTraces } from './otlp-json.ts'
import { createPoster } from './post-json.ts'
import { startPulse } from './pulse.ts'

export interface ReporterOptions {
  /** Base URL of the collector's OTLP/HTTP port: `http://127.0.0.1:4318`. */
  readonly endpoint: string
  readonly serviceName: string
  readonly serviceVersion?: string
  /** `production`, `staging`, … */
  readonly environment?: string
  /** The progression contract this process's runs keep to, such as `ag-ui`; the collector's first unless given. */
  readonly contract?: string
  /** One process. Random unless given. */
  readonly instanceId?: string
  /** Sent with every request; for a collector that asks who you are. */
  readonly headers?: Readonly<Record<string, string>>
  /** From something happening to its record leaving; 200 unless given. */
  readonly flushMs?: Millis
  /** Records, and finished spans, that may wait; 10,000 of each unless given. More are dropped and counted. */
  readonly queueMax?: number
  /** Between two pulses; 5,000 unless given, 0 for none. */
  readonly pulseMs?: Millis
  /**
   * `g-research`: the records also go to a G-Research partial-span collector. It gives up a span that is silent for
   * longer than its frequency, so every open span is repeated in time, and forgets one that stops, so a span the
   * process leaves unfinished is not stopped there.
   */
  readonly compat?: 'g-research'
  readonly clock?: Clock
}

export interface ReporterStats {
  readonly queued: number
  readonly sent: number
  /** Did not fit, was refused, or could not be delivered in time. */
  readonly dropped: number
  readonly failedRequests: number
}

/** Something that gathers what it has to say until the reporter asks. */
export interface Source {
  /** Report what is new. True asks to be asked again one flush later, even if nothing else happens. */
  collect(now: Instant): boolean
  /** The program stops in good order: say goodbye. */
  stop?(now: Instant): void
}

/**
 * The way out of a runtime: queues, sends, and keeps the pulse. Calls never throw, never block and never keep the
 * process alive; a collector that is away costs the counter `dropped`.
 */
export interface Reporter {
  readonly instanceId: string
  readonly clock: Clock
  /** Resource attributes of everything sent, traces included. */
  readonly resource: Readonly<Record<string, string | number>>
  /** How long a repeated open span stays believable, as `partial.frequency` says it. */
  readonly repeatMs: Millis
  readonly flushMs: Millis
  readonly compat: 'g-research' | null
  readonly openSpans: OpenSpanTable
  /** False while the queue of records is full. */
  hasRoom(): boolean
  /** Queue a record; one that finds no room is dropped and counted. */
  report(record: LogRecord): void
  /** Queue a finished span, encoded by `encodeScopeSpans`; one that finds no room is dropped and counted. */
  reportSpan(scopeSpans: string): void
  /** Wrap spans the way this process sends them: OTLP/JSON `TracesData`. */
  encodeTraces(scopeSpans: readonly string[]): string
  addSource(source: Source): void
  /** There is something to collect: flush within `flushMs`. */
  wake(): void
  /** Collect and send everything now. Resolves when it is sent or an attempt failed. */
  flush(): Promise<void>
  /** Goodbye: open spans get a stop record, the pulse its last beat, and all is sent. Takes 3 s at most. */
  stop(): Promise<void>
  stats(): ReporterStats
}

const FLUSH_MS = 200
const QUEUE_MAX = 10_000
const PULSE_MS = seconds(5)
const REQUEST_TIMEOUT = seconds(10)
const STOP_MAX = seconds(3)

/** @throws TypeError when an option cannot be used; the message says which. */
export function createReporter(options: ReporterOptions): Reporter {
  const { endpoint, serviceName, flushMs = FLUSH_MS, queueMax = QUEUE_MAX, pulseMs = PULSE_MS } = options
  const { clock = systemClock, headers = {}, instanceId = randomUUID() } = options
  const base = readEndpoint(endpoint)
  if (serviceName === '') throw new TypeError('laststep: serviceName must not be empty; it names your runtime')

  const resource = resourceOf(options, instanceId)
  const resourceJson = encodeResource(resource)
  const openQueue = (path: string, encode: typeof encodeLogs) => {
    const poster = createPoster({ url: `${base}${path}`, headers, clock, timeoutMs: REQUEST_TIMEOUT })
    const envelope = (items: readonly string[]) => encode(resourceJson, items)
    return new ExportQueue({ poster, envelope, itemsMax: queueMax, clock })
  }
  const records = openQueue('/v1/logs', encodeLogs)
  const spans = openQueue('/v1/traces', encodeTraces)
  const openSpans = new OpenSpanTable()
  const sources: Source[] = []
  let timer: Timer | null = null
  let stopping: Promise<void> | null = null

  const stats = () => sum(records.stats(), spans.stats())
  const pulse: Pulse | null =
    pulseMs === 0
      ? null
      : startPulse(
          openSpans,
          { url: `${base}/v1/logs`, headers, resource: resourceJson, intervalMs: pulseMs, timeoutMs: REQUEST_TIMEOUT },
          () => stats().dropped,
        )

  function collect(): void {
    timer?.cancel()
    timer = null
    const now = clock.now()
    // Every source is asked, whatever the others answer.
    const again = sources.filter((source) => source.collect(now)).length > 0
    if (again) wake()
  }

  function wake(): void {
    if (stopping !== null) return
    timer ??= clock.after(flushMs, () => {
      collect()
      records.send()
      spans.send()
    })
  }

  async function flush(): Promise<void> {
    collect()
    await Promise.all([records.drain(), spans.drain()])
  }

  async function stop(): Promise<void> {
    for (const source of sources) source.stop?.(clock.now())
    await Promise.all([Promise.race([flush(), sleep(clock, STOP_MAX)]), pulse?.stop(STOP_MAX)])
    timer?.cancel()
    records.close()
    spans.close()
  }

  return {
    instanceId,
    clock,
    resource,
    repeatMs: pulseMs === 0 ? PULSE_MS : pulseMs,
    flushMs,
    compat: options.compat ?? null,
    openSpans,
    hasRoom: () => records.hasRoom(),
    report: (record) => {
      wake()
      records.add(encodeLogRecord(record))
    },
    reportSpan: (scopeSpans) => {
      wake()
      spans.add(scopeSpans)
    },
    encodeTraces: (scopeSpans) => encodeTraces(resourceJson, scopeSpans),
    addSource: (source) => void sources.push(source),
    wake,
    flush,
    stop: () => (stopping ??= stop()),
    stats,
  }
}

function readEndpoint(endpoint: string): string {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new TypeError(`laststep: endpoint must be an http(s) URL such as http://127.0.0.1:4318, not "${endpoint}"`)
  return endpoint.replace(/\/+$/, '')
}

function resourceOf(options: ReporterOptions, instanceId: string): Record<string, string | number> {
  const { serviceName, serviceVersion, environment, contract } = options
  return {
    [ATTR.serviceName]: serviceName,
    ...(serviceVersion === undefined ? {} : { [ATTR.serviceVersion]: serviceVersion }),
    [ATTR.serviceInstanceId]: instanceId,
    ...(environment === undefined ? {} : { [ATTR.environment]: environment }),
    ...(contract === undefined ? {} : { [ATTR.contract]: contract }),
    'process.pid': process.pid,
    // Code locations are told relative to it; with it the collector shortens the stacks of exceptions alike.
    [ATTR.workingDirectory]: process.cwd(),
  }
}

function sum(a: ReporterStats, b: ReporterStats): ReporterStats {
  return {
    queued: a.queued + b.queued,
    sent: a.sent + b.sent,
    dropped: a.dropped + b.dropped,
    failedRequests: a.failedRequests + b.failedRequests,
  }
}
