/** A receiver of webhooks that remembers, and answers as it is told to. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A status, or anything else a server can do to a request. */
export type Answer = number | ((response: ServerResponse) => void)

export interface WebhookReceiver {
  readonly url: string
  readonly received: Received[]
  /** The next requests are answered so, one each; after that with 204. */
  answer(...answers: Answer[]): void
  stop(): Promise<void>
}

/** @param heard is called as each arrives */
export async function startWebhookReceiver(heard: (message: Received) => void = () => {}): Promise<WebhookReceiver> {
  const received: Received[] = []
  const answers: Answer[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const message = { headers: request.headers, body: Buffer.concat(chunks).toString() }
      received.push(message)
      heard(message)
      const answer = answers.shift() ?? 204
      if (typeof answer === 'number') response.writeHead(answer).end()
      else answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (...next) => void answers.push(...next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
