import { hours, minutes, seconds, type Millis } from '../contract/units.ts'

const MS_OF_UNIT: Readonly<Record<string, Millis>> = { ms: 1, s: seconds(1), m: minutes(1), h: hours(1), d: hours(24) }

/** `500ms`, `30s`, `15m`, `2h`, `7d`; null for anything else. */
export function readDuration(written: string): Millis | null {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(written.trim()) ?? []
  return count === undefined || unit === undefined ? null : Number(count) * (MS_OF_UNIT[unit] ?? 0)
}

/** For people: two digits are enough to compare by. */
export function writeDuration(ms: Millis): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${Number((ms / 1_000).toPrecision(ms < 10_000 ? 2 : 3))} s`
  return ms < 7_200_000 ? `${Number((ms / 60_000).toPrecision(3))} min` : `${Number((ms / 3_600_000).toPrecision(3))} h`
}
