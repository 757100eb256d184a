import { describe, expect, test } from 'vitest'
import { watchRuns } from '../../../collector/assess/watch-runs.ts'
import type { Instant } from '../../../contract/units.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'

/** A book of moments to look at, and how far it was advanced each time. */
function stage(...seconds: number[]) {
  return stageOf(seconds, Infinity)
}

/** @param atOnce looks that one call takes */
function stageOf(seconds: readonly number[], atOnce: number) {
  const clock = manualClock()
  const looks = seconds.map((second) => START + second * 1_000)
  const advances: Instant[] = []
  let behindMs = 0
  const watch = watchRuns({
    clock,
    nextLookAt: () => looks[0] ?? null,
    advance: (to) => {
      advances.push(to)
      for (let room = atOnce; looks[0] !== undefined && looks[0] <= to; room--) {
        if (room === 0) return false
        looks.shift()
      }
      return true
    },
    watermark: () => clock.now() - behindMs,
  })
  return { clock, looks, advances, watch, lag: (ms: number) => void (behindMs = ms) }
}

describe('the watch', () => {
  test('wakes at each deadline, not before and not in between', () => {
    const { clock, advances } = stage(10, 60)
    clock.pass(9_999)
    expect(advances).toEqual([])
    clock.pass(100_000)
    expect(advances).toEqual([START + 10_000, START + 60_000])
    expect(clock.pending).toBe(0)
  })

  test('sets its timer earlier when a fold brings a nearer deadline', () => {
    const { clock, looks, advances, watch } = stage(60)
    looks.unshift(START + 5_000)
    watch.woke()
    clock.pass(5_000)
    expect(advances).toEqual([START + 5_000])
  })

  test('starts from nothing once there is something to watch', () => {
    const { clock, looks, advances, watch } = stage()
    expect(clock.pending).toBe(0)
    looks.push(START + 1_000)
    watch.woke()
    clock.pass(1_000)
    expect(advances).toEqual([START + 1_000])
  })

  test('goes on at once, and not in the same turn, when more was due than one call takes', () => {
    const { clock, looks, advances } = stageOf([10, 10, 10, 10, 10], 2)
    clock.after(10_000, () => advances.push(0))
    clock.pass(10_000)
    expect(advances).toEqual([START + 10_000, 0, START + 10_000, START + 10_000])
    expect(looks).toEqual([])
  })

  test('never advances past what has been folded, and tries again until it may', () => {
    const { clock, looks, advances, lag } = stage(10)
    lag(500)
    clock.pass(10_200)
    expect(Math.max(...advances)).toBeLessThan(START + 10_000)
    expect(looks).toHaveLength(1)
    lag(0)
    clock.pass(30)
    expect(looks).toHaveLength(0)
  })

  test('stops', () => {
    const { clock, advances, watch } = stage(10)
    watch.stop()
    watch.woke()
    clock.pass(60_000)
    expect(advances).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
