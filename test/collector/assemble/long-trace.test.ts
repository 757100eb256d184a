/** Traces too long to be settled with every record: at the ends of slots in the log's time, so that a replay says the same. */
import { expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { settleAt } from '../../../collector/assemble/settle-at.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { openContracts } from '../../../collector/contracts.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type { RunChange } from '../../../collector/judgement.ts'
import { START } from '../../kit/manual-clock.ts'
import { restoreBook } from '../../kit/restore-book.ts'
import { deliverySignal, spanSignal, TRACE } from './signals.ts'

const span = (number: number) => `${number}`.padStart(16, '0')
const root = spanSignal({ known: { [ATTR.runId]: 'run_1' } })
const model = (number: number, own = {}) =>
  spanSignal({ spanId: span(number), parentSpanId: span(1), name: 'chat gpt-5', startedAt: START, ...own })

function open() {
  const progression = loadPreset('laststep')
  const changes: RunChange[] = []
  const judge = (...[circumstances, now]: Parameters<Parameters<typeof openRunBook>[0]['judge']>) =>
    judgeRun(circumstances, progression, now)
  const book = openRunBook({
    contracts: openContracts([progression]),
    judge,
    changed: (change) => void changes.push(structuredClone(change)),
  })
  return { book, changes }
}

/** A run of `count` finished model calls, told in one entry at `START`. */
function openLong(count: number) {
  const { book, changes } = open()
  book.apply([root, ...Array.from({ length: count }, (_, index) => model(index + 2, { endedAt: START + 5 }))], START)
  return { book, changes }
}

// oxfmt-ignore
test.each([
  ['a short trace',                   64,    START + 7,   null],
  ['a longer one, within its slot',   65,    START + 7,   START + 50],
  ['on the edge of a slot',           512,   START + 50,  START + 100],
  ['one of two slots',                513,   START + 7,   START + 100],
  ['the longest there is',            4_096, START + 401, START + 800],
])('%s is settled in time', (_what, spans, now, at) => {
  expect(settleAt(spans, now)).toBe(at)
})

test('a long trace is settled once a slot, however many entries it comes in', () => {
  const { book, changes } = openLong(200)
  expect(changes).toEqual([])
  expect(book.nextLookAt()).toBe(START + 50)
  for (let ms = 1; ms < 50; ms++) book.apply([model(1_000 + ms)], START + ms)
  expect(changes).toEqual([])
  book.advance(START + 50)
  expect(changes).toHaveLength(1)
  expect(changes[0]?.run.facts.spansSeen).toBe(250)
  expect(changes[0]?.finishedSteps).toHaveLength(200)
})

test('a deadline within the slot is judged by everything heard before it', () => {
  const { book, changes } = openLong(200)
  book.apply([model(500)], START + 10)
  book.advance(START + minutes(3) - 40)
  changes.length = 0
  // The model speaks in the last slot before it would stall, and the terminal after that.
  book.apply([model(500, { seq: 1, known: { [ATTR.progress]: 1 } })], START + minutes(3) - 5)
  book.advance(START + minutes(3) + 200)
  expect(changes.map(({ to }) => to)).toEqual(['running'])
})

test('a restart in the middle of a slot changes nothing', () => {
  const straight = openLong(200)
  const broken = openLong(200)
  const restarted = open()
  for (const { book } of [straight, broken]) book.apply([model(900), deliverySignal({ traceId: TRACE })], START + 20)
  restoreBook(restarted.book, broken.book.snapshot())
  const rest = [straight, restarted].map(({ book, changes }) => {
    const before = changes.length
    book.apply([model(901)], START + 30)
    book.advance(START + seconds(1))
    return [changes.slice(before), [...book.rows()]]
  })
  expect(rest[1]).toEqual(rest[0])
})

test('5,000 spans of one trace, told one by one, are settled a hundred times and not five thousand', () => {
  const { book, changes } = open()
  book.apply([root], START)
  for (let number = 2; number < 5_000; number++) book.apply([model(number, { endedAt: START + 5 })], START + number)
  book.advance(START + seconds(10))
  // One settling a slot of 50 ms, growing to 400: not one a span.
  expect(changes.length).toBeLessThan(150)
  expect(changes.at(-1)?.run.facts.steps.reasoning?.ended).toBeGreaterThan(3_000)
})
