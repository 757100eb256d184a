import { expect, test } from 'vitest'
import { createPlaces } from '../../server/connect/places.ts'

test('each user has so many places, and one that is given back can be taken again', () => {
  const places = createPlaces(2)
  const [first, second] = [places.take('ada'), places.take('ada')]
  expect([first, second].every((giveBack) => giveBack !== null)).toBe(true)
  expect(places.take('ada')).toBeNull()
  expect(places.take('bob')).not.toBeNull()
  first?.()
  expect(places.take('ada')).not.toBeNull()
  expect(places.take('ada')).toBeNull()
})
