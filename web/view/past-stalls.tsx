/** The times for which a run stood still and which are over: it did not go as well as its status says. */
import type { PastStall } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { count, formatTime } from '../model/format.ts'
import { writePastStall } from '../model/past-stalls.ts'
import { Icon } from './icon.tsx'

/** More would push the evidence off a phone. */
const SHOWN = 3

export function PastStalls({ stalls, now }: { stalls: readonly PastStall[]; now: Instant }) {
  const latestFirst = stalls.toReversed()
  const earlier = latestFirst.slice(SHOWN)
  return (
    <section class="past-stalls" aria-label="Earlier stalls of this run">
      <StallList stalls={latestFirst.slice(0, SHOWN)} now={now} />
      {earlier.length > 0 && (
        <details>
          <summary>{count(earlier.length, 'earlier stall')}</summary>
          <StallList stalls={earlier} now={now} />
        </details>
      )}
    </section>
  )
}

function StallList({ stalls, now }: { stalls: readonly PastStall[]; now: Instant }) {
  return (
    <ul role="list">
      {stalls.map((stall) => (
        <li key={stall.endedAt} class={`is-${stall.status}`}>
          <Icon name={stall.status} />
          {writePastStall(stall, (at) => formatTime(fromIso(at), now))}
        </li>
      ))}
    </ul>
  )
}
