/** An OTLP receiver as its clients see it: an address for HTTP, perhaps one for gRPC. Nothing is known of what is behind. */
import { Client, credentials, type Metadata, type ServiceError } from '@grpc/grpc-js'
import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http'

export interface HttpAsked {
  readonly path?: string
  readonly method?: string
  readonly type?: string | null
  readonly encoding?: string
  readonly body?: Uint8Array | string
  /** Send without a Content-Length. */
  readonly chunked?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Stay on one connection. */
  readonly agent?: Agent
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly tookMs: number
}

export interface GrpcAsked {
  readonly service?: 'trace' | 'logs' | 'metrics'
  readonly gzip?: boolean
  readonly deadlineMs?: number
}

export interface GrpcAnswer {
  readonly code: number
  readonly message: string
  readonly body: Buffer
  readonly trailers: Metadata | null
  readonly tookMs: number
}

export interface Target {
  http(asked: HttpAsked): Promise<HttpAnswer>
  /** Absent when no address for gRPC was given. */
  readonly grpc?: (body: Uint8Array, asked?: GrpcAsked) => Promise<GrpcAnswer>
  /** Makes the receiver unable to keep anything for a while; only a receiver of our own can be asked to. */
  readonly trouble?: (isOn: boolean) => void
  /** Lets time pass for the receiver; only for one of our own. */
  readonly passMinutes?: (count: number) => void
}

export type Levers = Pick<Target, 'trouble' | 'passMinutes'>

export interface OpenTarget {
  readonly target: Target
  close(): void
}

/** @param grpcAddress `127.0.0.1:4317` or `http://127.0.0.1:4317` */
export function openTarget(httpUrl: string, grpcAddress: string | null, levers: Levers = {}): OpenTarget {
  const http = (asked: HttpAsked): Promise<HttpAnswer> => ask(httpUrl.replace(/\/$/, ''), asked)
  if (grpcAddress === null) return { target: { http, ...levers }, close: () => {} }
  const client = new Client(grpcAddress.replace(/^https?:\/\//, ''), credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  })
  const zipping = new Client(grpcAddress.replace(/^https?:\/\//, ''), credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.default_compression_algorithm': 2,
  })
  return {
    target: { http, grpc: (body, asked = {}) => call(asked.gzip ? zipping : client, body, asked), ...levers },
    close() {
      client.close()
      zipping.close()
    },
  }
}

function ask(base: string, asked: HttpAsked): Promise<HttpAnswer> {
  const { path = '/v1/traces', method = 'POST', type = 'application/x-protobuf', encoding, chunked, agent } = asked
  const body = Buffer.from(asked.body ?? '')
  const headers = {
    ...(type !== null && { 'content-type': type }),
    ...(encoding !== undefined && { 'content-encoding': encoding }),
    ...(!chunked && { 'content-length': body.length }),
    ...asked.headers,
  }
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${base}${path}`, { method, headers, agent: agent ?? false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks), tookMs: performance.now() - startedAt })
      })
    })
    request.on('error', reject)
    if (chunked) for (let at = 0; at < body.length; at += 65_536) request.write(body.subarray(at, at + 65_536))
    request.end(chunked ? undefined : body)
  })
}

const SERVICE = { trace: 'trace.v1.TraceService', logs: 'logs.v1.LogsService', metrics: 'metrics.v1.MetricsService' }
const asIs = (bytes: Buffer): Buffer => bytes

function call(client: Client, body: Uint8Array, { service = 'trace', deadlineMs = 20_000 }: GrpcAsked) {
  const startedAt = performance.now()
  return new Promise<GrpcAnswer>((resolve) => {
    let error: ServiceError | null = null
    let answer: Buffer = Buffer.alloc(0)
    const path = `/opentelemetry.proto.collector.${SERVICE[service]}/Export`
    const deadline = Date.now() + deadlineMs
    const unary = client.makeUnaryRequest(path, asIs, asIs, Buffer.from(body), { deadline }, (failed, value) => {
      error = failed
      answer = value ?? answer
    })
    unary.on('status', (status) => {
      const { code, details, metadata } = status
      // The callback may come after the status.
      setImmediate(() =>
        resolve({
          code: error?.code ?? code,
          message: details,
          body: answer,
          trailers: metadata,
          tookMs: performance.now() - startedAt,
        }),
      )
    })
  })
}
