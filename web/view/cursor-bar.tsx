/** The moment all figures show, moved by hand or keyboard: whoever cannot drag chooses a range here. */
import type { Signal } from '@preact/signals'
import { useSignal } from '@preact/signals'
import type { Trends } from '../../contract/trends.ts'
import type { Instant } from '../../contract/units.ts'
import { formatMinute } from '../model/format.ts'
import { useScreen } from './screen.ts'

interface CursorBarProps {
  readonly trends: Trends
  readonly buckets: readonly Instant[]
  readonly cursor: Signal<number | null>
  readonly choose: (from: Instant, to: Instant) => void
  readonly runsAt: (bucket: number) => string
}

export function CursorBar({ trends, buckets, cursor, choose, runsAt }: CursorBarProps) {
  const { live } = useScreen()
  /** A moment and no bucket: buckets move on while one chooses. */
  const start = useSignal<Instant | null>(null)
  const last = buckets.length - 1
  const at = cursor.value ?? last
  const from = buckets[at] ?? 0
  const say = (time: Instant): string => formatMinute(time, live.now())
  const said = `${say(from)} to ${say(from + trends.bucketMs)}`
  const begin = start.value
  return (
    <div class="cursor-bar">
      <label>
        <span>Moment</span>
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-valuetext={said}
          onInput={(event) => (cursor.value = event.currentTarget.valueAsNumber)}
        />
      </label>
      <output>{said}</output>
      <a href={runsAt(at)}>Runs of that moment</a>
      {begin === null ? (
        <button type="button" class="button" onClick={() => (start.value = from)}>
          Zoom from here
        </button>
      ) : (
        <>
          <button
            type="button"
            class="button is-primary"
            onClick={() => {
              start.value = null
              choose(Math.min(begin, from), Math.max(begin, from) + trends.bucketMs)
            }}
          >
            …to here
          </button>
          <button type="button" class="button" onClick={() => (start.value = null)}>
            Cancel
          </button>
        </>
      )}
      <span class="hint wide-only">or drag over a figure; a click lists the runs of that moment</span>
    </div>
  )
}
