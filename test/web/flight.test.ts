import { expect, test } from 'vitest'
import type { InFlightHistory } from '../../contract/live.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { drawFlight } from '../../web/model/flight.ts'
import { START } from '../kit/manual-clock.ts'

const sample = (second: number, tool: number, between: number) => ({
  at: toIso(START + seconds(second)),
  inPhase: [1, tool],
  between,
})
const history = (samples: InFlightHistory['samples']): InFlightHistory => ({
  stepMs: seconds(30),
  phases: ['started', 'tool'],
  samples,
})

test('an area for each phase and one for what is between two steps; the sentence says how many at most', () => {
  const { figure, at } = drawFlight(history([sample(0, 3, 0), sample(30, 9, 2), sample(45, 4, 1)]))
  expect(figure.lines.map(({ name, values }) => [name, values])).toEqual([
    ['started', [1, 1, 1]],
    ['tool', [3, 9, 4]],
    ['between steps', [0, 2, 1]],
  ])
  expect(figure.sentence).toBe('6 runs now, 12 at most in the last hour.')
  expect(at).toEqual([0, 30, 45].map((second) => START + seconds(second)))
})

test('where nobody counted is a gap, and no line from before to after', () => {
  const { figure } = drawFlight(history([sample(0, 3, 0), sample(minutes(10) / 1000, 4, 0)]))
  expect(figure.lines[1]?.values).toEqual([3, null, 4])
})

test('before the first sample there is nothing', () => {
  expect(drawFlight(history([])).figure.sentence).toBe('0 runs now, 0 at most in the last hour.')
})
