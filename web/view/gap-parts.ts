/** Bands, labels and words for gaps in our own hearing: few runs have any. */
import { lazyPart } from './lazy.tsx'

export const GAP_LEGEND_ID = 'gap-legend'
export const GapBands = lazyPart(async () => (await import('./run-parts.ts')).GapBands)
export const GapLabels = lazyPart(async () => (await import('./run-parts.ts')).GapLabels)
export const GapLegend = lazyPart(async () => (await import('./run-parts.ts')).GapLegend)
