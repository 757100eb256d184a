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

/** What Vite says of what it wrote: each chunk with those it needs before it runs. */
interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly isDynamicEntry?: boolean
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

/** The first visit of a page, whatever it shows. */
const FIRST_KB = 60
const CSS_KB = 12
/** Styles that come with one page. */
const PAGE_CSS_KB = 4
/** What has a budget besides the first visit, by its name. */
const BESIDES_KB: Readonly<Record<string, number>> = {
  'trends-page': 75,
  'wall-page': 75,
  'start-page': 8,
  'settings-page': 8,
  'search-tools': 12,
  'investigation-pages': 42,
}

/** Parts that some visits of a page load besides it. */
const PARTS: Readonly<Record<string, { readonly of: string; readonly kbMax: number }>> = {
  'run-parts': { of: 'view/run-page.tsx', kbMax: 8 },
}

/**
 * @param dir of the built dashboard
 * @returns also the files that no budget counts: one that nobody counts may be of any size
 */
export function measureSizes(dir: string): { readonly sizes: readonly Size[]; readonly uncounted: readonly string[] } {
  const chunks = JSON.parse(readFileSync(join(dir, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
  const needed = (name: string, found = new Set<Chunk>()): Set<Chunk> => {
    const chunk = chunks[name]
    if (chunk === undefined || found.has(chunk)) return found
    found.add(chunk)
    for (const each of chunk.imports ?? []) needed(each, found)
    return found
  }
  const withImports = (name: string): Set<string> => new Set([...needed(name)].map(({ file }) => file))
  const stylesOf = (name: string): Set<string> => new Set([...needed(name)].flatMap(({ css = [] }) => css))
  const entry = Object.keys(chunks).find((name) => chunks[name]?.isEntry)
  if (entry === undefined) throw new Error('the manifest of the dashboard names no entry')
  const first = withImports(entry)
  const later = Object.keys(chunks).filter((name) => chunks[name]?.isDynamicEntry)
  const assets = readdirSync(join(dir, 'assets')).map((name) => `assets/${name}`)
  const budgets = [
    { what: 'js, first visit', kbMax: FIRST_KB, files: first },
    ...later.map((name) => {
      const plain = name.replace(/^.*\/|\.tsx?$/g, '')
      const besides = BESIDES_KB[plain]
      const files = withImports(name)
      const part = PARTS[plain]
      if (part !== undefined) {
        const there = new Set([...first, ...withImports(part.of)])
        const added = new Set([...files].filter((file) => !there.has(file)))
        return { what: `js, ${plain} besides its page`, kbMax: part.kbMax, files: added }
      }
      return besides === undefined
        ? { what: `js, first visit of ${plain}`, kbMax: FIRST_KB, files: new Set([...files, ...first]) }
        : {
            what: `js, ${plain} besides`,
            kbMax: besides,
            files: new Set([...files].filter((file) => !first.has(file))),
          }
    }),
    { what: 'css', kbMax: CSS_KB, files: stylesOf(entry) },
    ...later.flatMap((name) => {
      const common = stylesOf(entry)
      const files = new Set([...stylesOf(name)].filter((file) => !common.has(file)))
      return files.size === 0
        ? []
        : [{ what: `css, ${name.replace(/^.*\/|\.tsx?$/g, '')} besides`, kbMax: PAGE_CSS_KB, files }]
    }),
  ]
  const kbOf = (file: string): number => gzipSync(readFileSync(join(dir, file)), { level: 9 }).length / 1_000
  const sizes = budgets.map(({ what, kbMax, files }) => {
    const kb = [...files].reduce((sum, file) => sum + kbOf(file), 0)
    return { what, kb, kbMax, isWithin: files.size > 0 && kb <= kbMax }
  })
  const counted = new Set(budgets.flatMap(({ files }) => [...files]))
  return { sizes, uncounted: assets.filter((file) => !counted.has(file)) }
}
