import { describe, expect, test } from 'vitest'
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../collector/contracts.ts'
import type { SpanSignal } from '../../../collector/signal.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import { spanSignal } from './signals.ts'

function newBook() {
  const contracts = openContracts([loadPreset('laststep')])
  return openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: () => {},
  })
}

/** A run of one conversation, in seconds of its sender's clock. */
function runSpan(id: number, from: number, to: number, own: Partial<SpanSignal> = {}): SpanSignal {
  return spanSignal({
    traceId: `${id}`.padStart(32, '0'),
    spanId: `${id}`.padStart(16, '0'),
    startedAt: START + seconds(from),
    endedAt: START + seconds(to),
    known: { 'session.id': 's1' },
    ...own,
  })
}

const asking = [
  runSpan(1, 0, 3),
  runSpan(1, 1, 2, {
    spanId: 'a'.repeat(16),
    parentSpanId: '1'.padStart(16, '0'),
    name: 'execute_tool refund',
    known: { 'pydantic_ai.tool.deferral.name': 'ApprovalRequired' },
  }),
]
const [asked, deferred] = asking as [SpanSignal, SpanSignal]
const unrelated = runSpan(4, 1, 2)
const answer = runSpan(2, 10, 12)
const later = runSpan(3, 20, 22)

describe('a run that ended to wait', () => {
  test.each([
    ['in order', [asked, deferred, unrelated, answer, later]],
    ['the answer first', [answer, later, unrelated, deferred, asked]],
    ['the later run first', [later, asked, deferred, answer, unrelated]],
    ['its question last', [unrelated, later, asked, answer, deferred]],
  ])('is taken up by the first run after it, heard %s', (_order, spans) => {
    const book = newBook()
    for (const [index, span] of spans.entries()) book.apply([span], START + seconds(30 + index))
    const run = book.find(asked.traceId)
    expect(run?.facts.takenUpBy).toBe(answer.traceId)
    expect(run?.row.status).toBe('completed')
  })

  test('is still told by whom once that run has left the book', () => {
    const book = newBook()
    book.apply([answer], START + seconds(30))
    book.apply([asked, deferred], START + minutes(14))
    book.apply([later], START + minutes(20))
    expect(book.find(answer.traceId)).toBe(null)
    expect(book.find(asked.traceId)?.facts.takenUpBy).toBe(answer.traceId)
  })

  test('waits on when only runs of before share its session', () => {
    const book = newBook()
    for (const span of [asked, deferred, unrelated]) book.apply([span], START + seconds(30))
    expect(book.find(asked.traceId)?.row.status).toBe('waiting')
  })

  test('a session that everybody shares is looked at by its latest runs only', () => {
    const book = newBook()
    for (const span of [asked, deferred]) book.apply([span], START + seconds(30))
    for (let id = 100; id < 140; id++) book.apply([runSpan(id, 0, 1)], START + seconds(30))
    book.apply([answer], START + seconds(31))
    expect(book.find(asked.traceId)?.row.status).toBe('waiting')
  })
})
