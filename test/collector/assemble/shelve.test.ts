/** Where a run is held, in memory or on the shelf, changes nothing that anybody is told. */
import * as fc from '../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { minutes } from '../../../contract/units.ts'
import { openRunBook, type RunBook, type RunBookSettings } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../collector/contracts.ts'
import type { JudgedRun, RunChange } from '../../../collector/judgement.ts'
import type { Signal, SpanSignal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'
import { restoreBook } from '../../kit/restore-book.ts'
import { deliverySignal, pulseSignal, runSignal, SOURCE, spanSignal } from './signals.ts'

const contracts = openContracts([loadPreset('laststep')])

function open(settings: Partial<RunBookSettings> = {}) {
  const changes: RunChange[] = []
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: (change) => void changes.push(structuredClone(change)),
    ...settings,
  })
  return { book, changes }
}

const trace = (number: number) => `${number}`.padStart(32, '0')
const span = (number: number) => `${number}`.padStart(16, '0')
const runSpan = (number: number, own: Partial<SpanSignal> = {}) =>
  spanSignal({
    traceId: trace(number),
    known: { [ATTR.runId]: `run_${number}`, [ATTR.agent]: 'research', [ATTR.sessionId]: `s${number % 2}` },
    ...own,
  })

/** What may come of four runs of two sessions in one process, which pulses with what it knows to be open. */
const step = (number: number) => {
  const tool = { traceId: trace(number), spanId: span(5), parentSpanId: span(1), name: 'execute_tool search' }
  const listed = [1, 2, 3, 4].slice(0, number).map((each) => ref(each, 1, 'invoke_agent research'))
  // oxfmt-ignore
  return fc.constantFrom<Signal[]>(
    [runSpan(number)],
    [runSpan(number, { endedAt: START + 9, status: 'ok' })],
    [spanSignal(tool)],
    [spanSignal({ ...tool, seq: 2, known: { [ATTR.progress]: 4 } })],
    [spanSignal({ ...tool, endedAt: START + 5, status: 'error', exception: { type: 'KeyError', message: 'x', stacktrace: null } })],
    [spanSignal({ ...tool, spanId: span(6), name: 'chat gpt-5' })],
    [runSignal({ runId: `run_${number}`, traceId: trace(number), state: 'waiting' })],
    [runSignal({ runId: `run_${number}`, traceId: trace(number), state: 'resumed' })],
    [deliverySignal({ runId: `run_${number}`, traceId: trace(number), spanId: span(5), connectionId: `c${number % 3}` })],
    [deliverySignal({ runId: `run_${number}`, traceId: null, connectionId: 'c1', seq: 2, event: 'agent_completed' })],
    // A message of one run that names the trace of another.
    [deliverySignal({ runId: `run_${number}`, traceId: trace(5 - number) })],
    [connectionSignal(`c${number % 3}`)],
    [pulseSignal({ seq: number, open: listed, openNotListed: 0 })],
    [pulseSignal({ seq: number + 4, open: [...listed, ref(number, 5, 'execute_tool search')], openNotListed: 0 })],
    [pulseSignal({ seq: number + 8, open: listed, openNotListed: 1, loopBlockedMs: number === 4 ? 9_000 : 0 })],
  )
}

const connectionSignal = (connectionId: string): Signal => ({
  kind: 'connection',
  source: SOURCE,
  connectionId,
  state: 'closed',
  at: START,
  userId: null,
  acks: true,
  stream: null,
  isSubprotocolRefused: false,
  framesLost: 0,
  closeCode: 1006,
  clientCloseCode: null,
  closeReason: null,
  closedBy: 'network',
})

const ref = (number: number, spanId: number, name: string) => {
  return { traceId: trace(number), spanId: span(spanId), parentSpanId: null, name, startedAt: START }
}

const played = fc.record({
  signals: fc.constantFrom(1, 2, 3, 4).chain(step),
  afterMs: fc.constantFrom(0, 40, 6_000, 70_000, 400_000),
  shelves: fc.boolean(),
  restarts: fc.nat(6).map((dice) => dice === 0),
})

describe('a run on the shelf', () => {
  test('is told of as one in memory', () => {
    fc.assert(
      fc.property(fc.array(played, { maxLength: 25 }), (steps) => {
        const plain = open()
        const other = open()
        let shelved: RunBook = other.book
        let now = START
        for (const { signals, afterMs, shelves, restarts } of steps) {
          now += afterMs
          if (shelves) shelved.shelveAll()
          if (restarts) {
            const lines = [...shelved.snapshot()]
            shelved = openRunBook({
              contracts,
              judge: (each, at) => judgeRun(each, contracts.of(each.run.contract), at),
              changed: (change) => void other.changes.push(structuredClone(change)),
            })
            restoreBook(shelved, lines)
          }
          plain.book.apply(signals, now)
          shelved.apply(signals, now)
          expect(rowsOf(shelved)).toEqual(rowsOf(plain.book))
        }
        plain.book.advance(now + minutes(40))
        shelved.advance(now + minutes(40))
        expect(rowsOf(shelved)).toEqual(rowsOf(plain.book))
        expect(byRun(other.changes).map(told)).toEqual(byRun(plain.changes).map(told))
        expect([shelved.open, shelved.size]).toEqual([plain.book.open, plain.book.size])
      }),
      { numRuns: 1_000 },
    )
  })

  test('is found by every id it goes by, and stays where it is for those who only read', () => {
    const { book } = open()
    book.apply([runSpan(1), runSpan(2)], START)
    book.shelveAll()
    expect([...book.rows()].map(({ row }) => row.id).toSorted()).toEqual(['run_1', 'run_2'])
    expect(book.find('run_1')?.row.agent).toBe('research')
    book.shelveAll()
    expect(book.find(trace(2))?.row.id).toBe('run_2')
    expect(book.find('nobody')).toBeNull()
  })

  test('is among the foremost when people should look at it, and not when it only runs', () => {
    const { book } = open()
    const tool = spanSignal({ traceId: trace(1), spanId: span(5), parentSpanId: span(1), name: 'execute_tool search' })
    book.apply([runSpan(1), tool], START)
    book.apply([runSpan(2)], START + 299_000)
    book.advance(START + 301_000)
    book.shelveAll()
    expect([...book.foremost(10)].map(({ row }) => `${row.id} ${row.status}`)).toEqual(['run_1 stalled'])
    expect([...book.foremost(0)]).toEqual([])
  })
})

test('looking at what hangs together with one brings no other back for ever', () => {
  const { book } = open()
  book.apply([deliverySignal({ runId: 'run_1', traceId: trace(4), connectionId: 'c1' })], START)
  book.apply([deliverySignal({ runId: 'run_4', traceId: trace(4), spanId: span(5), connectionId: 'c1' })], START + 40)
  book.shelveAll()
  book.apply([runSignal({ runId: 'run_2', traceId: trace(2), state: 'waiting' })], START + 6_040)
  book.apply(
    [deliverySignal({ runId: 'run_4', traceId: trace(4), spanId: span(5), connectionId: 'c1' })],
    START + 6_080,
  )
  book.shelveAll()
  expect([book.open, book.size]).toEqual([3, 3])
})

test('after a restart a connection still knows the run on the shelf that shares it with one that left since', () => {
  const { book } = open()
  const message = { traceId: null, connectionId: 'c1' }
  book.apply([deliverySignal({ ...message, runId: 'run_1' })], START)
  book.apply([deliverySignal({ ...message, runId: 'run_2', seq: 1, event: 'agent_completed' })], START)
  book.apply([connectionSignal('c1')], START + minutes(1))
  book.shelveAll()
  const { book: restarted } = open()
  restoreBook(restarted, [...book.snapshot()])
  restarted.advance(START + minutes(20))
  expect(restarted.find('run_2')).toBeNull()
  restarted.apply([deliverySignal({ ...message, runId: 'run_3', event: 'agent_completed' })], START + minutes(20))
  restarted.advance(START + minutes(21))
  expect(restarted.find('run_3')?.row.cause).toBe('client-gone')
})

test('beyond as many as may be held, the quiet ones leave memory and the lively ones stay', () => {
  const { book } = open({ heldMax: 100 })
  for (let number = 1; number <= 2_000; number++) {
    book.apply([runSpan(number)], START + number)
    // One of them speaks again and again.
    book.apply([runSpan(1, { seq: number, known: { [ATTR.runId]: 'run_1', [ATTR.progress]: number } })], START + number)
  }
  const held = [...book.foremost(0)].map(({ row }) => row.id)
  expect(held).toContain('run_1')
  expect(held.length).toBeLessThan(400)
  expect([book.open, book.size]).toEqual([2_000, 2_000])
})

const told = ({ run, before, ...change }: RunChange) => {
  const then = before && { ...before, row: { ...before.row, lastProgressAt: null } }
  return { ...change, before: then, run: withoutProgress(run) }
}

/** Runs that change at one moment are told of in any order. */
const byRun = (changes: readonly RunChange[]) =>
  changes.toSorted(({ run: { row: a } }, { run: { row: b } }) => (a.id === b.id ? a.rev - b.rev : a.id < b.id ? -1 : 1))

test('when all fall due at once they come back a few at a time', () => {
  let most = 0
  const { book } = open({ heldMax: 100, changed: () => void (most = Math.max(most, [...book.foremost(0)].length)) })
  for (let number = 1; number <= 3_000; number++) book.apply([runSpan(number)], START)
  most = 0
  book.advance(START + minutes(20))
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(400)
  expect([...book.rows()].filter(({ row }) => row.status === 'stalled')).toHaveLength(3_000)
})

/**
 * A row says what was known when its run was last judged. What came since without being news, such as the progress of
 * a span that turned out to be another run's, a run brought back says at once.
 */
const withoutProgress = ({ row, verdict, facts }: JudgedRun) =>
  structuredClone({ row: { ...row, lastProgressAt: null }, verdict, facts })

const rowsOf = (book: RunBook) =>
  [...book.rows()].map(withoutProgress).toSorted((a, b) => (a.row.id < b.row.id ? -1 : 1))
