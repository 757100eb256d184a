/** What `@laststep/client` adds to a page: the one file it is built to, gzipped. Exits 1 above the goal. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const GOAL_BYTES = 3_000

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const { status } = spawnSync(process.execPath, [pathOf('tools/build-client.mjs')], { stdio: 'inherit' })
if (status !== 0) process.exit(2)

const built = readFileSync(pathOf('client/dist/index.js'))
const bytes = gzipSync(built, { level: 9 }).length
const isWithin = bytes <= GOAL_BYTES
console.log(`@laststep/client: ${bytes} B gz (${built.length} B) of ${GOAL_BYTES}${isWithin ? '' : '  OVER GOAL'}`)
if (!isWithin) process.exitCode = 1
