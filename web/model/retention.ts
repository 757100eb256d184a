/** What is kept, how full it is, and when it would be full: from what lies on disk now. */
import type { Keeping } from '../../contract/setup.ts'
import { fromIso, hours, type Instant, type Millis } from '../../contract/units.ts'

const DAY: Millis = hours(24)

export interface Fullness {
  /** 0 to 1 of the room. */
  readonly share: number
  /** At the pace at which it came so far; null while too little time has passed to know one. */
  readonly bytesPerDay: number | null
  /** Which limit comes first at that pace; null where the pace is not known. */
  readonly first: 'age' | 'room' | null
  /** How far back it will reach then. */
  readonly reachMs: Millis | null
}

/** A pace of less than an hour is a guess. */
const PACE_AFTER: Millis = hours(1)

export function judgeFullness({ bytes, bytesMax, since, forMs }: Keeping, now: Instant): Fullness {
  const share = Math.min(1, bytes / bytesMax)
  const age = since === null ? 0 : now - fromIso(since)
  if (age < PACE_AFTER || bytes === 0) return { share, bytesPerDay: null, first: null, reachMs: null }
  const bytesPerDay = (bytes / age) * DAY
  const roomFor = (bytesMax / bytesPerDay) * DAY
  return { share, bytesPerDay, first: roomFor < forMs ? 'room' : 'age', reachMs: Math.min(roomFor, forMs) }
}

/** `512 MiB`, `3.1 GiB`: disks are counted in these. */
export function formatDisk(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}

/** `14 days`, `6 hours`. */
export function formatReach(length: Millis): string {
  const [amount, unit] = length < DAY ? [Math.round(length / hours(1)), 'hour'] : [Math.round(length / DAY), 'day']
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}
