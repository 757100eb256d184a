/**
 * What a first visit downloads, against the budgets of the design (ux/SPEC §4.11): 60 kB of JavaScript and 12 kB of
 * styles, gzipped; the charts of the trends, which come when somebody goes there, 75 kB. Run `npm run build:web` first.
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

const page = readFileSync(`${dist}index.html`, 'utf8')
const files = readdirSync(`${dist}assets/`)
// What the page names is loaded with it, whatever it shows; the rest waits until it is asked for.
const isFirst = (name: string): boolean => page.includes(name)
const isOf = (...pages: string[]) => {
  return (name: string): boolean => name.endsWith('.js') && pages.some((page) => name.startsWith(`${page}-`))
}

const BUDGETS = [
  { what: 'js, first visit', kb: 60, files: files.filter((name) => name.endsWith('.js') && isFirst(name)) },
  { what: 'css', kb: 12, files: files.filter((name) => name.endsWith('.css')) },
  // Charts are shared by trends and wall.
  { what: 'js, trends besides', kb: 75, files: files.filter(isOf('trends-page', 'chart', 'trends')) },
  { what: 'js, wall besides', kb: 8, files: files.filter(isOf('wall-page')) },
  { what: 'js, start besides', kb: 8, files: files.filter(isOf('start-page')) },
  { what: 'js, settings besides', kb: 8, files: files.filter(isOf('settings-page')) },
]

for (const { what, kb, files: counted } of BUDGETS) {
  const bytes = counted.reduce(
    (sum, name) => sum + gzipSync(readFileSync(`${dist}assets/${name}`), { level: 9 }).length,
    0,
  )
  const isWithin = counted.length > 0 && bytes <= kb * 1000
  console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB gz of ${kb} kB${isWithin ? '' : '  OVER BUDGET'}`)
  if (!isWithin) process.exitCode = 1
}
const counted = new Set(BUDGETS.flatMap((budget) => budget.files))
const uncounted = files.filter((name) => !counted.has(name))
if (uncounted.length > 0) {
  console.log(`no budget for ${uncounted.join(', ')}`)
  process.exitCode = 1
}
