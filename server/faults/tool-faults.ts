/** Faults inside a tool call. */
import { sleep } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { FaultTable } from './fault-table.ts'
import { forever, untilAborted } from './never.ts'

/** Long enough for the tool's open span to be reported (≤ 250 ms) before the process is gone. */
const DEATH_AFTER_MS: Millis = 800

export const toolFaults = {
  'hung-tool': ({ askSilentServer }) => ({ beforeTool: askSilentServer }),

  'full-channel': () => ({ beforeTool: (signal) => fillChannel(signal) }),

  'swallowed-tool-error': () => ({
    swallowsToolErrors: true,
    async beforeTool() {
      throw new Error('the index of the handbook is locked by another process')
    },
  }),

  'lost-approval': () => ({ beforeTool: (signal, ask) => ask(untilAborted(signal)) }),

  'exit-mid-run': ({ clock, die }) => ({
    async beforeTool() {
      await sleep(clock, DEATH_AFTER_MS)
      die()
      // The signal is delivered a moment later; the tool must not go on meanwhile.
      await forever()
    },
  }),
} satisfies FaultTable

const CHANNEL_SLOTS = 4

/** Writes until the channel is full. It would be read when the tool has returned; the tool returns when all is written. */
async function fillChannel(signal: AbortSignal): Promise<void> {
  const channel: string[] = []
  for (let line = 0; line <= CHANNEL_SLOTS; line++) {
    if (channel.length === CHANNEL_SLOTS) await untilAborted(signal)
    channel.push(`line ${line}`)
  }
}
