/**
 * Runs of which it is known why they stand still: version 1.4.2 asks orders-db-2, which does not answer. What else they
 * say is the same for all, or another word for each.
 */
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import { attributes, nanosOf, post, resourceOf } from './agent-telemetry.ts'

export interface PlantedWish {
  readonly stalled: number
  readonly healthy: number
  /** When the first began; one begins each second. */
  readonly from: Instant
  /** Stalled runs are no different from the healthy ones. */
  readonly isNull?: boolean
  /** How it is sent; as JSON when absent. */
  readonly send?: (url: string, body: object) => Promise<void>
}

type Said = Readonly<Record<string, string | number>>

interface PlantedSpan {
  readonly name: string
  readonly said: Said
  /** From the run's start. */
  readonly at: Millis
  /** Null for one that does not end. */
  readonly took: Millis | null
}

/** Spans in a request: more would be a body that is sent back. */
const RUNS_A_REQUEST = 100
const AGENT = 'support'

/** @throws an Error when the collector does not take it @returns the trace ids of the runs that stand still */
export async function plantRuns(otlpHttp: string, wish: PlantedWish): Promise<string[]> {
  const { stalled, healthy, from, isNull = false, send = post } = wish
  const all = Array.from({ length: stalled + healthy }, (_, index) => ({
    index,
    isStalled: index < stalled,
    traceId: `${isNull ? 'e' : 'd'}${index.toString(16).padStart(31, '0')}`,
    startedAt: from + seconds((index * 7919) % (stalled + healthy)),
  }))
  for (let at = 0; at < all.length; at += RUNS_A_REQUEST) {
    const batch = all.slice(at, at + RUNS_A_REQUEST)
    await send(`${otlpHttp}/v1/traces`, { resourceSpans: batch.map((run) => ended(run, isNull)) })
    const open = batch.filter(({ isStalled }) => isStalled)
    if (open.length > 0) await send(`${otlpHttp}/v1/logs`, { resourceLogs: open.map((run) => stillOpen(run, isNull)) })
  }
  return all.filter(({ isStalled }) => isStalled).map(({ traceId }) => traceId)
}

interface PlantedRun {
  readonly index: number
  readonly isStalled: boolean
  readonly traceId: string
  readonly startedAt: Instant
}

function processOf({ index, isStalled }: PlantedRun, isNull: boolean): Parameters<typeof resourceOf>[0] {
  const isNew = isStalled || index % 6 === 0
  const version = isNull ? (index % 2 === 0 ? '1.4.0' : '1.4.1') : isNew ? '1.4.2' : '1.4.1'
  return { service: 'shop', version, environment: 'staging' }
}

function spansOf({ index, isStalled }: PlantedRun, isNull: boolean): PlantedSpan[] {
  const isBad = isNull ? index % 3 === 0 : isStalled ? index % 14 !== 0 : index % 11 === 0
  const size = (isNull ? 2_000 : isStalled ? 40_000 : 2_000) + ((index * 37) % 900)
  const run = {
    [ATTR.operation]: 'invoke_agent',
    [ATTR.agent]: AGENT,
    [ATTR.userId]: `user-${index}`,
    'app.request.id': `req-${index}-${index * 31}`,
  }
  const plan = {
    [ATTR.operation]: 'chat',
    [ATTR.model]: 'gpt-5',
    'gen_ai.usage.output_tokens': 100 + ((index * 13) % 50),
  }
  const tool = {
    [ATTR.operation]: 'execute_tool',
    [ATTR.toolName]: 'search_orders',
    'code.file.path': 'src/tools/search_orders.ts',
    'code.line.number': 88,
    'server.address': isBad ? 'orders-db-2' : 'orders-db-1',
    'app.args.size': size,
  }
  const ends = isStalled ? null : 1
  return [
    { name: `invoke_agent ${AGENT}`, said: run, at: 0, took: ends && 2_000 },
    { name: 'chat gpt-5', said: plan, at: 10, took: 500 },
    // What is only known at the end is not said of a step that has none.
    {
      name: 'execute_tool search_orders',
      said: isStalled ? tool : { ...tool, 'http.response.status_code': 200 },
      at: 600,
      took: ends && 300 + (index % 50),
    },
    ...(isStalled
      ? []
      : [{ name: 'chat gpt-5-mini', said: { ...plan, [ATTR.model]: 'gpt-5-mini' }, at: 1_000, took: 800 }]),
  ]
}

function ended(run: PlantedRun, isNull: boolean): object {
  const spans = written(run, isNull).filter((span) => 'endTimeUnixNano' in span)
  return { resource: resourceOf(processOf(run, isNull)), scopeSpans: [{ spans }] }
}

function stillOpen(run: PlantedRun, isNull: boolean): object {
  const open = written(run, isNull).filter((span) => !('endTimeUnixNano' in span))
  const logRecords = open.map((span) => ({
    timeUnixNano: nanosOf(run.startedAt),
    eventName: RECORD.spanStart,
    // As our SDK does: who reads for one trace passes over the records of others.
    traceId: span.traceId,
    spanId: span.spanId,
    body: { stringValue: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }) },
    attributes: attributes({ [ATTR.partialBodyType]: 'json/v1', [ATTR.seq]: 1 }),
  }))
  return { resource: resourceOf(processOf(run, isNull)), scopeLogs: [{ logRecords }] }
}

interface WrittenSpan {
  readonly traceId: string
  readonly spanId: string
  readonly endTimeUnixNano?: string
}

function written(run: PlantedRun, isNull: boolean): WrittenSpan[] {
  const { traceId, startedAt, index } = run
  const idOf = (span: number) => `${(index + 1).toString(16).padStart(12, 'c')}${span.toString(16).padStart(4, '0')}`
  return spansOf(run, isNull).map(({ name, said, at, took }, span) => ({
    traceId,
    spanId: idOf(span),
    ...(span === 0 ? {} : { parentSpanId: idOf(0) }),
    name,
    startTimeUnixNano: nanosOf(startedAt + at),
    ...(took === null ? {} : { endTimeUnixNano: nanosOf(startedAt + at + took), status: { code: 1 } }),
    attributes: attributes(said),
  }))
}
