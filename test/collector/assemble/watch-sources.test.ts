/** Sources in the book: who is listened to, what a silence becomes, and what ten thousand at once cost. */
import { expect, test } from 'vitest'
import { openContracts } from '../../../collector/contracts.ts'
import { openRunBook, type RunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { judgeSource } from '../../../collector/assess/judge-source.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type { RunChange } from '../../../collector/judgement.ts'
import type { Source } from '../../../collector/signal.ts'
import type { SilentFindingFacts } from '../../../collector/source.ts'
import { systemClock } from '../../../contract/clock.ts'
import { hours, minutes, seconds, type Instant } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import { restoreBook } from '../../kit/restore-book.ts'
import { pulseSignal, SOURCE, spanSignal } from './signals.ts'

const contracts = openContracts([loadPreset('laststep')])

function open() {
  const changes: RunChange[] = []
  const found: SilentFindingFacts[] = []
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: (change) => void changes.push(change),
    sources: {
      judge: (circumstances, now) => judgeSource(circumstances, contracts.of(circumstances.source.contract), now),
      openRunsMin: 3,
      found: (finding) => void found.push(finding),
    },
  })
  return { book, changes, found }
}

const of = (instance: string): Source => ({ ...SOURCE, instance })

function openRun(book: RunBook, number: number, source: Source, at: Instant): void {
  const ids = { traceId: `${number + 1}`.padStart(32, '0'), spanId: `${number + 1}`.padStart(16, '0') }
  book.apply([spanSignal({ ...ids, source, startedAt: at })], at)
}

/** Spans of other runs, so many seconds apart. */
function speak(book: RunBook, source: Source, from: Instant, to: Instant, apart: number): void {
  for (let at = from; at <= to; at += apart) {
    const spanId = `${at - START + 1e9}`.padStart(16, '0')
    book.apply([spanSignal({ traceId: spanId.padStart(32, 'a'), spanId, source, name: 'GET /', endedAt: at })], at)
  }
}

test('a source without beats is missed once it is silent four times longer than it ever was', () => {
  const { book, changes, found } = open()
  speak(book, SOURCE, START, START + minutes(21), seconds(20))
  const last = START + minutes(21)
  for (let run = 0; run < 3; run++) openRun(book, run, SOURCE, last)
  book.advance(last + seconds(80) - 1)
  expect(found).toEqual([])
  book.advance(last + seconds(80))
  expect(found).toMatchObject([
    { state: 'open', since: last + seconds(80), sources: [{ instance: 'p1', openRuns: 3 }] },
  ])
  expect(changes.slice(-3).map(({ to, run }) => [to, run.row.explainedBy !== null])).toEqual(
    Array.from({ length: 3 }, () => ['slow', true]),
  )
  // Their own deadlines go on: they stall in their time, and stay explained.
  book.advance(last + minutes(10))
  expect(changes.slice(-3).map(({ to, run }) => [to, run.row.explainedBy !== null])).toEqual(
    Array.from({ length: 3 }, () => ['stalled', true]),
  )
})

test('a source that is heard of for the first time, or seldom, is not missed', () => {
  const { book, found } = open()
  speak(book, of('new'), START, START + minutes(9), seconds(20))
  speak(book, of('seldom'), START + minutes(9), START + minutes(69), minutes(3))
  for (let run = 0; run < 6; run++) openRun(book, run, of(run < 3 ? 'new' : 'seldom'), START + minutes(70))
  book.advance(START + hours(3))
  expect(found).toEqual([])
})

test('a finding is over when none of its runs is open any more, and is forgotten a day later', () => {
  const { book, found } = open()
  book.apply([pulseSignal({ source: of('p1') })], START)
  for (let run = 0; run < 3; run++) openRun(book, run, of('p1'), START)
  book.advance(START + minutes(1))
  expect(found.map(({ state }) => state)).toEqual(['open'])
  // Another process says that they ended; this one never speaks again.
  for (let run = 0; run < 3; run++) {
    const spanId = `${run + 1}`.padStart(16, '0')
    const ended = { endedAt: START + minutes(2), source: of('p2') }
    book.apply([spanSignal({ traceId: spanId.padStart(32, '0'), spanId, ...ended })], START + minutes(2))
  }
  book.advance(START + minutes(4))
  expect(found.at(-1)).toMatchObject({ state: 'over', sources: [{ openRuns: 0 }] })
  expect([...book.findings()]).toHaveLength(1)

  book.apply([pulseSignal({ source: of('p3') })], START + hours(26))
  for (let run = 10; run < 13; run++) openRun(book, run, of('p3'), START + hours(26))
  book.advance(START + hours(27))
  book.apply([pulseSignal({ source: of('p3'), seq: 2 })], START + hours(27))
  expect(
    [...book.findings()].map((each) => [each.state, each.kind === 'source-silent' && each.sources[0]?.instance]),
  ).toEqual([['recovered', 'p3']])
})

test('one that falls silent again before its runs had the time to speak is the same finding', () => {
  const { book, found } = open()
  book.apply([pulseSignal({ source: of('p1') })], START)
  for (let run = 0; run < 3; run++) openRun(book, run, of('p1'), START)
  book.advance(START + minutes(1))
  book.apply([pulseSignal({ source: of('p1'), seq: 2 })], START + minutes(1))
  book.advance(START + minutes(2))
  expect(found.map(({ state }) => state)).toEqual(['open', 'recovered', 'open'])
  expect(new Set(found.map(({ id }) => id)).size).toBe(1)
  expect(found.map(({ rev }) => rev)).toEqual([1, 2, 3])
})

test('ten thousand processes that die together are one finding, found in the time between two beats', () => {
  const { book, changes, found } = open()
  // As a collector does: only the newest is kept.
  found.push = (finding) => {
    found[found.length > 0 && found[0]?.id === finding.id ? 0 : found.length] = finding
    return found.length
  }
  const count = 10_000
  for (let process = 0; process < count; process++) {
    const at = START + process / 2
    book.apply([pulseSignal({ source: of(`p${process}`) })], at)
    openRun(book, process, of(`p${process}`), at)
  }
  const began = systemClock.now()
  book.advance(START + minutes(1))
  const tookMs = systemClock.now() - began
  console.log(`10,000 silent processes: ${Math.round(tookMs)} ms`)
  expect(found).toHaveLength(1)
  expect(found[0]?.sources).toHaveLength(count)
  const lost = changes.filter(({ to }) => to === 'lost')
  expect(lost).toHaveLength(count)
  expect(lost.every(({ run }) => run.row.explainedBy === found[0]?.id)).toBe(true)
  expect(tookMs).toBeLessThan(seconds(20))

  const again = open()
  restoreBook(again.book, book.snapshot())
  expect([...again.book.findings()]).toEqual([...book.findings()])
})
