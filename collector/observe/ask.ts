import { request as httpRequest } from 'node:http'
import type { Clock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'

const ANSWER_MAX: Millis = seconds(5)

/**
 * `node:http`, which the doors have loaded already: `fetch` would take 4 MiB for one request a minute of the canary.
 * @returns the body of a 200; null for every other answer, and for none in time
 */
export function ask(clock: Clock, url: string, body: string | null): Promise<string | null> {
  return new Promise((resolve) => {
    const request = httpRequest(url, {
      method: body === null ? 'GET' : 'POST',
      headers: body === null ? {} : { 'content-type': 'application/json' },
      // A connection of its own, as a sender that comes anew would have.
      agent: false,
    })
    const timer = clock.after(ANSWER_MAX, () => request.destroy())
    const end = (answer: string | null): void => {
      timer.cancel()
      resolve(answer)
    }
    request.on('error', () => end(null))
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('error', () => end(null))
      response.on('close', () => end(response.complete && response.statusCode === 200 ? text : null))
    })
    request.end(body ?? undefined)
  })
}
