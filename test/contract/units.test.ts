import * as fc from '../kit/properties.ts'
import { expect, test } from 'vitest'
import { toIso } from '../../contract/units.ts'

test('toIso writes every moment as Date does', () => {
  const moments = fc.oneof(
    fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
    fc.double({ min: 1.7e12, max: 1.9e12, noNaN: true }),
    fc.integer({ min: 20_000, max: 20_003 }).map((day) => day * 86_400_000 - 1),
    fc.constantFrom(0, -1, 0.5, -0.5, 253_402_300_799_999.9, 253_402_300_800_000, 86_399_999.999),
  )
  fc.assert(
    fc.property(moments, (at) => {
      expect(toIso(at)).toBe(new Date(at).toISOString())
    }),
    { numRuns: 5_000 },
  )
})

test('toIso refuses what is no moment', () => {
  expect(() => toIso(Number.NaN)).toThrow(RangeError)
  expect(() => toIso(Infinity)).toThrow(RangeError)
})
