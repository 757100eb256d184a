import * as fc from '../../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { TimeSketch } from '../../../../collector/assemble/learn/time-sketch.ts'
import { hours } from '../../../../contract/units.ts'

const of = (times: readonly number[]): TimeSketch => {
  const sketch = new TimeSketch()
  for (const ms of times) sketch.add(ms)
  return sketch
}
const merged = (...sketches: readonly TimeSketch[]): TimeSketch => {
  const all = new TimeSketch()
  for (const sketch of sketches) all.merge(sketch)
  return all
}
/** From a millisecond to a week, as many short ones as long ones. */
const time = fc.double({ min: 0, max: Math.log(hours(168)), noNaN: true }).map(Math.exp)
const times = fc.array(time, { minLength: 1, maxLength: 400 })
const told = (sketch: TimeSketch) => JSON.stringify(sketch)

describe('a sketch of times', () => {
  test('is right to 2 % at every quantile', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? 0
        const told = of(all).quantile(share) ?? 0
        expect(Math.abs(told - exact) / exact).toBeLessThanOrEqual(0.02 + 1e-9)
      }),
      { numRuns: 1_000 },
    )
  })

  test('does not depend on the order of the times', () => {
    fc.assert(
      fc.property(
        times.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(told(of(shuffled))).toBe(told(of(all)))
        },
      ),
    )
  })

  test('of parts is the sketch of the whole, however they are put together', () => {
    fc.assert(
      fc.property(times, times, times, (a, b, c) => {
        const whole = told(of([...a, ...b, ...c]))
        expect(told(merged(of(a), of(b), of(c)))).toBe(whole)
        expect(told(merged(of(c), of(a), of(b)))).toBe(whole)
        expect(told(merged(of(a), merged(of(b), of(c))))).toBe(whole)
        expect(told(merged(merged(of(a), of(b)), of(c)))).toBe(whole)
      }),
    )
  })

  test('is the same once written and read', () => {
    fc.assert(
      fc.property(times, times, (all, more) => {
        const read = TimeSketch.from(JSON.parse(told(of(all))))
        expect(told(read)).toBe(told(of(all)))
        expect(read.count).toBe(all.length)
        for (const ms of more) read.add(ms)
        expect(told(read)).toBe(told(of([...all, ...more])))
      }),
    )
  })

  test('takes what no clock should say', () => {
    const sketch = of([-5, 0, 0.001, 1, hours(24 * 365)])
    expect(sketch.count).toBe(5)
    expect(sketch.quantile(0.5)).toBe(1)
    expect(sketch.quantile(1)).toBeGreaterThan(hours(160))
    expect(new TimeSketch().quantile(0.99)).toBeNull()
  })

  test('of a thousand times of one kind takes some hundred characters', () => {
    const all = Array.from({ length: 1_000 }, (_, index) => 2_000 + ((index * 7_919) % 1_000))
    expect(told(of(all)).length).toBeLessThan(120)
  })
})
