/**
 * What a first visit downloads, against the budgets of the design (60 kB of JavaScript, 12 kB of styles, gzipped).
 * Run `npm run build:web` first. Exits 1 when a budget is exceeded.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const BUDGETS_KB = { js: 60, css: 12 } as const

const assets = fileURLToPath(new URL('../web/dist/assets/', import.meta.url))
if (!existsSync(assets)) {
  console.error('web/dist is missing; build the dashboard with: npm run build:web')
  process.exit(2)
}

for (const [kind, budgetKb] of Object.entries(BUDGETS_KB)) {
  const files = readdirSync(assets).filter((name) => name.endsWith(`.${kind}`))
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(assets + name), { level: 9 }).length, 0)
  const isWithin = bytes <= budgetKb * 1000
  console.log(`${kind}: ${(bytes / 1000).toFixed(1)} kB gz of ${budgetKb} kB${isWithin ? '' : '  OVER BUDGET'}`)
  if (!isWithin) process.exitCode = 1
}
