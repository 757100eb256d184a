/** `GET /api/search`: a line of JSON for each thing found and each stretch of the log looked through, as it happens. */
import { once } from 'node:events'
import type { Request, RequestHandler, Response } from 'express'
import { readSpanQuery } from './read-run-query.ts'
import type { ServeSettings } from './serve-settings.ts'

export const NDJSON = 'application/x-ndjson'

export function streamSearch({ spans, clock }: ServeSettings): RequestHandler {
  return async (request: Request, response: Response) => {
    const query = readSpanQuery(request.query, clock.now())
    const gone = new AbortController()
    // Whoever closes the page, or presses Stop, is gone: nobody searches for them any more.
    response.on('close', () => gone.abort())
    const lines = spans.search(query, gone.signal)
    // The first line is awaited before anything is sent, so that a refusal is still an answer of its own.
    let line = await lines.next()
    response.type(NDJSON)
    if (request.method === 'HEAD') gone.abort()
    for (; !line.done && !gone.signal.aborted; line = await lines.next())
      // A reader that is slow is waited for, and the search with it.
      if (!response.write(`${JSON.stringify(line.value)}\n`))
        await once(response, 'drain', { signal: gone.signal }).catch(() => {})
    await lines.return(undefined)
    response.end()
  }
}
