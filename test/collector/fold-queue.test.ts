import { describe, expect, test } from 'vitest'
import type { ReadEntry } from '../../collector/entry.ts'
import { openFoldQueue } from '../../collector/fold-queue.ts'
import type { Instant } from '../../contract/units.ts'
import { manualClock, START } from '../kit/manual-clock.ts'

/** Moments at which something is due; one call judges two of them. */
function open(...dueAt: Instant[]) {
  const clock = manualClock()
  const done: string[] = []
  const history = { isFull: false, room: Promise.withResolvers<void>() }
  const queue = openFoldQueue({
    clock,
    advance({ entry }) {
      for (let room = 2; dueAt[0] !== undefined && dueAt[0] <= entry.receivedAt; room--) {
        if (room === 0) return false
        done.push(`judged ${dueAt.shift()}`)
      }
      return true
    },
    async fold({ entry }) {
      done.push(`folded ${Buffer.from(entry.body).toString()}`)
      if (history.isFull) await history.room.promise
    },
  })
  const add = (text: string, receivedAt: Instant) => queue.add(entryOf(text, receivedAt))
  const settle = async () => {
    for (let turns = 0; turns < 20; turns++) await Promise.resolve()
  }
  return { clock, queue, done, add, history, settle }
}

const entryOf = (text: string, receivedAt: Instant): ReadEntry => ({
  entry: { kind: 'traces', encoding: 'protobuf', receivedAt, body: Buffer.from(text) },
  place: { segment: 0, offset: 0, length: 1 },
  signals: [],
})

describe('what is on disk', () => {
  test('is folded in the same turn when little is due', () => {
    const { add, done, queue } = open(1, 2)
    void add('a', 5)
    void add('b', 6)
    expect(done).toEqual(['judged 1', 'judged 2', 'folded a', 'folded b'])
    expect(queue.bytes).toBe(0)
  })

  test('waits in its order for all that is due before it, while others have their turn', async () => {
    const { add, done, queue, clock, settle } = open(1, 2, 3, 4, 5, 9)
    clock.after(0, () => done.push('somebody else'))
    const folded = [add('a', 7), add('bc', 8), add('d', 10)]
    expect(done).toEqual(['judged 1', 'judged 2'])
    expect(queue.bytes).toBe(4)
    for (let turns = 0; queue.bytes > 0 && turns < 10; turns++) {
      clock.pass(20)
      await settle()
    }
    await Promise.all([...folded, queue.idle()])
    expect(done).toEqual([
      'judged 1',
      'judged 2',
      'somebody else',
      'judged 3',
      'judged 4',
      'judged 5',
      'folded a',
      'folded bc',
      'judged 9',
      'folded d',
    ])
  })

  test('is not folded faster than the history has room, once it waits', async () => {
    const { add, done, clock, history, queue, settle } = open(1, 2, 3)
    history.isFull = true
    void add('a', START)
    void add('b', START)
    clock.pass(20)
    await settle()
    expect(done.at(-1)).toBe('folded a')
    history.isFull = false
    history.room.resolve()
    await settle()
    await queue.idle()
    expect(done.at(-1)).toBe('folded b')
  })
})
