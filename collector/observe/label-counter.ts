import type { Labels, Sample } from './write-metrics.ts'

export interface LabelCounter {
  add(labels: Labels): void
  readonly samples: Iterable<Sample>
  readonly total: number
}

/** Stands for every value of a label that had no room. */
export const OVERFLOW = '__overflow__'

/**
 * A counter of which one label, `open`, comes from senders, who may make up as many values as they like. Up to
 * `seriesMax` combinations are told apart; from then on a new one is counted under `OVERFLOW` for that label. The other
 * labels are of closed lists.
 */
export function openLabelCounter(open: string, seriesMax: number): LabelCounter {
  const counts = new Map<string, { readonly labels: Labels; value: number }>()
  let total = 0

  const heldFor = (labels: Labels) => {
    const key = JSON.stringify(Object.values(labels))
    const held = counts.get(key)
    if (held !== undefined || (counts.size >= seriesMax && labels[open] !== OVERFLOW)) return held
    const fresh = { labels, value: 0 }
    counts.set(key, fresh)
    return fresh
  }

  return {
    add(labels) {
      const held = heldFor(labels) ?? heldFor({ ...labels, [open]: OVERFLOW })
      if (held !== undefined) held.value += 1
      total += 1
    },
    get samples() {
      return counts.values()
    },
    get total() {
      return total
    },
  }
}
