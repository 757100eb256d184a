/**
 * Units of time, each defined once.
 *
 * On the wire OpenTelemetry counts nanoseconds since 1970 in 64 bits, more than a JavaScript number holds exactly.
 * Inside the programs time is milliseconds; the conversion happens here and nowhere else.
 */

/** Milliseconds since 1970-01-01T00:00:00Z; fractions allowed. */
export type Instant = number

/** A length of time in milliseconds. */
export type Millis = number

/** Nanoseconds since 1970, exact. */
export type UnixNanos = bigint

const NS_PER_MS = 1_000_000n

export const seconds = (count: number): Millis => count * 1_000
export const minutes = (count: number): Millis => count * 60_000
export const hours = (count: number): Millis => count * 3_600_000

/** Whole milliseconds plus the microseconds, so that spans shorter than 1 ms keep a length. */
export function nanosToInstant(nanos: UnixNanos): Instant {
  return Number(nanos / NS_PER_MS) + Number(nanos % NS_PER_MS) / 1e6
}

/**
 * The same, from the two 32-bit words of the wire's `fixed64`, without a bigint: two of these are read for every span.
 * Exact, because 2^32 ns is 4,294 ms and 967,296 ns, and `high × 967,296 + low` stays below 2^53.
 */
export function nanoWordsToInstant(low: number, high: number): Instant {
  const rest = high * 967_296 + low
  const millis = Math.floor(rest / 1e6)
  // Not `%`, which takes longer than all the rest.
  return high * 4_294 + millis + (rest - millis * 1e6) / 1e6
}

export function instantToNanos(instant: Instant): UnixNanos {
  const whole = Math.floor(instant)
  return BigInt(whole) * NS_PER_MS + BigInt(Math.round((instant - whole) * 1e6))
}

const MINUTE: Millis = 60_000
/** The year 10,000: from then on years have six digits. */
const PLAIN_BEFORE: Instant = 253_402_300_800_000

/**
 * ISO-8601 in UTC with milliseconds: `2026-11-22T03:04:11.204Z`. The form of every time in the API.
 *
 * A verdict has ten of them, most within the same few minutes: only these are asked of `Date`, which takes five times as long.
 * @throws RangeError when `Date` does not reach so far.
 */
export function toIso(instant: Instant): string {
  if (!(instant >= 0 && instant < PLAIN_BEFORE)) return new Date(instant).toISOString()
  const minute = Math.floor(instant / MINUTE)
  const place = minute & (MINUTES_KEPT - 1)
  if (minute !== keptMinutes[place]) {
    keptMinutes[place] = minute
    keptTexts[place] = new Date(instant).toISOString().slice(0, 'YYYY-MM-DDThh:mm:'.length)
  }
  // A leading 1 keeps the zeros behind it.
  const digits = String(100_000 + Math.floor(instant - minute * MINUTE))
  const rest = `${digits.slice(1, 3)}.${digits.slice(3)}Z`
  return keptTexts[place] + rest
}

/** A run that waits for hours has its beginning, its deadline and now. A power of two. */
const MINUTES_KEPT = 64
const keptMinutes = new Float64Array(MINUTES_KEPT).fill(-1)
const keptTexts: string[] = Array.from({ length: MINUTES_KEPT }, () => '')

/** @throws RangeError when the text is not a time `Date` understands. */
export function fromIso(text: string): Instant {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) throw new RangeError(`not an ISO-8601 time: ${text}`)
  return instant
}
