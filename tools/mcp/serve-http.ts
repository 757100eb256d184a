/**
 * Streamable HTTP at `/mcp`, on this machine only. Any page in a browser can send requests here: those that name another
 * host (a DNS name that was rebound to 127.0.0.1) or come from another origin are refused before they are read.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  type McpServer,
} from '@modelcontextprotocol/server'

const HOST = '127.0.0.1'
export const MCP_PATH = '/mcp'
/** A question is a few words, a note some thousand characters. */
const BODY_BYTES_MAX = 64 * 1_024

/** @throws Error for people when the port is taken */
export async function serveHttp(
  port: number,
  make: () => McpServer,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const handler = createMcpHandler(make, { maxRequestBodySize: BODY_BYTES_MAX })
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const request = asWebRequest(incoming, gone.signal)
    const refused =
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
      originValidationResponse(request, localhostAllowedOrigins())
    if (refused !== undefined) return write(refused, response)
    if (new URL(request.url).pathname !== MCP_PATH)
      return write(new Response(`MCP is at ${MCP_PATH}\n`, { status: 404 }), response)
    await write(await handler.fetch(request), response)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken; name another one with --http`) : error),
    )
    server.listen(port, HOST, resolve)
  })
  const address = server.address()
  const listening = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${HOST}:${listening}${MCP_PATH}`,
    async stop() {
      await handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function asWebRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  const { method = 'GET' } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody
    ? { body: Readable.toWeb(incoming) as unknown as NonNullable<RequestInit['body']>, duplex: 'half' as const }
    : {}
  return new Request(new URL(incoming.url ?? '/', `http://${HOST}`), { method, headers, signal, ...body })
}

async function write(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body === null) return void response.end()
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response)
}
