import type { IncomingMessage } from 'node:http'

/** What a browser needs to hear before a page of another origin may send telemetry: name, value, name, value, … */
export type CorsHeaders = readonly string[]

/** Names a page may send along; those of the exporters, and what carries credentials. */
const ALLOWED_HEADERS = 'content-type, content-encoding, authorization, traceparent, tracestate'
const PREFLIGHT_SECONDS = 600

/**
 * Empty for every request that is not from a listed origin: the browser then keeps the page from sending.
 * @param origins exactly as browsers write them: `https://app.example.com`
 */
export function corsHeaders({ headers }: IncomingMessage, origins: readonly string[]): CorsHeaders {
  const { origin } = headers
  if (origin === undefined || !origins.includes(origin)) return []
  return ['access-control-allow-origin', origin, 'vary', 'origin']
}

/** The answer to a preflight request; null when this is none, or of an origin that is not listed. */
export function preflightHeaders(request: IncomingMessage, origins: readonly string[]): CorsHeaders | null {
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return null
  const allowed = corsHeaders(request, origins)
  if (allowed.length === 0) return null
  return [
    ...allowed,
    'access-control-allow-methods',
    'POST',
    'access-control-allow-headers',
    ALLOWED_HEADERS,
    'access-control-max-age',
    String(PREFLIGHT_SECONDS),
  ]
}
