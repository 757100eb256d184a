import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownDirectory } from '../../../collector/keep/own-directory.ts'

let parent: string
/** Does not exist yet. */
let dir: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'laststep-own-'))
  dir = join(parent, 'data')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

test('a folder has one owner at a time; the second is told who', () => {
  const first = ownDirectory(dir)
  expect(() => ownDirectory(dir)).toThrow(`${dir} is in use by the collector with pid ${process.pid}`)
  first.release()
  first.release()
  ownDirectory(dir).release()
})

test('an owner that was killed leaves the folder free', async () => {
  const own = new URL('../../../collector/keep/own-directory.ts', import.meta.url)
  const script = `
    import { ownDirectory } from ${JSON.stringify(own.href)}
    ownDirectory(${JSON.stringify(dir)})
    console.log('mine')
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  expect(() => ownDirectory(dir)).toThrow(`pid ${child.pid}`)
  const exited = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await exited
  ownDirectory(dir).release()
})
