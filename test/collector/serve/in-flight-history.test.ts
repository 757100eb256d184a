import { expect, test } from 'vitest'
import { watchInFlight } from '../../../collector/serve/in-flight-history.ts'
import type { BoardCounts } from '../../../contract/live.ts'
import { FLIGHT_PHASES } from '../../../contract/phases.ts'
import { hours, minutes, seconds, toIso } from '../../../contract/units.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'

/** So many in a tool, one in reasoning, and two between their steps. */
function countsOf(inTool: number): BoardCounts {
  const phases = (['tool', 'reasoning'] as const).map((phase) => ({
    phase,
    inFlight: phase === 'tool' ? inTool : 1,
    stalled: 0,
    p95Ms: null,
  }))
  return {
    inFlight: inTool + 3,
    stalled: 0,
    oldestStallAt: null,
    endedRecently: 0,
    completedRecently: 0,
    deliveriesRequired: 0,
    deliveriesConfirmed: 0,
    phases,
  }
}

test('a sample each half minute and one of now; a run in no phase is between two steps', () => {
  const clock = manualClock()
  const watch = watchInFlight(clock, (now) => countsOf((now - START) / seconds(30)))
  expect(watch.read().samples).toHaveLength(1)
  clock.pass(minutes(1) + seconds(15))
  const { phases, samples, stepMs } = watch.read()
  expect([phases, stepMs]).toEqual([FLIGHT_PHASES, seconds(30)])
  expect(samples.map(({ at }) => at)).toEqual([30, 60, 75].map((second) => toIso(START + seconds(second))))
  expect(samples.map(({ inPhase }) => inPhase[FLIGHT_PHASES.indexOf('tool')])).toEqual([1, 2, 2.5])
  expect(samples.map(({ between }) => between)).toEqual([2, 2, 2])
})

test('an hour is kept, and nothing is looked at after the end', () => {
  const clock = manualClock()
  const watch = watchInFlight(clock, () => countsOf(1))
  clock.pass(hours(3))
  const { samples } = watch.read()
  expect(samples).toHaveLength(121)
  expect(samples[0]?.at).toBe(toIso(START + hours(2) + seconds(30)))
  watch.stop()
  expect(clock.pending).toBe(0)
})
