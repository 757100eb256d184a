/** What this machine can do at most, measured in the same run as what is held against it. */
import { open } from 'node:fs/promises'
import { systemClock } from '../contract/clock.ts'

const MIB = 1_048_576
const BLOCKS = 256

/**
 * Preallocated and written beforehand, then 1 MiB + fdatasync, one after the other: what the log does at best.
 * @returns MiB/s
 */
export async function measureDisk(path: string): Promise<number> {
  const file = await open(path, 'w+')
  const block = Buffer.alloc(MIB, 7)
  for (let at = 0; at < BLOCKS; at++) await file.write(block, 0, MIB, at * MIB)
  await file.datasync()
  const startedAt = systemClock.now()
  for (let at = 0; at < BLOCKS; at++) {
    await file.write(block, 0, MIB, at * MIB)
    await file.datasync()
  }
  const tookMs = systemClock.now() - startedAt
  await file.close()
  return (BLOCKS / tookMs) * 1_000
}
