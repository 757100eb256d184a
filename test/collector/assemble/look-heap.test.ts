import * as fc from '../../kit/properties.ts'
import { expect, test } from 'vitest'
import { LookHeap } from '../../../collector/assemble/look-heap.ts'

test('gives every look at its latest moment, in order of time, whatever was set before', () => {
  const sets = fc.array(fc.tuple(fc.nat(20).map(String), fc.option(fc.nat(50))), { maxLength: 300 })
  fc.assert(
    fc.property(sets, (list) => {
      const heap = new LookHeap()
      const latest = new Map<string, number>()
      for (const [id, at] of list) {
        heap.set(id, at)
        if (at === null) latest.delete(id)
        else latest.set(id, at)
      }
      const expected = [...latest].map(([id, at]) => ({ id, at })).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      expect(heap.next()).toBe(expected[0]?.at ?? null)
      const taken = []
      for (let look = heap.take(Infinity); look !== null; look = heap.take(Infinity))
        taken.push({ id: look.id, at: look.at })
      expect(taken).toEqual(expected)
    }),
  )
})

test('takes nothing that is not due', () => {
  const heap = new LookHeap()
  heap.set('a', 10)
  expect(heap.take(9)).toBeNull()
  expect(heap.take(10)).toMatchObject({ id: 'a', at: 10 })
  expect(heap.take(10)).toBeNull()
})
