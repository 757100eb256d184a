/**
 * The pulse's own thread: it keeps beating while the main thread is blocked, and says for how long it has been.
 * Started by `pulse.ts`; sees the main thread only through shared memory, and ends when it gets a message.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../contract/clock.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { PulseState } from './pulse-beat.ts'
import { OpenSpanTable } from './open-span-table.ts'
import { encodeLogRecord, encodeLogs } from './otlp-json.ts'
import { createPoster } from './post-json.ts'
import { NO_BEAT_YET, nextBeat, pulseRecord } from './pulse-beat.ts'

export interface PulseWorkerData {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Encoded. */
  readonly resource: string
  readonly intervalMs: Millis
  readonly timeoutMs: Millis
  readonly memory: SharedArrayBuffer
}

const LOOK_EVERY: Millis = 100
/** After a beat that was not heard the next one comes sooner. */
const REPEAT_AFTER: Millis = 1_000

const { url, headers, resource, intervalMs, timeoutMs, memory } = workerData as PulseWorkerData
const clock = systemClock
const table = new OpenSpanTable(memory)
const poster = createPoster({ url, headers, clock, timeoutMs })
let state: PulseState = NO_BEAT_YET
let sending: Promise<void> | null = null
let heard = true

function look(): void {
  const now = clock.now()
  // One request at a time: a beat that cannot be sent now would be stale by the time it could.
  if (sending !== null) return
  const next = nextBeat(state, table.loop().lastTurn, heard ? intervalMs : REPEAT_AFTER, now)
  state = next.state
  if (next.beat) sending = beat(next.blockedMs, now, false).finally(() => (sending = null))
}

/** Never retried: an old list of open spans would deny the spans that started since. The next beat has a new one. */
async function beat(blockedMs: Millis, now: Instant, last: boolean): Promise<void> {
  const record = pulseRecord(table, state, blockedMs, { intervalMs, last, now })
  const posted = await poster.post(encodeLogs(resource, [encodeLogRecord(record)]))
  heard = posted.accepted
}

look()
const looking = clock.every(LOOK_EVERY, look)

parentPort?.once('message', async () => {
  looking.cancel()
  poster.hold()
  await sending
  state = { ...state, seq: state.seq + 1 }
  await beat(0, clock.now(), true)
  poster.close()
})
