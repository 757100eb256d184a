/** What a visit downloads, gzipped as a server would at its best, against the budgets of the design (ux/SPEC §4.11). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface Size {
  readonly what: string
  /** kB (1,000 bytes) gzipped. */
  readonly kb: number
  readonly kbMax: number
  readonly isWithin: boolean
}

/**
 * @param dir of the built dashboard
 * @returns also the files that no budget counts: one that nobody counts may be of any size
 */
export function measureSizes(dir: string): { readonly sizes: readonly Size[]; readonly uncounted: readonly string[] } {
  const page = readFileSync(join(dir, 'index.html'), 'utf8')
  const files = readdirSync(join(dir, 'assets'))
  // What the page names is loaded with it, whatever it shows; the rest waits until it is asked for.
  const isFirst = (name: string): boolean => page.includes(name)
  const isTrends = (name: string): boolean => name.startsWith('trends-page-')
  const budgets = [
    { what: 'js, first visit', kbMax: 60, files: files.filter((name) => name.endsWith('.js') && isFirst(name)) },
    { what: 'css', kbMax: 12, files: files.filter((name) => name.endsWith('.css')) },
    { what: 'js, trends besides', kbMax: 75, files: files.filter((name) => name.endsWith('.js') && isTrends(name)) },
  ]
  const kbOf = (name: string): number => gzipSync(readFileSync(join(dir, 'assets', name)), { level: 9 }).length / 1_000
  const sizes = budgets.map(({ what, kbMax, files: counted }) => {
    const kb = counted.reduce((sum, name) => sum + kbOf(name), 0)
    return { what, kb, kbMax, isWithin: counted.length > 0 && kb <= kbMax }
  })
  const counted = new Set(budgets.flatMap((budget) => budget.files))
  return { sizes, uncounted: files.filter((name) => !counted.has(name)) }
}
