/** A wrong wall clock for one program: libfaketime, preloaded. Its monotonic clock goes on, as it does when a clock is set. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Millis } from '../contract/units.ts'

export interface FakeTime {
  /** For the program whose clock it is. */
  readonly environment: Readonly<Record<string, string>>
  /** From the next second on that clock is so far ahead of the real one. */
  set(ahead: Millis): void
  close(): void
}

/** Where the packages of distributions put it; elsewhere, name it. */
const LIBRARIES = [
  process.env['LASTSTEP_LIBFAKETIME'] ?? '',
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
  '/usr/lib64/faketime/libfaketimeMT.so.1',
]

/** @returns why not, where there is no such library */
export function openFakeTime(): FakeTime | string {
  const library = LIBRARIES.find((path) => path !== '' && existsSync(path))
  if (library === undefined)
    return 'libfaketime is missing: apt install libfaketime, or name libfaketimeMT.so.1 in LASTSTEP_LIBFAKETIME'
  const dir = mkdtempSync(join(tmpdir(), 'laststep-time-'))
  const file = join(dir, 'ahead')
  const set = (ahead: Millis): void => writeFileSync(file, `${ahead < 0 ? '-' : '+'}${Math.abs(ahead) / 1_000}`)
  set(0)
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_RESET: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}
