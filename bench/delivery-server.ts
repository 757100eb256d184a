/**
 * The runtime under load of bench/deliveries.ts: a server of the package `ws` that sends its connections the events of
 * runs, as fast as it is told. Prints `{"http":…,"ws":…}`; `POST /play` with a `Play` answers a `Played`.
 *
 *   node bench/delivery-server.ts off | node bench/delivery-server.ts <OTLP endpoint>
 */
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import { systemClock } from '../contract/clock.ts'
import type { ServerFrame } from '../contract/frames.ts'
import type { Millis } from '../contract/units.ts'
import { createReporter, recordWebSockets } from '../sdk/index.ts'

export interface Play {
  readonly messages: number
  /** A second; null for as many as the main thread manages. */
  readonly rate: number | null
  /** Turns of a loop that stand for what else a runtime does for each message. */
  readonly work: number
}

export interface Played {
  /** Processor time of the main thread and of all threads, until the last record has left. */
  readonly mainMs: Millis
  readonly allMs: Millis
  readonly tookMs: Millis
}

/** What is sent beside the envelope; `sent_ms` lets a client on this machine tell how long it took. */
interface Payload {
  readonly text: string
  readonly sent_ms: number
}

const EPOCH = 'a3d5b0f4-1c5e-4b8e-9f0d-5d1e6a7b8c90'
/** Of a run that streams its answer and uses one tool. */
const EVENTS: readonly ServerFrame['type'][] = [
  'agent_started',
  ...Array.from({ length: 22 }, () => 'agent_thinking' as const),
  'tool_executing',
  'tool_completed',
  ...Array.from({ length: 23 }, () => 'agent_thinking' as const),
  'agent_finalizing',
  'agent_completed',
]
const TEXT = 'The order was shipped on Tuesday, and '
/** Timers are no finer than a millisecond; a runtime's chunks come in small bursts too. */
const TICK: Millis = 4
/** Sent between two turns of the event loop, when there is no rate to keep. */
const BURST = 20
const BACKLOG_BYTES_MAX = 1_000_000
/** Two flushes and a client's ack: until what belongs to the last message has left. */
const SETTLE: Millis = 800

/** A runtime that is traced, with or without Laststep: messages are sent inside a span. */
new NodeSDK({ spanProcessors: [], logRecordProcessors: [], metricReaders: [], resourceDetectors: [] }).start()
const SPAN = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', traceFlags: 1 }
const inSpan = trace.setSpanContext(ROOT_CONTEXT, SPAN)

const [endpoint = 'off'] = process.argv.slice(2)
const http = createServer((request, response) => {
  void play(request).then((played) => response.end(JSON.stringify(played)))
})
const server = new WebSocketServer({ server: http })
if (endpoint !== 'off')
  recordWebSockets(server, createReporter({ endpoint, serviceName: 'bench', instanceId: EPOCH }), {
    userOf: ({ url }) => url,
  })

let spun = 0
const lanes: { readonly socket: WebSocket; run: number; seq: number }[] = []
server.on('connection', (socket) => lanes.push({ socket, run: 0, seq: 0 }))
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  console.log(JSON.stringify({ http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` }))
})

process.once('SIGTERM', () => process.exit())

async function play(request: IncomingMessage): Promise<Played> {
  const { messages, rate, work } = (await json(request)) as Play
  const [main, all, from] = [process.threadCpuUsage(), process.cpuUsage(), systemClock.now()]
  for (let sent = 0; sent < messages;) {
    const due = rate === null ? sent + BURST : Math.floor(((systemClock.now() - from) * rate) / 1_000)
    for (; sent < Math.min(due, messages); sent++) {
      spin(work)
      context.with(inSpan, sendOne, undefined, sent)
    }
    if (rate !== null) await setTimeout(TICK)
    else await setImmediate()
    while (lanes.some(({ socket }) => socket.bufferedAmount > BACKLOG_BYTES_MAX)) await setTimeout(TICK)
  }
  const tookMs = systemClock.now() - from
  await setTimeout(SETTLE)
  return { mainMs: sum(process.threadCpuUsage(main)), allMs: sum(process.cpuUsage(all)), tookMs }
}

function sendOne(index: number): void {
  const lane = lanes[index % lanes.length]
  if (lane === undefined) throw new Error('expected connections')
  const type = EVENTS[lane.seq++] ?? 'agent_completed'
  const payload: Payload = { text: TEXT, sent_ms: systemClock.now() }
  const frame = {
    type,
    run_id: `run_${String(index % lanes.length).padStart(6, '0')}${String(lane.run).padStart(14, '0')}`,
    thread_id: 'thread_4k0zt1m8p2v7x9s3q5w6',
    seq: lane.seq,
    epoch: EPOCH,
    ts: '2026-11-22T20:15:03.118Z',
    traceparent: `00-${SPAN.traceId}-${SPAN.spanId}-01`,
    payload,
  }
  lane.socket.send(JSON.stringify(frame))
  if (lane.seq < EVENTS.length) return
  lane.run++
  lane.seq = 0
}

/** By count and not by time: the processor time of a thread is only told in steps of several milliseconds. */
function spin(turns: number): void {
  for (let turn = 0; turn < turns; turn++) spun = (spun * 31 + turn) | 0
}

function sum({ user, system }: { readonly user: number; readonly system: number }): Millis {
  return (user + system) / 1_000
}
