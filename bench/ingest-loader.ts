/**
 * The loader, in a process of its own: keeps every connection busy with prepared requests, then prints one JSON line.
 * It speaks HTTP/1.1 by hand, because it shares its cores with what it measures. Argument: an `Order` as JSON.
 */
import { connect as connectHttp2, constants } from 'node:http2'
import { connect } from 'node:net'
import { makeLoad, type Load } from './otlp-load.ts'
import { systemClock } from '../contract/clock.ts'
import { seconds } from '../contract/units.ts'

export type Protocol = 'protobuf' | 'json' | 'grpc'

export interface Order {
  readonly url: string
  readonly protocol: Protocol
  readonly connections: number
  readonly spansARun: number
  /** Spans a second, sent on a schedule whatever the answers do; null sends as fast as they come. */
  readonly rate: number | null
  /** Whichever comes first. */
  readonly seconds: number
  readonly requests: number
  /** Not counted at the start: code is compiled, files are made. */
  readonly warmUpSeconds: number
}

export interface LoadResult {
  readonly requests: number
  readonly spans: number
  readonly bytes: number
  readonly failed: number
  /** Warm-up included: what the server's CPU time was spent on. */
  readonly spansInAll: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** One connection with one request at a time. */
interface Line {
  send(): void
  close(): void
}

const BACK_OFF_MS = 50
const SPANS = 100

const order = JSON.parse(process.argv[2] ?? '{}') as Order
const countFrom = systemClock.now() + seconds(order.warmUpSeconds)
const endsAt = countFrom + seconds(order.seconds)
const latencies: number[] = []
let bytes = 0
let failed = 0
let spansInAll = 0
let sent = 0
let lastAnswerAt = countFrom

/** Between two requests of one connection. */
const paceMs = order.rate === null ? null : (order.connections * SPANS * 1_000) / order.rate

function keepBusy(seed: number): Promise<void> {
  const load = makeLoad(seed, order.protocol === 'json' ? 'json' : 'protobuf', SPANS, order.spansARun)
  let sentAt = 0
  // Connections take turns, so that a rate is no drumbeat.
  let dueAt = systemClock.now() + ((paceMs ?? 0) * seed) / order.connections
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const now = systemClock.now()
      if (now >= endsAt || sent >= order.requests) {
        line.close()
        return resolve()
      }
      load.renew(process.pid * 100_000 + sent++)
      // On a schedule a request is as late as it leaves late: waiting for the answer before is waiting as well.
      sentAt = paceMs === null ? now : dueAt
      line.send()
    }
    const nextInTime = (): void => {
      if (paceMs === null) return next()
      dueAt += paceMs
      const aheadMs = dueAt - systemClock.now()
      if (aheadMs < 1) next()
      else systemClock.after(aheadMs, next)
    }
    const answered = (isGood: boolean): void => {
      note(load, sentAt, isGood)
      if (isGood) nextInTime()
      else systemClock.after(BACK_OFF_MS, next)
    }
    const open = order.protocol === 'grpc' ? openGrpc : openHttp
    const line = open(load, next, answered, reject)
  })
}

function note(load: Load, sentAt: number, isGood: boolean): void {
  const now = systemClock.now()
  if (isGood) spansInAll += load.spans
  if (now < countFrom || now >= endsAt) return
  lastAnswerAt = now
  if (!isGood) return void (failed += 1)
  latencies.push(now - sentAt)
  bytes += load.body.length
}

function openHttp(load: Load, opened: () => void, answered: (isGood: boolean) => void, broken: (error: Error) => void) {
  const { hostname, port } = new URL(order.url)
  const head = Buffer.from(
    `POST /v1/traces HTTP/1.1\r\nhost: laststep\r\ncontent-type: ${load.contentType}\r\ncontent-length: ${load.body.length}\r\n\r\n`,
  )
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  socket.once('error', broken)
  socket.once('connect', opened)
  // Answers are far smaller than a packet, and there is one at a time.
  socket.on('data', (answer) => answered(answer.toString('latin1', 9, 12) === '200'))
  const line: Line = {
    send() {
      socket.cork()
      socket.write(head)
      socket.write(load.body)
      socket.uncork()
    },
    close: () => socket.destroy(),
  }
  return line
}

/** gRPC by hand: one HTTP/2 stream a request, `grpc-status: 0` in the trailers. */
function openGrpc(load: Load, opened: () => void, answered: (isGood: boolean) => void, broken: (error: Error) => void) {
  const session = connectHttp2(order.url, { settings: { initialWindowSize: 1_048_576 } })
  session.once('error', broken)
  session.once('connect', opened)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(load.body.length, 1)
  const line: Line = {
    send() {
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      let status: unknown = null
      stream.on('response', (headers) => (status ??= headers['grpc-status'] ?? null))
      stream.on('trailers', (trailers) => (status = trailers['grpc-status']))
      stream.on('data', () => {})
      stream.on('error', () => {})
      stream.on('close', () => answered(status === '0' || status === 0))
      stream.write(prefix)
      stream.end(load.body)
    },
    close: () => session.destroy(),
  }
  return line
}

await Promise.all(Array.from({ length: order.connections }, (_, index) => keepBusy(index)))
latencies.sort((one, other) => one - other)
const quantile = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0
const result: LoadResult = {
  requests: latencies.length,
  spans: latencies.length * SPANS,
  bytes,
  failed,
  spansInAll,
  seconds: (Math.min(endsAt, lastAnswerAt) - countFrom) / 1_000,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
  maxMs: quantile(1),
}
console.log(JSON.stringify(result))
