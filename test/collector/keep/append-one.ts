/** Run as a child: appends one entry for each line on stdin, and answers `ok` or the name of the error. */
import { createInterface } from 'node:readline'
import { openSegmentLog } from '../../../collector/keep/segment-log.ts'
import { systemClock } from '../../../contract/clock.ts'

const log = await openSegmentLog({
  dir: process.argv[2] ?? '',
  clock: systemClock,
  segmentBytes: 8_192,
  log: { warn: (_details, message) => console.log(message), error: (_details, message) => console.log(message) },
})
console.log('ready')
for await (const line of createInterface(process.stdin)) {
  const body = Buffer.alloc(Number(line), 'x')
  try {
    await log.append({ kind: 'traces', encoding: 'protobuf', receivedAt: 1, body })
    console.log('ok')
  } catch (error) {
    console.log(error instanceof Error ? error.name : error)
  }
}
await log.close()
