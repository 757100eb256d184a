/** Faults of the model, and of the thread that reads it. */
import { sleep, type Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { FaultTable } from './fault-table.ts'
import { forever } from './never.ts'

/** Chunks that pass before the model's stream misbehaves: enough to look alive. */
const HEALTHY_CHUNKS = 6
/** As fast as a hosted model thinks. */
const THOUGHT_EVERY_MS: Millis = 50

export const modelFaults = {
  'half-open-model': () => ({
    beforeChunk: (count) => (count > HEALTHY_CHUNKS ? forever() : Promise.resolve()),
  }),

  'endless-thinking': ({ clock }) => ({ listen: (stream) => repeatLast(stream, clock) }),

  'blocked-loop': ({ clock, blockMs }) => {
    let isOver = false
    return {
      async beforeChunk(count) {
        if (isOver || count < HEALTHY_CHUNKS) return
        isOver = true
        holdThread(clock, blockMs)
      },
    }
  },

  'open-breaker': () => ({ callModel: async () => refuseCall() }),
} satisfies FaultTable

/** The first chunks as they come, then the last of these over and over. */
async function* repeatLast<Chunk>(stream: AsyncIterable<Chunk>, clock: Clock): AsyncGenerator<Chunk> {
  let count = 0
  for await (const chunk of stream) {
    yield chunk
    if (++count < HEALTHY_CHUNKS) continue
    for (;;) {
      await sleep(clock, THOUGHT_EVERY_MS)
      yield chunk
    }
  }
}

function holdThread(clock: Clock, length: Millis): void {
  const until = clock.now() + length
  while (clock.now() < until);
}

class CircuitOpen extends Error {
  override readonly name = 'CircuitOpen'
}

/** The breaker opened on a failure long past, and its timer to try again was lost with a restart. */
function refuseCall(): never {
  throw new CircuitOpen('the circuit breaker of the model is open; no call was made')
}
