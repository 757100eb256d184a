import { describe, expect, test } from 'vitest'
import type { BoardCounts, LiveFrame } from '../../contract/live.ts'
import type { Status } from '../../contract/statuses.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { attentionRows, inFlightRows, isFaded } from '../../web/model/attention.ts'
import { EMPTY_BOARD, foldFrame } from '../../web/model/board.ts'
import { describeWaiting, waitingChanges } from '../../web/model/held-list.ts'
import { makeRun, toRow, type RunWish } from './kit/make-run.ts'

const NOW = Date.UTC(2026, 10, 22, 3, 4, 0)
const COUNTS: BoardCounts = {
  inFlight: 0,
  stalled: 0,
  oldestStallAt: null,
  endedRecently: 0,
  completedRecently: 0,
  deliveriesRequired: 0,
  deliveriesConfirmed: 0,
  phases: [],
}

function row(id: string, status: Status, wish: Partial<RunWish> = {}) {
  return toRow(makeRun({ id, status, now: NOW, ...wish }))
}

function frame(type: 'snapshot' | 'changes', runs: ReturnType<typeof row>[], cursor = '1', at = NOW): LiveFrame {
  return { type, cursor, serverTime: toIso(at), runs, counts: COUNTS, findings: [] }
}

describe('folding the feed', () => {
  const held = foldFrame(EMPTY_BOARD, frame('snapshot', [row('a', 'running', { rev: 5 }), row('b', 'running')]))

  test('a row with a lower or equal rev changes nothing, so a repeated frame does not', () => {
    const repeated = foldFrame(
      held,
      frame('changes', [row('a', 'stalled', { rev: 4 }), row('b', 'stalled', { rev: 1 })]),
    )
    expect([...repeated.runs.values()].map((run) => run.status)).toEqual(['running', 'running'])
    expect(foldFrame(held, frame('changes', [row('a', 'stalled', { rev: 6 })])).runs.get('a')?.status).toBe('stalled')
  })

  test('a snapshot is the whole truth', () => {
    expect([...foldFrame(held, frame('snapshot', [row('c', 'running')], '9')).runs.keys()]).toEqual(['c'])
  })

  test('a reset forgets the cursor and keeps what is on screen', () => {
    const reset = foldFrame(held, { type: 'reset' })
    expect(reset.cursor).toBeNull()
    expect(reset.runs.size).toBe(2)
  })

  test('a beat moves the cursor only', () => {
    const beaten = foldFrame(held, { type: 'beat', cursor: '7', serverTime: toIso(NOW), isReady: false })
    expect(beaten).toEqual({ ...held, cursor: '7' })
  })

  test('a run that ended before the window is let go, one without an end never', () => {
    const old = row('old', 'completed', { age: minutes(40), endedAgo: minutes(16) })
    const stuck = row('stuck', 'stalled', { age: minutes(400), quiet: minutes(300) })
    const next = foldFrame(held, frame('changes', [old, stuck]))
    expect(next.runs.has('old')).toBe(false)
    expect(next.runs.has('stuck')).toBe(true)
  })
})

describe('what needs attention', () => {
  const rows = [
    row('slow', 'slow'),
    row('undelivered', 'undelivered', { endedAgo: seconds(40) }),
    row('running', 'running'),
    row('stalled-later', 'stalled', { quiet: minutes(2) }),
    row('lost', 'lost', { quiet: minutes(9) }),
    row('failed', 'failed', { endedAgo: seconds(5) }),
    row('stalled-first', 'stalled', { quiet: minutes(4), phase: 'reasoning' }),
    row('failed-long-ago', 'failed', { age: minutes(30), endedAgo: minutes(16) }),
    row('waiting', 'waiting'),
  ]

  test('worst status first, then the trouble that began first; waiting is no trouble', () => {
    expect(attentionRows(rows, null, NOW).map((run) => run.id)).toEqual([
      'failed',
      'stalled-first',
      'stalled-later',
      'lost',
      'undelivered',
      'slow',
    ])
  })

  test('the order is the same a minute later: no age decides it', () => {
    const before = attentionRows(rows, null, NOW).map((run) => run.id)
    expect(attentionRows(rows.toReversed(), null, NOW + minutes(1)).map((run) => run.id)).toEqual(before)
  })

  test('a phase narrows it', () => {
    expect(attentionRows(rows, 'reasoning', NOW).map((run) => run.id)).toEqual(['stalled-first'])
  })
})

describe('in flight', () => {
  const young = row('young', 'running', { age: seconds(10) })
  const old = row('old', 'stalled', { age: minutes(10) })
  const justDone = row('just-done', 'completed', { age: minutes(1), endedAgo: seconds(4) })
  const done = row('done', 'completed', { age: minutes(1), endedAgo: seconds(11) })

  test('newest first; a run that ends keeps its place for ten seconds', () => {
    expect(inFlightRows([old, done, justDone, young], null, NOW).map((run) => run.id)).toEqual([
      'young',
      'just-done',
      'old',
    ])
    expect(isFaded(justDone, NOW)).toBe(false)
    expect(isFaded(done, NOW)).toBe(true)
    expect(isFaded(old, NOW)).toBe(false)
  })
})

// oxfmt-ignore
describe('what waits while a list is held', () => {
  test.each([
    // shown              wanted                     words
    [['a', 'b'],          ['a', 'b'],                ''],
    [['a', 'b'],          ['c', 'a', 'b'],           '1 new'],
    [['a', 'b', 'c'],     ['b'],                     '2 finished'],
    [['a', 'b'],          ['c', 'd', 'b'],           '2 new · 1 finished'],
    [['a', 'b'],          ['b', 'a'],                'new order'],
    [[],                  ids(120),                  '99+ new'],
  ])('%j becomes %j', (shown, wanted, words) => {
    expect(describeWaiting(waitingChanges(shown, wanted))).toBe(words)
  })
})

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `run_${index}`)
}
