/**
 * What a first visit of each page downloads, against the budgets of the design (ux/SPEC §4.11): 60 kB of JavaScript and
 * 12 kB of styles, gzipped; the charts of the trends, which come when somebody goes there, 75 kB. Run `npm run build:web`
 * first.
 * Exits 1 when a budget is exceeded.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../web/dist/', import.meta.url))
if (!existsSync(dist)) {
  console.error('web/dist is missing; build the dashboard with: npm run build:web')
  process.exit(2)
}

/** What Vite says of what it wrote: each chunk with those it needs before it runs. */
interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly isDynamicEntry?: boolean
  readonly imports?: readonly string[]
}
const chunks = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8')) as Record<string, Chunk>
const entry = Object.keys(chunks).find((name) => chunks[name]?.isEntry)
if (entry === undefined) throw new Error('the manifest of web/dist names no entry')
const shell = withImports(entry)
const pages = Object.keys(chunks).filter((name) => chunks[name]?.isDynamicEntry)

const BUDGETS = [
  ...pages.map((page) => {
    const isTrends = page.includes('trends-page')
    const files = new Set(withImports(page))
    const what = `js, first visit of ${page.replace(/^.*\/|-page.*$/g, '')}`
    return isTrends
      ? {
          what: `${what}, besides what all have`,
          kb: 75,
          files: new Set([...files].filter((file) => !shell.has(file))),
        }
      : { what, kb: 60, files: new Set([...files, ...shell]) }
  }),
  {
    what: 'css',
    kb: 12,
    files: new Set(
      readdirSync(`${dist}assets/`)
        .filter(isStyle)
        .map((name) => `assets/${name}`),
    ),
  },
]

for (const { what, kb, files } of BUDGETS) {
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(dist + file), { level: 9 }).length, 0)
  const isWithin = files.size > 0 && bytes <= kb * 1000
  console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB gz of ${kb} kB${isWithin ? '' : '  OVER BUDGET'}`)
  if (!isWithin) process.exitCode = 1
}
const counted = new Set(BUDGETS.flatMap(({ files }) => [...files]))
const uncounted = readdirSync(`${dist}assets/`).filter((name) => !counted.has(`assets/${name}`))
if (uncounted.length > 0) {
  console.log(`no budget for ${uncounted.join(', ')}`)
  process.exitCode = 1
}

function withImports(name: string, found = new Set<string>()): Set<string> {
  const chunk = chunks[name]
  if (chunk === undefined || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const needed of chunk.imports ?? []) withImports(needed, found)
  return found
}

function isStyle(name: string): boolean {
  return name.endsWith('.css')
}
