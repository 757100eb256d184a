/** Where the axis leaves idle time out: how much, and the way back to it. */
import type { ReadonlySignal, Signal } from '@preact/signals'
import { formatLength } from '../model/format.ts'
import { toPixels, type TimeFold, type TimeWindow } from '../model/layout.ts'
import type { Box } from './timeline-frames.ts'

interface IdleFoldsProps {
  readonly folds: Signal<readonly TimeFold[]>
  readonly window: ReadonlySignal<TimeWindow>
  readonly box: ReadonlySignal<Box>
}

export function IdleFolds({ folds, window, box }: IdleFoldsProps) {
  const { width } = box.value
  const at = (fold: TimeFold) => toPixels((fold.from + fold.to) / 2, window.value, width)
  const seen = folds.value.filter((fold) => at(fold) > 0 && at(fold) < width)
  return (
    <div class="gap-labels idle">
      <span class="wf-axis-name">Idle time is left out</span>
      <div class="gap-strip">
        {seen.map((fold) => (
          <button
            key={fold.from}
            type="button"
            title="No step was at work and nothing was sent for so long; show it"
            style={{ transform: `translateX(${at(fold)}px) translateX(-50%)` }}
            onClick={() => (folds.value = folds.peek().filter((other) => other !== fold))}
          >
            ⋯ {formatLength(fold.to - fold.from)}
          </button>
        ))}
      </div>
    </div>
  )
}
