/** The recorders have packages of their own, so the repository's type check leaves them out; here they are checked. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const RECORDERS = join(import.meta.dirname, 'record-js')
const installed = existsSync(join(RECORDERS, 'node_modules'))

if (!installed)
  process.stderr.write('skipped: types of the corpus recorders; to have them: npm ci in test/corpus/record-js\n')

test.skipIf(!installed)('the recorders fit the frameworks they record', () => {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', RECORDERS], { encoding: 'utf8' })
  expect(stdout).toBe('')
})
