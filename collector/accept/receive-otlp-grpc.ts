/**
 * Where a span enters: OTLP over gRPC. The library hands over the bytes as they came; they are read as those that come
 * over HTTP, so that both doors say the same, and a body that cannot be read is the sender's fault and not ours.
 */
import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  setLogVerbosity,
  type handleUnaryCall,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { systemClock, type Clock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { Refusal, successBody, type RequestKind } from './answer.ts'
import { grpcRefusal } from './answer-grpc.ts'
import { createBytesInFlight, type BytesInFlight } from './bytes-in-flight.ts'
import { CONNECTION_AGE } from './connection-ages.ts'
import { holdTake } from './hold-take.ts'
import { isLeftCompressed, leaveCompressed } from './leave-compressed.ts'
import { BODY_BYTES_MAX, STOP_GRACE } from './limits.ts'
import { createBodyReader, type Body, type BodyReader } from './read-body.ts'
import type { OtlpReceiver, OtlpSettings } from './receive-otlp.ts'
import { newCounts, refusalOf, takeRequest, type Counts } from './take-request.ts'

export interface OtlpGrpcSettings extends OtlpSettings {
  /** After which a connection is asked to go and come again; the library adds a jitter of a tenth. */
  readonly connectionAge?: Millis
}

const KEEPALIVE_EVERY: Millis = seconds(60)
const KEEPALIVE_TIMEOUT: Millis = seconds(20)
/** For calls under way on a connection that has to go. */
const AGE_GRACE: Millis = seconds(10)
const CALLS_PER_CONNECTION_MAX = 256

// The library writes to the console what it also tells us as an error; it is said once, by whoever starts us.
setLogVerbosity(logVerbosity.NONE)

/** @throws when the address cannot be listened on */
export async function startOtlpGrpc(settings: OtlpGrpcSettings): Promise<OtlpReceiver> {
  const { bodyBytesMax = BODY_BYTES_MAX, inFlight = createBytesInFlight(), clock = systemClock } = settings
  const bodies = createBodyReader(bodyBytesMax, inFlight)
  const door: Door = { settings, inFlight, bodies, clock, counts: newCounts(), isClosing: false }
  const server = new Server({
    interceptors: [leaveCompressed],
    'grpc.max_receive_message_length': bodyBytesMax,
    'grpc.max_concurrent_streams': CALLS_PER_CONNECTION_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_EVERY,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT,
    'grpc.max_connection_age_ms': settings.connectionAge ?? CONNECTION_AGE,
    'grpc.max_connection_age_grace_ms': AGE_GRACE,
  })
  for (const [service, kind] of SERVICES) server.addService(definition(service), { export: exportHandler(kind, door) })
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const port = await bind(server, `${host}:${settings.port}`)
  return {
    address: `http://${host}:${port}`,
    counts: door.counts,
    stop() {
      door.isClosing = true
      return shutDown(server, clock)
    },
  }
}

const SERVICES: readonly (readonly [service: string, kind: RequestKind])[] = [
  ['opentelemetry.proto.collector.trace.v1.TraceService', 'traces'],
  ['opentelemetry.proto.collector.logs.v1.LogsService', 'logs'],
  ['opentelemetry.proto.collector.metrics.v1.MetricsService', 'metrics'],
]

const asIs = (bytes: Buffer): Buffer => bytes

function definition(service: string): ServiceDefinition<{ export: handleUnaryCall<Buffer, Buffer> }> {
  return {
    export: {
      path: `/${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  }
}

/** What every call needs. */
interface Door {
  readonly settings: OtlpGrpcSettings
  readonly inFlight: BytesInFlight
  readonly clock: Clock
  readonly counts: Counts
  readonly bodies: BodyReader
  isClosing: boolean
}

type Call = ServerUnaryCall<Buffer, Buffer>

function exportHandler(kind: RequestKind, door: Door): handleUnaryCall<Buffer, Buffer> {
  return (call, answer) => {
    receive(kind, call, door).then(
      (body) => answer(null, body),
      (error: unknown) => {
        const refusal = refusalOf(error, door.settings.log)
        door.counts[refusal.reason] += 1
        door.settings.refused?.(refusal.reason, refusal.message)
        answer(errorOf(refusal))
      },
    )
  }
}

async function receive(kind: RequestKind, call: Call, door: Door): Promise<Buffer> {
  const { request: raw } = call
  // Its bytes are here already; holding the call until there is room would keep them here.
  if (!door.inFlight.take(raw.length)) throw new Refusal('too-much', 'too many bytes in flight; send again in a second')
  let inflated: Body | null = null
  try {
    if (isLeftCompressed(raw)) inflated = await door.bodies.inflate('gzip', raw)
    const body = inflated?.bytes ?? raw
    const take = holdTake(door.settings.take, door.clock, () => call.cancelled || door.isClosing)
    const remarks = await takeRequest({ kind, encoding: 'protobuf', body }, take, door.counts, door.settings.refused)
    return successBody(kind, 'protobuf', remarks)
  } finally {
    inflated?.release()
    door.inFlight.give(raw.length)
  }
}

function errorOf(refusal: Refusal): ServerErrorResponse {
  const { code, message, trailers } = grpcRefusal(refusal.reason, refusal.message)
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value)
  return Object.assign(new Error(message), { code, details: message, metadata })
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) return resolve(port)
      // The library tells the system's own error only in its text.
      const code = /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.exec(error.message)?.[1]
      reject(code === undefined ? error : Object.assign(error, { code }))
    })
  })
}

/** Calls under way are answered; connections are told to go, and cut when their grace is over. */
function shutDown(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const grace = clock.after(STOP_GRACE, () => server.forceShutdown())
    server.tryShutdown(() => {
      grace.cancel()
      resolve()
    })
  })
}
