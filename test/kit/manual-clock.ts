/** A clock that moves only when told to: five minutes pass in a millisecond, and every timer fires in order. */
import type { Clock, Timer } from '../../contract/clock.ts'
import type { Instant, Millis } from '../../contract/units.ts'

export interface ManualClock extends Clock {
  /** Let time pass, firing each timer at its own moment. */
  pass(length: Millis): void
  /** Let time pass in which nothing turns: its timers fire late, as soon as time passes again. */
  skip(length: Millis): void
  /** Timers that have not fired. */
  readonly pending: number
}

interface Alarm {
  at: Instant
  readonly period: Millis | null
  readonly call: () => void
}

/** Lets time pass until something has ended: what stops may wait for a timer, and nobody else moves this clock. */
export async function passUntil<Result>(clock: ManualClock, ending: Promise<Result>): Promise<Result> {
  const hasEnded = ending.then(
    () => true,
    () => true,
  )
  const aMoment = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 20))
  while (!(await Promise.race([hasEnded, aMoment()]))) clock.pass(100)
  return ending
}

/** 2026-11-22T00:00:00Z: a day begins. */
export const START: Instant = Date.UTC(2026, 10, 22)

export function manualClock(start: Instant = START): ManualClock {
  let now = start
  const alarms = new Set<Alarm>()

  function set(at: Instant, period: Millis | null, call: () => void): Timer {
    const alarm = { at, period, call }
    alarms.add(alarm)
    return { cancel: () => void alarms.delete(alarm) }
  }

  function nextUntil(end: Instant): Alarm | null {
    let next: Alarm | null = null
    for (const alarm of alarms) if (alarm.at <= end && (next === null || alarm.at < next.at)) next = alarm
    return next
  }

  return {
    now: () => now,
    after: (delay, call) => set(now + Math.max(0, delay), null, call),
    every: (period, call) => set(now + period, period, call),
    pass(length) {
      const end = now + length
      for (let alarm = nextUntil(end); alarm !== null; alarm = nextUntil(end)) {
        now = Math.max(now, alarm.at)
        if (alarm.period === null) alarms.delete(alarm)
        else alarm.at += alarm.period
        alarm.call()
      }
      now = end
    },
    skip(length) {
      now += length
    },
    get pending() {
      return alarms.size
    },
  }
}
