import type { Instant } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import type { Process, Run, Saying } from './story.ts'

/**
 * A process's heartbeat: every interval, and at once when its main thread stops or starts to turn. In an orderly exit
 * the last one says so.
 */
export function tellPulses(
  process: Process,
  runs: readonly Run[],
  until: Instant,
  say: (saying: Saying) => void,
): void {
  const { pulseEvery, crashesAt, exitsAt, blocks, source } = process
  if (pulseEvery === null) return
  const end = Math.min(until, crashesAt ?? Infinity, exitsAt ?? Infinity)
  const spans = runs.flatMap((run) => (run.process === process ? run.truth.spans : []))
  const moments: Instant[] = []
  for (let at = START + 100; at < end; at += pulseEvery) moments.push(at)
  // A block is noticed after its first second, and not at all when it was shorter.
  for (const { from, lengthMs } of blocks) if (lengthMs > 1_000) moments.push(from + 1_000, from + lengthMs)
  let seq = 0
  const beat = (at: Instant, isLast: boolean) => {
    const block = blocks.find(({ from, lengthMs }) => from <= at && at < from + lengthMs)
    const open = spans
      .filter(({ from, to }) => from < at && to >= at && !isLast)
      .map(({ span: { traceId, spanId, parentSpanId, name, startedAt } }) => {
        return { traceId, spanId, parentSpanId, name, startedAt }
      })
    say({
      at,
      process,
      queue: 'logs',
      signal: {
        kind: 'pulse',
        source,
        at: process.clock(at),
        seq: ++seq,
        intervalMs: pulseEvery,
        open,
        openNotListed: 0,
        loopDelayMs: 1,
        loopBlockedMs: block === undefined ? 0 : at - block.from,
        last: isLast,
      },
    })
  }
  for (const at of moments.filter((each) => each < end).sort((a, b) => a - b)) beat(at, false)
  if (exitsAt !== null && exitsAt < until) beat(exitsAt, true)
}
