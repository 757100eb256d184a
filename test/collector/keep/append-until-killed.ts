/** Run as a child: appends to a log for ever, and says on stdout which entries were acknowledged. Argument: folder. */
import { writeSync } from 'node:fs'
import { openSegmentLog } from '../../../collector/keep/segment-log.ts'
import { systemClock } from '../../../contract/clock.ts'

const [dir = '', prefix = ''] = process.argv.slice(2)
const log = await openSegmentLog({ dir, clock: systemClock, segmentBytes: 256 * 1_024, log: console })

async function appendForEver(writer: number): Promise<void> {
  for (let index = 0; ; index++) {
    const name = `${prefix}-${writer}-${index}`
    const body = Buffer.from(`${name} ${'x'.repeat((index * 37) % 3_000)}`)
    await log.append({ kind: 'traces', encoding: 'protobuf', receivedAt: 1 + index, body })
    say(`${name}\n`)
  }
}

/** Synchronous: whatever stands in the pipe was acknowledged before the process was killed. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (error) {
      // The pipe is full because its reader is slow: it will be read.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}

for (let writer = 0; writer < 8; writer++) void appendForEver(writer)
