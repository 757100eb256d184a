import { diag } from '@opentelemetry/api'
import { extname } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
// The pulse compares this thread's time with its worker's: both must be the machine's.
import { sleep, systemClock as clock } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'
import type { OpenSpanTable } from './open-span-table.ts'
import type { PulseWorkerData } from './pulse-worker.ts'

export interface Pulse {
  /** Beat a last time, saying goodbye. Resolves when that is sent, cannot be, or took longer than `limitMs`. */
  stop(limitMs: Millis): Promise<void>
}

const TURN_EVERY: Millis = 100
const DELAY_RESOLUTION: Millis = 20

/**
 * Start the worker that beats, and show it that this thread turns. Neither keeps the process alive.
 * A worker that cannot start or dies costs the pulse, not the program.
 */
export function startPulse(
  table: OpenSpanTable,
  settings: Omit<PulseWorkerData, 'memory'>,
  dropped: () => number,
): Pulse {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION })
  delay.enable()
  const turn = () => {
    // The histogram holds whole intervals; what counts is how much later than asked each one came.
    const delayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION)
    table.report({ lastTurn: clock.now(), delayP99Ms, dropped: dropped() })
  }
  turn()
  const turning = clock.every(TURN_EVERY, turn)
  const forgetting = clock.every(settings.intervalMs, () => delay.reset())

  const workerData: PulseWorkerData = { ...settings, memory: table.memory }
  // Started with the parent's own options it would run the parent's `--import` again, and start itself for ever.
  const worker = new Worker(new URL(`./pulse-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    name: 'laststep-pulse',
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('error', (error) => diag.warn(`laststep: no pulse: ${String(error)}`))
  worker.unref()

  return {
    async stop(limitMs) {
      turning.cancel()
      forgetting.cancel()
      delay.disable()
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
      worker.postMessage('stop')
      await Promise.race([gone, sleep(clock, limitMs)])
      await worker.terminate()
    },
  }
}
