/**
 * Two parts of the way in, each in a process of its own, for the benchmark to set beside the whole. Prints
 * `{"otlpHttp":…}`. Arguments: `discard` (bare node:http that throws the bodies away) or `door` (accept + log, nothing
 * behind it), and a data folder.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startOtlpHttp } from '../collector/accept/receive-otlp.ts'
import { openSegmentLog } from '../collector/keep/segment-log.ts'
import { systemClock } from '../contract/clock.ts'

const [what = '', dir = ''] = process.argv.slice(2)
const say = (otlpHttp: string): void => console.log(JSON.stringify({ otlpHttp }))

if (what === 'discard') discard()
else if (what === 'door') await door()
else throw new Error('first argument: discard or door')

function discard(): void {
  const server = createServer((request, response) => {
    request.on('data', () => {})
    request.on('end', () => response.end())
  })
  server.listen(0, '127.0.0.1', () => say(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

async function door(): Promise<void> {
  const log = await openSegmentLog({ dir, clock: systemClock, log: console })
  const receiver = await startOtlpHttp({
    host: '127.0.0.1',
    port: 0,
    log: console,
    take: async ({ kind, encoding, body }) => {
      await log.append({ kind, encoding, body, receivedAt: systemClock.now() })
    },
  })
  say(receiver.address)
}
