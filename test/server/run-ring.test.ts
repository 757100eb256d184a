import { expect, test } from 'vitest'
import type { ServerFrame } from '../../contract/frames.ts'
import { createRunRing } from '../../server/connect/run-ring.ts'

function ringOf(count: number, framesMax: number) {
  const ring = createRunRing(framesMax)
  for (let seq = 1; seq <= count; seq++) ring.add(frame(seq))
  return ring
}

function frame(seq: number): ServerFrame {
  return {
    type: 'agent_thinking',
    run_id: 'r',
    thread_id: 't',
    seq,
    epoch: 'e',
    ts: '',
    traceparent: null,
    payload: {},
  }
}

// oxfmt-ignore
test.each([
  // frames, kept at most, last seen → missed
  [0, 4, 0, []],
  [3, 4, 0, [1, 2, 3]],
  [3, 4, 3, []],
  [6, 4, 2, [3, 4, 5, 6]],
  [6, 4, 1, null],   // 2 is gone: a part is worse than none
  [6, 4, 0, null],
  [3, 4, 9, null],   // it cannot have seen what was never sent
])('of %d frames with room for %d, after %d', (count, framesMax, seen, missed) => {
  expect(ringOf(count, framesMax).after(seen)?.map(({ seq }) => seq) ?? null).toEqual(missed)
})
