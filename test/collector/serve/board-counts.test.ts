import { describe, expect, test } from 'vitest'
import { BOARD_WINDOW_MS } from '../../../contract/live.ts'
import type { DeliverySummary, Step } from '../../../contract/runs.ts'
import type { Phase } from '../../../contract/phases.ts'
import { minutes, seconds, toIso } from '../../../contract/units.ts'
import { openBoardCounts } from '../../../collector/serve/board-counts.ts'
import { START, makeChange, makeRow, makeVerdict, openBoard } from './kit/made-runs.ts'

const stepIn = (phase: Phase): Step => ({ phase, name: null, spanId: null, since: toIso(START), code: null })
const delivered = (required: number, confirmed: number, outcome: DeliverySummary['outcome']) => ({
  delivery: { required, confirmed, outcome },
})

describe('runs in flight', () => {
  test('a run is counted in the phase it is in, and once', () => {
    const board = openBoard()
    board.note(makeChange(makeRow({ step: stepIn('reasoning') })), START)
    board.note(makeChange(makeRow({ step: stepIn('tool') })), START + 1)
    const counts = board.read(START + 2)
    expect(counts.inFlight).toBe(1)
    expect(counts.phases.filter((phase) => phase.inFlight > 0)).toEqual([
      { phase: 'tool', inFlight: 1, stalled: 0, p95Ms: null },
    ])
  })

  test('a quiet run from before a restart is counted where it is, and taken back when it moves', () => {
    const board = openBoardCounts()
    board.noteQuiet('tool')
    expect(board.read(START).inFlight).toBe(1)
    const row = makeRow({ step: stepIn('tool') })
    const before = { row, verdict: makeVerdict(row) }
    board.note({ ...makeChange(makeRow({ status: 'completed', step: null }), { outcomeAt: START }), before }, START)
    const counts = board.read(START)
    expect([counts.inFlight, counts.completedRecently, counts.phases.every(({ inFlight }) => inFlight === 0)]).toEqual([
      0,
      1,
      true,
    ])
  })

  test('the oldest stall is the one whose deadline passed first, and the next oldest once that one is over', () => {
    const board = openBoard()
    const stalled = { status: 'stalled', step: stepIn('tool') } as const
    board.note(makeChange(makeRow({ id: 'late', ...stalled }), { since: START + seconds(9) }), START)
    board.note(makeChange(makeRow({ id: 'early', ...stalled }), { since: START + seconds(3) }), START)
    board.note(makeChange(makeRow({ id: 'gone', ...stalled, status: 'lost' }), { since: START + seconds(5) }), START)
    expect(board.read(START)).toMatchObject({ stalled: 3, oldestStallAt: toIso(START + seconds(3)) })
    expect(board.read(START).phases.find(({ phase }) => phase === 'tool')).toMatchObject({ inFlight: 3, stalled: 3 })

    board.note(makeChange(makeRow({ id: 'early', status: 'running' })), START)
    expect(board.read(START)).toMatchObject({ stalled: 2, oldestStallAt: toIso(START + seconds(5)) })

    board.note(makeChange(makeRow({ id: 'gone', status: 'completed' })), START)
    board.note(makeChange(makeRow({ id: 'late', status: 'failed' })), START)
    expect(board.read(START)).toMatchObject({ stalled: 0, oldestStallAt: null, inFlight: 1 })
  })
})

describe('the last 15 minutes', () => {
  test('what ended leaves the window when its time has come', () => {
    const board = openBoard()
    board.note(makeChange(makeRow({ id: 'a', status: 'completed' }), { outcomeAt: START }), START)
    board.note(
      makeChange(makeRow({ id: 'b', status: 'failed' }), { outcomeAt: START + minutes(5) }),
      START + minutes(5),
    )
    expect(board.read(START + minutes(6))).toMatchObject({ endedRecently: 2, completedRecently: 1 })
    expect(board.read(START + BOARD_WINDOW_MS)).toMatchObject({ endedRecently: 1, completedRecently: 0 })
    expect(board.read(START + BOARD_WINDOW_MS * 3)).toMatchObject({ endedRecently: 0, completedRecently: 0 })
  })

  test('a run that turns out undelivered, then is confirmed after all, is counted as what it is now', () => {
    const board = openBoard()
    const ended = { outcomeAt: START }
    board.note(makeChange(makeRow({ status: 'completed', ...delivered(5, 4, 'pending') }), ended), START)
    expect(board.read(START)).toMatchObject({ completedRecently: 1, deliveriesRequired: 4, deliveriesConfirmed: 4 })
    board.note(makeChange(makeRow({ status: 'undelivered', ...delivered(5, 4, 'partial') }), ended), START + seconds(5))
    expect(board.read(START)).toMatchObject({ endedRecently: 1, completedRecently: 0, deliveriesRequired: 5 })
    board.note(makeChange(makeRow({ status: 'completed', ...delivered(5, 5, 'delivered') }), ended), START + minutes(2))
    expect(board.read(START + minutes(2))).toMatchObject({
      endedRecently: 1,
      completedRecently: 1,
      deliveriesRequired: 5,
      deliveriesConfirmed: 5,
    })
  })

  test('the confirmed never outnumber the due, whatever leaves the window first', () => {
    const board = openBoard()
    board.note(makeChange(makeRow({ status: 'undelivered', ...delivered(3, 0, 'undelivered') })), START)
    board.note(makeChange(makeRow({ status: 'completed', ...delivered(3, 3, 'delivered') })), START + minutes(10))
    board.note(makeChange(makeRow({ id: 'b', ...delivered(3, 0, 'partial') })), START)
    board.note(makeChange(makeRow({ id: 'b', ...delivered(4, 4, 'delivered') })), START + minutes(10))
    for (let minute = 10; minute <= 30; minute += 1) {
      const { deliveriesRequired, deliveriesConfirmed } = board.read(START + minutes(minute))
      expect(deliveriesConfirmed).toBeLessThanOrEqual(deliveriesRequired)
    }
  })

  test('a runtime that tells nothing of deliveries counts for nothing', () => {
    const board = openBoard()
    board.note(makeChange(makeRow({ status: 'completed', ...delivered(3, 0, 'unknown') })), START)
    expect(board.read(START)).toMatchObject({ deliveriesRequired: 0, deliveriesConfirmed: 0 })
  })

  test('a run that ended long before a restart is not news of today', () => {
    const board = openBoard()
    const now = START + BOARD_WINDOW_MS * 2
    board.note(makeChange(makeRow({ id: 'old', status: 'completed' }), { outcomeAt: START }), now)
    board.note(makeChange(makeRow({ id: 'new', status: 'completed' }), { outcomeAt: now - minutes(3) }), now)
    expect(board.read(now)).toMatchObject({ endedRecently: 1, completedRecently: 1 })
  })
})

describe('durations by phase', () => {
  test('the 95th percentile is right within a tenth, needs five samples and slides with the window', () => {
    const board = openBoard()
    const finish = (durations: readonly number[], at: number): void =>
      board.note(makeChange(makeRow(), { finishedSteps: durations.map((ms) => ({ phase: 'tool', ms })) }), at)
    const p95 = (at: number) => board.read(at).phases.find(({ phase }) => phase === 'tool')?.p95Ms

    finish([100, 100, 100, 100], START)
    expect(p95(START)).toBeNull()
    finish(
      Array.from({ length: 996 }, (_, index) => index + 1),
      START + minutes(1),
    )
    expect(p95(START + minutes(1))).toBeGreaterThan(950 * 0.91)
    expect(p95(START + minutes(1))).toBeLessThan(950 * 1.1)
    expect(p95(START + minutes(1) + BOARD_WINDOW_MS)).toBeNull()
  })
})
