/** Times, lengths, numbers and names as people read them (ux/SPEC §4.14). One place, no date library. */
import { minutes, seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { CodeLocation, Step } from '../../contract/runs.ts'
import type { Fingerprint } from '../../contract/stalls.ts'
import { zone, type Zone } from './zone.ts'

/** `110 ms`, `2.8 s`, `4 m 12 s`, `1 h 03 m`: at most two units. */
export function formatDuration(length: Millis): string {
  const ms = Math.max(0, length)
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < seconds(59.95)) return `${(ms / 1000).toFixed(1)} s`
  return formatWhole(Math.round(ms / 1000))
}

/** The length of a span. The API tells whole milliseconds: 0 is less than one, never nothing. */
export function formatLength(length: Millis): string {
  return length < 1 ? '< 1 ms' : formatDuration(length)
}

/** An age that ticks once a second: `4 s`, `4 m 12 s`; tenths would only flicker. */
export function formatAge(length: Millis): string {
  const whole = Math.floor(Math.max(0, length) / 1000)
  return whole < 60 ? `${whole} s` : formatWhole(whole)
}

/** A limit is a round number and reads better without a trailing zero: `20 s`, `3 m`, `1.5 s`. */
export function formatLimit(length: Millis): string {
  if (length < seconds(1) || length % seconds(1) !== 0) return formatDuration(length)
  const whole = length / 1000
  if (whole < 60) return `${whole} s`
  if (length % minutes(60) === 0) return `${whole / 3600} h`
  return length % minutes(1) === 0 ? `${whole / 60} m` : formatWhole(whole)
}

/** A moment on a run's own axis: `12.345 s`, `4 m 02.345 s`; before the start with a minus. */
export function formatMoment(at: Millis): string {
  if (at < 0) return `−${formatMoment(-at)}`
  const ms = Math.round(at)
  const rest = `${((ms % minutes(1)) / 1000).toFixed(3)} s`
  if (ms < minutes(1)) return rest
  const whole = Math.floor(ms / minutes(1))
  return `${whole < 60 ? `${whole} m` : `${Math.floor(whole / 60)} h ${two(whole % 60)} m`} ${rest.padStart(8, '0')}`
}

/** For screen readers: `4 minutes 12 seconds`. */
export function speakDuration(length: Millis): string {
  const ms = Math.max(0, length)
  if (ms < seconds(1)) return count(Math.round(ms), 'millisecond')
  const whole = Math.round(ms / 1000)
  if (whole < 60) return count(whole, 'second')
  if (whole < 3600) return `${count(Math.floor(whole / 60), 'minute')} ${count(whole % 60, 'second')}`
  return `${count(Math.floor(whole / 3600), 'hour')} ${count(Math.floor((whole % 3600) / 60), 'minute')}`
}

const timeOfDay = perZone({ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
const dayOfYear = perZone({ day: 'numeric', month: 'short' })
const zoneParts = perZone({ timeZoneName: 'short' })

function perZone(options: Intl.DateTimeFormatOptions): Readonly<Record<Zone, Intl.DateTimeFormat>> {
  return {
    local: new Intl.DateTimeFormat('en-GB', options),
    utc: new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }),
  }
}

/** `03:04:11.204` today, `21 Nov 03:04` otherwise, in the zone that was chosen. */
export function formatTime(at: Instant, now: Instant): string {
  return cutTime(at, now, 12)
}

/** `03:04:11` today, where milliseconds say nothing. */
export function formatSecond(at: Instant, now: Instant): string {
  return cutTime(at, now, 8)
}

/** `03:04` today, where seconds say nothing. */
export function formatMinute(at: Instant, now: Instant): string {
  return cutTime(at, now, 5)
}

function cutTime(at: Instant, now: Instant, length: number): string {
  const time = timeOfDay[zone.value].format(at)
  return formatDay(at) === formatDay(now) ? time.slice(0, length) : `${formatDay(at)} ${time.slice(0, 5)}`
}

/** `21 Nov`. */
export function formatDay(at: Instant): string {
  return dayOfYear[zone.value].format(at)
}

/** `03:04:11`: for "as of", where milliseconds say nothing. */
export function formatClock(at: Instant): string {
  return timeOfDay[zone.value].format(at).slice(0, 8)
}

/** Evidence quotes exact UTC times; on a page that speaks another zone they read like all others. */
export function localiseTimes(text: string, now: Instant): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => formatTime(Date.parse(iso), now))
}

/** `UTC`, `GMT+1`: the zone every time on the page is in. */
export function zoneName(at: Instant): string {
  const parts = zoneParts[zone.value].formatToParts(at)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'local time'
}

const grouped = new Intl.NumberFormat('en-GB')

/** `1 204`: thin spaces between groups. */
export function formatCount(value: number): string {
  return grouped.format(value).replaceAll(',', '\u2009')
}

/** `97.2 %`; a share of nothing is a dash. Never rounds up to 100 % while something is missing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (part / whole) * 100
  if (part === whole) return '100 %'
  return `${Math.min(99.9, percent).toFixed(1)} %`
}

export function formatBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`
}

/** `4bf92f3577b3…4736`: both ends of a long id stay readable; our own run ids fit whole. */
export function shortId(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 12)}…${id.slice(-4)}`
}

/** `tool › search_orders`. */
export function formatStep(step: Pick<Step, 'phase' | 'name'>): string {
  return step.name === null ? step.phase : `${step.phase} › ${step.name}`
}

/** `STL-4F2A09`: as much of a fingerprint as people compare. The API takes it. */
export function labelOf(fingerprint: Fingerprint): string {
  return `STL-${fingerprint.slice(0, 6).toUpperCase()}`
}

/** `src/tools/search.ts:88`. */
export function formatCode(code: CodeLocation): string {
  return code.line === null ? code.file : `${code.file}:${code.line}`
}

/** The end of a path, which is what tells files apart: `tools/search.ts:88`. */
export function shortCode(code: CodeLocation): string {
  const full = formatCode(code)
  return full.split('/').slice(-2).join('/')
}

/** Whole when it fits a line, else its last three parts: `…/server/orchestrate/create.ts:68`. */
export function fitCode(code: CodeLocation): string {
  const full = formatCode(code)
  return full.length <= 48 ? full : `…/${full.split('/').slice(-3).join('/')}`
}

/** `1 run`, `2 runs`. */
export function count(amount: number, noun: string): string {
  return `${formatCount(amount)} ${noun}${amount === 1 ? '' : 's'}`
}

/** From a minute up: `4 m 12 s`, `1 h 03 m`, `2 d 04 h`. */
function formatWhole(whole: number): string {
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`
  return `${Math.floor(whole / 86_400)} d ${two(Math.floor((whole % 86_400) / 3600))} h`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A process's clock beside ours, in words. */
export function describeClock(behindMs: Millis): string {
  if (Math.abs(behindMs) < seconds(1)) return 'right within a second'
  return behindMs < 0 ? `${formatDuration(-behindMs)} ahead` : `at most ${formatDuration(behindMs)} behind`
}
