/** What a client tells of what it saw, on a clock that moves only when told to. */
import { expect, test } from 'vitest'
import { followRuns, type FollowSettings, type Gap, type Resumption } from '../../client/index.ts'
import { manualClock } from '../kit/manual-clock.ts'

function setUp(settings: Partial<FollowSettings> = {}) {
  const clock = manualClock()
  const sent: object[] = []
  const gaps: Gap[] = []
  const resumptions: Resumption[] = []
  const runs = followRuns({
    clock,
    send: (frame) => sent.push(frame) > 0,
    missing: (gap) => void gaps.push(gap),
    resumed: (resumption) => void resumptions.push(resumption),
    ...settings,
  })
  const take = (seq: number, type = 'agent_thinking', run_id = 'r1', epoch = 'e1') =>
    runs.take({ type, run_id, seq, epoch })
  /** What was sent since the last look. */
  const told = () => sent.splice(0)
  return { clock, runs, take, told, gaps, resumptions }
}

const ack = (up_to: number, rendered?: number, run_id = 'r1', epoch = 'e1') => ({
  type: 'ack',
  epoch,
  run_id,
  up_to,
  ...(rendered === undefined ? {} : { rendered }),
})
const place = (seq: number) => ({ run_id: 'r1', epoch: 'e1', seq })

test("events are acknowledged together, within 250 ms, and their run's end at once", () => {
  const { clock, take, told } = setUp()
  for (const seq of [1, 2, 3]) take(seq)
  expect(told()).toEqual([])
  clock.pass(249)
  expect(told()).toEqual([ack(3)])
  take(4)
  take(5, 'agent_completed')
  expect(told()).toEqual([ack(5)])
  clock.pass(1_000)
  expect(told()).toEqual([])
  expect(clock.pending).toBe(0)
})

test('what is rendered goes with the next ack, or in one of its own; after the end at once', () => {
  const { clock, runs, take, told } = setUp()
  take(1)
  runs.rendered(place(1))
  take(2)
  clock.pass(250)
  expect(told()).toEqual([ack(2, 1)])
  runs.rendered(place(2))
  clock.pass(250)
  expect(told()).toEqual([ack(2, 2)])
  take(3, 'agent_completed')
  runs.rendered(place(3))
  expect(told()).toEqual([ack(3, 2), ack(3, 3)])
})

test('nothing counts as rendered from the event on that the app failed to show', () => {
  const { runs, take, told } = setUp()
  for (const seq of [1, 2, 3]) take(seq)
  runs.rendered(place(1))
  runs.failed(place(2))
  runs.rendered(place(3))
  runs.flush()
  expect(told()).toEqual([ack(3, 1)])
})

test('a page nobody looks at does not wait for its timers, which are late there', () => {
  const { take, told } = setUp({ isHidden: () => true })
  take(1)
  expect(told()).toEqual([ack(1)])
})

test('frames of no run are neither numbered nor acknowledged', () => {
  const { clock, runs, told } = setUp()
  expect(runs.take({ type: 'connection_established', run_id: null, seq: 0, epoch: 'e1' })).toBeNull()
  expect(runs.take({ type: 'error', run_id: 'r1', seq: 0, epoch: 'e1' })).toBeNull()
  expect(runs.take('hello')).toBeNull()
  expect(runs.take(null)).toBeNull()
  clock.pass(1_000)
  expect(told()).toEqual([])
})

test('a frame that has no place of its own carries the one the SDK gave it', () => {
  const { runs, told } = setUp()
  expect(runs.take({ kind: 'text', laststep: place(1) })).toEqual(place(1))
  runs.flush()
  expect(told()).toEqual([ack(1)])
})

test('an event seen before is said to be one, and acknowledged again', () => {
  const { runs, take, told } = setUp()
  take(1)
  take(2)
  runs.flush()
  told()
  expect(take(2)).toBe('repeated')
  runs.flush()
  expect(told()).toEqual([ack(2)])
})

test('events that did not come are named, once', () => {
  const { take, gaps } = setUp()
  take(1)
  take(4)
  take(5)
  take(2, 'agent_thinking', 'r2')
  expect(gaps).toEqual([
    { run_id: 'r1', from: 2, to: 3 },
    { run_id: 'r2', from: 1, to: 1 },
  ])
})

test('another instance of the runtime counts anew', () => {
  const { runs, take, told, gaps } = setUp()
  take(7, 'agent_thinking', 'r1', 'e1')
  gaps.length = 0
  expect(take(1, 'run_accepted', 'r1', 'e2')).toEqual({ run_id: 'r1', seq: 1, epoch: 'e2' })
  runs.flush()
  expect(told()).toEqual([ack(1, undefined, 'r1', 'e2')])
  expect(gaps).toEqual([])
})

test('acks that found no connection are kept until there is one', () => {
  let isOpen = false
  const sent: object[] = []
  const { runs, take } = setUp({ send: (frame) => isOpen && sent.push(frame) > 0 })
  take(1)
  runs.flush()
  isOpen = true
  runs.flush()
  expect(sent).toEqual([ack(1)])
})

test('a new connection is told nothing of what came over the last one', () => {
  const { clock, runs, take, told } = setUp()
  take(1)
  runs.disconnected()
  expect(runs.acks()).toEqual([ack(1)])
  clock.pass(1_000)
  runs.flush()
  expect(told()).toEqual([])
  take(2)
  runs.flush()
  expect(told()).toEqual([ack(2)])
})

test('on a new connection the runs that have not ended are resumed from what was seen', () => {
  const { runs, take, told, resumptions } = setUp()
  take(1, 'run_accepted', 'r1')
  take(2, 'agent_started', 'r1')
  take(1, 'agent_completed', 'r2')
  runs.flush()
  told()
  runs.disconnected()
  runs.resume()
  expect(told()).toEqual([{ type: 'resume', run_id: 'r1', epoch: 'e1', last_seq: 2 }])
  runs.take({ type: 'resumed', run_id: 'r1', seq: 0, epoch: 'e1', payload: { recovered: true, from: 3, to: 4 } })
  expect(resumptions).toEqual([{ run_id: 'r1', recovered: true, last_seq: 2 }])
  expect(take(3)).toEqual(place(3))
})

// oxfmt-ignore
test.each([
  // the runtime's answer                                  what the app is told        asked again later
  [{ recovered: false, reason: 'evicted' },                'evicted',                  []],
  [{ recovered: false, reason: 'other-epoch' },            'other-epoch',              []],
  [null,                                                   'no-answer',                ['r1']],
] as const)('a run that is not recovered: %j', (payload, reason, again) => {
  const { clock, runs, take, told, resumptions } = setUp()
  take(1)
  runs.disconnected()
  runs.resume()
  if (payload) runs.take({ type: 'resumed', run_id: 'r1', seq: 0, epoch: 'e1', payload })
  clock.pass(5_000)
  clock.pass(5_000)
  expect(resumptions).toEqual([{ run_id: 'r1', recovered: false, last_seq: 1, reason }])
  told()
  runs.disconnected()
  runs.resume()
  expect(told().map((frame) => (frame as { run_id: string }).run_id)).toEqual(again)
})

test('a run whose missed events came, its end among them, is over though nobody answered', () => {
  const { clock, runs, take, told, resumptions } = setUp()
  take(1)
  runs.disconnected()
  runs.resume()
  take(2, 'agent_completed')
  clock.pass(5_000)
  expect(resumptions).toMatchObject([{ run_id: 'r1', reason: 'no-answer' }])
  told()
  runs.disconnected()
  runs.resume()
  expect(told()).toEqual([])
})

test('no more is asked for at once than the runtime keeps of a connection that is not ready', () => {
  const { runs, take, told } = setUp()
  for (let run = 1; run <= 12; run++) take(1, 'run_accepted', `r${run}`)
  runs.disconnected()
  runs.resume()
  expect(told().map((frame) => (frame as { run_id: string }).run_id)).toEqual(
    [5, 6, 7, 8, 9, 10, 11, 12].map((run) => `r${run}`),
  )
})

test('a page that was loaded again goes on where the earlier one was', () => {
  const { runs, take, told, gaps } = setUp({ from: [place(4)] })
  runs.resume()
  expect(told()).toEqual([{ type: 'resume', run_id: 'r1', epoch: 'e1', last_seq: 4 }])
  expect(take(4)).toBe('repeated')
  expect(take(5)).toEqual(place(5))
  expect(gaps).toEqual([])
})

test('the runs remembered are bounded', () => {
  const { runs, take } = setUp()
  for (let run = 1; run <= 200; run++) take(1, 'run_accepted', `r${run}`)
  expect(runs.acks()).toHaveLength(64)
  expect(runs.acks().at(-1)).toEqual(ack(1, undefined, 'r200'))
})

test('stopped, it holds no timer', () => {
  const { clock, runs, take } = setUp()
  take(1)
  runs.resume()
  runs.stop()
  expect(clock.pending).toBe(0)
})
