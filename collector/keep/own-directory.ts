import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Take `dir` for this process alone. The lock is SQLite's on a file of its own: the system lets go of it when the
 * process ends, however it ends, so a killed collector never locks out the next one.
 * @throws an Error of one line, naming the process that holds it
 */
export function ownDirectory(dir: string): { release(): void } {
  mkdirSync(dir, { recursive: true })
  const pidFile = join(dir, 'owner.pid')
  const lock = new DatabaseSync(join(dir, 'owner.lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new Error(
      `${dir} is in use by the collector with pid ${ownerOf(pidFile)}: stop it, or choose another --data-dir`,
    )
  }
  writeFileSync(pidFile, `${process.pid}\n`)
  let isHeld = true
  return {
    release() {
      if (isHeld) lock.close()
      isHeld = false
    },
  }
}

function ownerOf(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
