/** Trends beside those of the time before: as long, and up to where the shown time begins. */
import type { Trends } from '../../contract/trends.ts'
import { fromIso, toIso } from '../../contract/units.ts'
import type { Figure } from './trends.ts'

/** In whole buckets, so that it moves when a bucket begins and not with every answer. */
export function rangeBefore({ buckets, bucketMs }: Trends): { readonly from: string; readonly to: string } | null {
  const [first] = buckets
  if (first === undefined) return null
  const to = fromIso(first)
  return { from: toIso(to - buckets.length * bucketMs), to: toIso(to) }
}

/** Each figure says what it was before; one with a single line has that of before beside it, moment by moment. */
export function besideBefore(figures: readonly Figure[], before: readonly Figure[]): Figure[] {
  return figures.map((figure) => {
    const earlier = before.find(({ id }) => id === figure.id)
    if (earlier === undefined) return figure
    const sentence = `${figure.sentence} Before: ${earlier.sentence}`
    const [line, ...more] = figure.lines
    const [past] = earlier.lines
    if (figure.kind === 'bars' || line === undefined || more.length > 0 || past === undefined)
      return { ...figure, sentence }
    const aligned = line.values.map((_, bucket) => past.values[bucket] ?? null)
    const samples = line.values.map((_, bucket) => past.samples[bucket] ?? 0)
    return {
      ...figure,
      sentence,
      lines: [line, { ...past, name: 'before', values: aligned, samples, isBefore: true }],
      bottom: Math.min(figure.bottom, earlier.bottom),
    }
  })
}
