import * as fc from '../../kit/properties.ts'
import { expect, test } from 'vitest'
import { OldestFirst } from '../../../collector/assemble/oldest-first.ts'

test('behaves as a map that knows its oldest entry', () => {
  const steps = fc.array(fc.record({ key: fc.nat(40).map(String), isAdded: fc.boolean() }), { maxLength: 400 })
  fc.assert(
    fc.property(steps, (list) => {
      const held = new OldestFirst<number>()
      const model = new Map<string, number>()
      for (const [index, { key, isAdded }] of list.entries()) {
        if (isAdded) {
          held.add(key, index)
          if (!model.has(key)) model.set(key, index)
        } else expect(held.delete(key)).toBe(model.delete(key))
        const [oldest] = model
        expect(held.oldest()).toEqual(oldest === undefined ? null : { key: oldest[0], value: oldest[1] })
        expect(held.size).toBe(model.size)
      }
      expect(held.toJSON()).toEqual([...model])
    }),
  )
})
