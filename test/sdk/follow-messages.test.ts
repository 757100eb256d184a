import { beforeEach, expect, test } from 'vitest'
import type { Delivery } from '../../sdk/index.ts'
import { followMessages, type MessageFollower } from '../../sdk/follow-messages.ts'
import { manualClock, type ManualClock } from '../kit/manual-clock.ts'

let clock: ManualClock
let fences: string[]
let follower: MessageFollower

beforeEach(() => {
  clock = manualClock()
  fences = []
  follower = followMessages({ clock, fence: (text) => void fences.push(text) })
})

/** @returns the states confirmed by the other side, as they come */
function send(seq: number, isLast = false): string[] {
  const states: string[] = []
  const delivery: Delivery = { reach: (state) => void states.push(state), route() {}, drop() {}, fail() {} }
  follower.sent({ runId: 'run_1', seq, isLast }, delivery)
  return states
}

test('however many messages a stream sends, they cost four fences a second', () => {
  for (let seq = 1; seq <= 100; seq++) {
    send(seq)
    clock.pass(10)
  }
  expect(fences).toEqual(['run_1:25', 'run_1:50', 'run_1:75', 'run_1:100'])
})

test('the end of a run has its fence at once, and it covers what came before', () => {
  const [first, last] = [send(1), send(2, true)]
  expect(fences).toEqual(['run_1:2'])
  follower.fenceAnswered('run_1:2')
  expect([first, last]).toEqual([['transported'], ['transported']])
  clock.pass(1_000)
  expect(fences).toHaveLength(1)
})

test('a stream whose client acknowledges it needs no fence', () => {
  send(1)
  follower.acknowledge({ run_id: 'run_1', up_to: 1 })
  for (let seq = 2; seq <= 100; seq++) {
    send(seq)
    clock.pass(10)
    if (seq % 20 === 0) follower.acknowledge({ run_id: 'run_1', up_to: seq })
  }
  expect(fences).toEqual([])
})

test('what an acknowledging client does not acknowledge has its fence within half a second', () => {
  send(1)
  follower.acknowledge({ run_id: 'run_1', up_to: 1 })
  clock.pass(240)
  const late = send(2)
  clock.pass(499)
  expect(fences).toEqual(['run_1:2'])
  follower.fenceAnswered('run_1:2')
  expect(late).toEqual(['transported'])
})

test('a client that acknowledged only the beginning has a fence behind the rest', () => {
  for (let seq = 1; seq <= 10; seq++) send(seq)
  follower.acknowledge({ run_id: 'run_1', up_to: 4 })
  clock.pass(500)
  expect(fences).toEqual(['run_1:10'])
})
