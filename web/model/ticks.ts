import type { Millis } from '../../contract/units.ts'

export interface Tick {
  readonly at: Millis
  readonly label: string
}

/** Steps a person counts in, in ms; between them axes get ugly numbers. */
const STEPS: readonly Millis[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3,
  7200e3, 14_400e3, 28_800e3, 86_400e3,
]

/** Round marks from `from` to `to`, at most `countMax` of them. */
export function ticksBetween(from: Millis, to: Millis, countMax: number): Tick[] {
  const room = (to - from) / Math.max(1, countMax)
  const step = STEPS.find((candidate) => candidate >= room) ?? Math.ceil(room / 86_400e3) * 86_400e3
  const ticks: Tick[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push({ at, label: labelTick(at, step) })
  return ticks
}

/** The finest unit shown follows the step, so neighbours never read the same. */
function labelTick(at: Millis, step: Millis): string {
  if (at < 0) return `−${labelTick(-at, step)}`
  if (at === 0) return '0'
  if (step < 1000 && at < 1000) return `${at} ms`
  if (at < 60e3) return `${step < 1000 ? (at / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : 1) : at / 1000} s`
  const minutes = Math.floor(at / 60e3)
  const seconds = (at % 60e3) / 1000
  if (at < 3600e3) return seconds === 0 && step >= 60e3 ? `${minutes} m` : `${minutes} m ${pad(seconds)} s`
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`
}

function pad(value: number): string {
  const [whole = '0', part] = String(Math.round(value * 1000) / 1000).split('.')
  return whole.padStart(2, '0') + (part ? `.${part}` : '')
}
