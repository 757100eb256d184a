/** A small OTLP/HTTP receiver: takes protobuf or JSON, gzip or plain, and keeps each request as OTLP/JSON. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { decode } from '../../../collector/accept/oracle.ts'
import type { RecordedRequest } from './corpus-file.ts'

export interface Receiver {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  stop(): Promise<void>
}

/** @param told called at each request that tells something about a run; a pulse does not */
export async function startReceiver(told: () => void): Promise<Receiver> {
  const requests: RecordedRequest[] = []
  let first: number | null = null

  const server = createServer((request, response) => {
    void keep(request).finally(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  })

  async function keep(request: IncomingMessage): Promise<void> {
    const at = performance.now()
    const bytes = await buffer(request)
    const signal = /\/v1\/(traces|logs)$/.exec(request.url ?? '')?.[1]
    // Some SDKs also send metrics, or ask who their token belongs to: neither tells of runs.
    if (signal !== 'traces' && signal !== 'logs') return
    first ??= at
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
    const isJson = request.headers['content-type']?.startsWith('application/json')
    const body = isJson ? JSON.parse(plain.toString()) : asJson(decode(TYPE_OF[signal], plain))
    requests.push({ afterMs: Math.round(at - first), signal, body })
    if (!isPulse(plain)) told()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const TYPE_OF = { traces: 'TracesRequest', logs: 'LogsRequest' } as const

const isPulse = (body: Buffer): boolean => body.includes('laststep.pulse') && !body.includes('laststep.span')

/** protobufjs gives bytes as base64; OTLP/JSON wants the ids in hex (opentelemetry-proto, docs/specification.md). */
function asJson(message: object): object {
  return JSON.parse(JSON.stringify(message), (key, value: unknown) => {
    return ID_KEYS.has(key) && typeof value === 'string' ? Buffer.from(value, 'base64').toString('hex') : value
  })
}

const ID_KEYS = new Set(['traceId', 'spanId', 'parentSpanId'])
