/** Frames that belong to no run: the connection's own, and answers to what cannot become a run. */
import type { Clock } from '../../contract/clock.ts'
import type { EventType } from '../../contract/events.ts'
import type { ServerFrame } from '../../contract/frames.ts'
import { toIso } from '../../contract/units.ts'
import type { Payload } from '../run-scope.ts'

export function formatFrame(
  type: EventType,
  payload: Payload,
  epoch: string,
  clock: Clock,
  runId: string | null = null,
): string {
  const frame: ServerFrame = {
    type,
    run_id: runId,
    thread_id: null,
    seq: 0,
    epoch,
    ts: toIso(clock.now()),
    traceparent: null,
    payload,
  }
  return JSON.stringify(frame)
}
