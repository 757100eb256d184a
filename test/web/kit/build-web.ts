import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { systemClock } from '../../../contract/clock.ts'
import { hours } from '../../../contract/units.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const DIST = join('web', 'dist')
const PRODUCTION = 'production'
const BUILT = join(ROOT, 'node_modules', '.cache', 'laststep-web')

/** The dashboard as it ships. Built once for the same sources: ten test files show it. */
export async function buildWeb(): Promise<{ readonly dir: string }> {
  const dir = join(BUILT, hashOf(['web', 'contract']))
  if (existsSync(dir)) return { dir }
  mkdirSync(BUILT, { recursive: true })
  for (const old of readdirSync(BUILT))
    if (isOld(join(BUILT, old))) rmSync(join(BUILT, old), { recursive: true, force: true })
  const fresh = mkdtempSync(join(BUILT, 'under-way-'))
  await buildAsShipped(fresh)
  try {
    renameSync(fresh, dir)
  } catch {
    // Another test file was quicker, with the same.
    rmSync(fresh, { recursive: true, force: true })
  }
  return { dir }
}

/** In a test's own environment Vite would leave in what libraries do for developers only. */
async function buildAsShipped(outDir: string): Promise<void> {
  const environment = process.env['NODE_ENV']
  process.env['NODE_ENV'] = PRODUCTION
  try {
    await build({ root: join(ROOT, 'web'), logLevel: 'warn', build: { outDir } })
  } finally {
    process.env['NODE_ENV'] = environment
  }
}

/** Work trees that share their packages share this folder, and show what they built while we build ours. */
function isOld(path: string): boolean {
  return systemClock.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > hours(24)
}

function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256')
    .update(PRODUCTION)
    .update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const folder of folders)
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      if (file.isFile() && !path.includes(DIST)) hash.update(path).update(readFileSync(path))
    }
  return hash.digest('hex').slice(0, 16)
}
