/** Reads a page from this machine, and from this machine only: an agent must not become a way into the network. */
import { request } from 'node:http'
import { z } from 'zod'
import { defineTool } from './tool.ts'

const input = z.object({ url: z.url().describe('http URL on this machine') })

/** What is kept of a page: as much as a model should read of one. */
const BODY_CHARS_MAX = 4_096

export const httpFetch = defineTool({
  name: 'http_fetch',
  description: 'Fetches an http URL of this machine (127.0.0.1 or localhost) and returns its status and text.',
  input,
  run: ({ url }, { signal }) => fetchLoopback(url, signal),
})

/**
 * Redirects are not followed: they could lead off the machine.
 * @throws Error when the URL points elsewhere or nobody answers there
 */
export function fetchLoopback(url: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
  const target = new URL(url)
  if (target.protocol !== 'http:') throw new Error(`only http is possible here, not ${target.protocol}`)
  if (!isLoopback(target.hostname))
    throw new Error(`${target.hostname} is not this machine; use 127.0.0.1 or localhost`)
  return new Promise((resolve, reject) => {
    const call = request(target, { signal }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        if (body.length < BODY_CHARS_MAX) body = (body + chunk).slice(0, BODY_CHARS_MAX)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end()
  })
}

/** `localhost` is resolved by the system; the numbers cannot be anything else. Names that merely look local are not. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
