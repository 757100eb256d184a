/** A disk of the test's own: small enough to fill, and allowed to stand still. Needs root on Linux. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface OwnMount {
  readonly dir: string
  /** Every write waits until `thaw`. */
  freeze(): void
  thaw(): void
  remove(): void
}

/** @returns why this machine cannot, in place of a disk */
export function mountOwn(kind: 'tmpfs' | 'ext4', mebibytes: number): OwnMount | string {
  const parent = mkdtempSync(join(tmpdir(), 'laststep-disk-'))
  const dir = join(parent, 'mount')
  const image = join(parent, 'image')
  const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: 'pipe' })
  try {
    mkdirSync(dir)
    if (kind === 'tmpfs') run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', dir)
    else {
      run('truncate', '-s', `${mebibytes}M`, image)
      run('mkfs.ext4', '-q', image)
      run('mount', '-o', 'loop', image, dir)
    }
  } catch (error) {
    rmSync(parent, { recursive: true, force: true })
    return `mounting a ${kind} of one's own failed (${error instanceof Error ? error.message.split('\n')[0] : error}); run as root on Linux`
  }
  return {
    dir,
    freeze: () => run('fsfreeze', '--freeze', dir),
    thaw: () => run('fsfreeze', '--unfreeze', dir),
    remove() {
      run('umount', '--lazy', dir)
      rmSync(parent, { recursive: true, force: true })
    },
  }
}
