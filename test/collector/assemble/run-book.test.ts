import * as fc from '../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { openRunBook, type RunBookSettings } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { openContracts } from '../../../collector/contracts.ts'
import { loadPreset, readProgression } from '../../../collector/assess/read-progression.ts'
import type { RunChange } from '../../../collector/judgement.ts'
import type { Signal, SpanSignal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'
import { restoreBook } from '../../kit/restore-book.ts'
import { deliverySignal, pulseSignal, spanSignal } from './signals.ts'

function open(settings: Partial<RunBookSettings> = {}) {
  const contracts = settings.contracts ?? openContracts([loadPreset('laststep')])
  const changes: RunChange[] = []
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: (change) => void changes.push(change),
    ...settings,
  })
  return { book, changes }
}

const trace = (number: number) => `${number}`.padStart(32, '0')
const span = (number: number) => `${number}`.padStart(16, '0')
const runSpan = (number: number, own: Partial<SpanSignal> = {}) =>
  spanSignal({ traceId: trace(number), known: { [ATTR.runId]: `run_${number}`, [ATTR.agent]: 'research' }, ...own })
const ended = (number: number, endedAt: number) => runSpan(number, { endedAt, status: 'ok' })

describe('what it tells', () => {
  test('a run grows in rev with everything a person could see, and is silent about the rest', () => {
    const { book, changes } = open()
    book.apply([runSpan(1)], START)
    book.apply([runSpan(1)], START + 1)
    book.apply([spanSignal({ spanId: span(2), parentSpanId: span(1), name: 'execute_tool search' })], START + 2)
    book.apply([pulseSignal({})], START + 3)
    book.apply([pulseSignal({ seq: 2 })], START + 4)
    expect(changes.map(({ run, from, to }) => [run.row.rev, from, to, run.row.confidence])).toEqual([
      [1, null, 'running', 'T2'],
      [2, 'running', 'running', 'T2'],
      [3, 'running', 'running', 'T1'],
    ])
  })

  test('one entry is one change of a run, however many of its records it holds', () => {
    const { book, changes } = open()
    const tool = { parentSpanId: span(1), name: 'execute_tool search', startedAt: START, endedAt: START + 40 }
    book.apply(
      [spanSignal({ ...tool, spanId: span(2) }), spanSignal({ ...tool, spanId: span(3) }), runSpan(1)],
      START + 50,
    )
    expect(changes).toHaveLength(1)
    expect(changes[0]?.finishedSteps).toEqual([
      { phase: 'tool', ms: 40 },
      { phase: 'tool', ms: 40 },
    ])
  })

  test('verdicts that fall due together come in order of their deadlines', () => {
    const { book, changes } = open()
    book.apply([runSpan(1), spanSignal({ spanId: span(2), parentSpanId: span(1), name: 'execute_tool a' })], START)
    book.apply(
      [runSpan(2), spanSignal({ traceId: trace(2), spanId: span(2), parentSpanId: span(1), name: 'chat m' })],
      START,
    )
    changes.length = 0
    book.advance(START + minutes(10))
    expect(changes.map(({ run, to }) => `${run.row.id} ${to}`)).toEqual([
      'run_2 slow',
      'run_1 slow',
      'run_2 stalled',
      'run_1 stalled',
    ])
  })
})

describe('what it finds', () => {
  test('a run by its id and by its trace', () => {
    const { book } = open()
    book.apply([runSpan(1)], START)
    expect(book.find('run_1')?.row.agent).toBe('research')
    expect(book.find(trace(1))?.row.id).toBe('run_1')
    expect(book.find('nobody')).toBeNull()
  })

  test('two agents under one HTTP request are two runs, each with its own spans', () => {
    const { book } = open()
    const http = spanSignal({ name: 'POST /ask', spanId: span(9) })
    const agents = [1, 2].flatMap((number) => [
      spanSignal({
        spanId: span(number),
        parentSpanId: span(9),
        name: `invoke_agent a${number}`,
        startedAt: START + number,
      }),
      spanSignal({ spanId: span(number + 10), parentSpanId: span(number), name: `execute_tool t${number}` }),
    ])
    book.apply([http, ...agents], START)
    expect([...book.rows()].map(({ row }) => `${row.id} ${row.agent} ${row.step?.name}`)).toEqual([
      `${trace(1)} a1 t1`,
      `${trace(1)}:${span(2)} a2 t2`,
    ])
  })

  test('a sub-agent is part of the run around it, and its end ends nothing', () => {
    const { book } = open()
    const helper = { spanId: span(2), parentSpanId: span(1), name: 'invoke_agent helper' }
    book.apply(
      [runSpan(1), spanSignal(helper), spanSignal({ ...helper, endedAt: START + 9, status: 'ok' })],
      START + 10,
    )
    expect([...book.rows()].map(({ row }) => [row.id, row.status])).toEqual([['run_1', 'running']])
  })

  test('children that arrive before their run span are shown at once, and the run keeps the id it was shown under', () => {
    const { book, changes } = open()
    const child = { spanId: span(2), parentSpanId: span(1), name: 'chat gpt-5', startedAt: START, endedAt: START + 5 }
    book.apply([spanSignal(child)], START + 10)
    expect(changes.at(-1)?.run.row).toMatchObject({ id: trace(1), status: 'running', confidence: 'T3' })
    book.apply([ended(1, START + 20)], START + 30)
    expect([...book.rows()].map(({ row }) => [row.id, row.status])).toEqual([[trace(1), 'completed']])
    expect(book.find('run_1')?.row.id).toBe(trace(1))
  })

  test('spans of connections and of anything else make no run', () => {
    const { book } = open()
    book.apply(
      [spanSignal({ name: 'auth', known: { [ATTR.phase]: 'auth' } }), spanSignal({ spanId: span(2), name: 'GET /' })],
      START,
    )
    expect(book.size).toBe(0)
  })
})

describe('by which names', () => {
  const child = { spanId: span(2), parentSpanId: span(1), name: 'chat gpt-5', startedAt: START, endedAt: START + 5 }

  test('a run that tells its own id later keeps the first one shown, and goes by both', () => {
    const { book, changes } = open()
    book.apply([spanSignal(child)], START + 10)
    book.apply([runSpan(1)], START + 100)
    expect(changes.at(-1)?.run.facts).toMatchObject({ id: trace(1), otherIds: ['run_1'] })
    const second = open()
    restoreBook(second.book, book.snapshot())
    expect(second.book.find('run_1')?.row.id).toBe(trace(1))
  })

  test('once it has left, records under either name come too late', () => {
    const { book } = open({ settledLingerMs: minutes(5) })
    book.apply([spanSignal(child)], START + 10)
    book.apply([ended(1, START + 20)], START + 100)
    book.advance(START + minutes(7))
    expect([book.size, book.find('run_1')]).toEqual([0, null])
    book.apply([deliverySignal({ traceId: null })], START + minutes(8))
    expect([book.size, book.counters().tooLate]).toEqual([0, 1])
  })

  test('a pulse that overtakes the first records gives a run no name', () => {
    const { book } = open()
    const ref = { traceId: trace(1), spanId: span(1), parentSpanId: null, name: 'invoke_agent a', startedAt: START }
    book.apply([pulseSignal({ at: START + 100, open: [ref] })], START + 100)
    expect(book.size).toBe(0)
    book.apply([runSpan(1)], START + 200)
    expect(book.find(trace(1))?.row.id).toBe('run_1')
  })
})

test('open runs are unconfirmed as soon as a gap in our hearing is known, until something comes of them', () => {
  const { book } = open()
  book.apply([runSpan(1)], START)
  book.gap({ from: START + seconds(10), lengthMs: seconds(30), reason: 'paused' }, START + seconds(40))
  expect(book.find('run_1')?.row.isUnconfirmed).toBe(true)
  book.apply([spanSignal({ spanId: span(2), parentSpanId: span(1), name: 'chat gpt-5' })], START + seconds(41))
  expect(book.find('run_1')?.row.isUnconfirmed).toBe(false)
})

describe('what it lets go', () => {
  test('settled runs leave first, oldest first; open ones never, and newcomers are counted', () => {
    const { book } = open({ runsMax: 3 })
    book.apply([runSpan(1)], START)
    book.apply([ended(2, START + 1)], START + 1)
    book.apply([ended(3, START + 2)], START + 2)
    book.apply([runSpan(4)], START + 3)
    book.apply([runSpan(5)], START + 4)
    book.apply([runSpan(6)], START + 5)
    expect([...book.rows()].map(({ row }) => row.id)).toEqual(['run_1', 'run_4', 'run_5'])
    expect(book.counters()).toMatchObject({ crowdedOut: 2, turnedAway: 1 })
  })

  test('a settled run leaves after its time, and a record that comes later does not raise it', () => {
    const { book, changes } = open({ settledLingerMs: minutes(5) })
    const told = deliverySignal({ runId: 'run_1' })
    book.apply([runSpan(1), told, deliverySignal({ seq: 2, event: 'agent_completed', states: way('received') })], START)
    book.apply([deliverySignal({ states: way('received') })], START)
    book.advance(START + minutes(4))
    expect(book.size).toBe(1)
    book.advance(START + minutes(6))
    expect(book.size).toBe(0)
    changes.length = 0
    const child = { spanId: span(2), parentSpanId: span(1), name: 'chat gpt-5' }
    book.apply([ended(1, START + 9), spanSignal(child), told], START + minutes(7))
    expect(changes).toEqual([])
    expect(book.counters().tooLate).toBe(3)
  })

  test('a trace that never shows an agent is forgotten', () => {
    const { book } = open()
    book.apply([spanSignal({ name: 'GET /' })], START)
    book.advance(START + minutes(11))
    expect(book.counters().tracesWithoutRun).toBe(1)
  })

  test('a trace of more spans than we keep lets go of ended plumbing and keeps what is open', () => {
    const { book } = open()
    const http = Array.from({ length: 5_000 }, (_, index) =>
      spanSignal({ spanId: span(index + 10), parentSpanId: span(1), name: 'GET /', endedAt: START + 1 }),
    )
    book.apply([runSpan(1), spanSignal({ spanId: span(2), parentSpanId: span(1), name: 'execute_tool search' })], START)
    book.apply(http, START + 1)
    expect(book.find('run_1')?.row.step?.name).toBe('search')
  })
})

describe('a checkpoint', () => {
  test('is refused when another version wrote it', () => {
    const { book } = open()
    expect(() => restoreBook(book, ['{"version":0}'])).toThrow('rebuild it from the log')
  })

  test('is refused when its end is missing, and the book stays as it was', () => {
    const { book } = open()
    book.apply([runSpan(1)], START)
    const lines = [...book.snapshot()]
    const second = open()
    second.book.apply([runSpan(2)], START)
    expect(() => restoreBook(second.book, lines.slice(0, -1))).toThrow('not whole')
    expect([...second.book.rows()].map(({ row }) => row.id)).toEqual(['run_2'])
  })

  test('says what the book held when it was begun, whatever happens while it is written', () => {
    const model = { spanId: span(7), parentSpanId: span(1), name: 'chat gpt-5' }
    const all = fc.constantFrom(1, 2, 3, 4)
    // oxfmt-ignore
    const act: fc.Arbitrary<Signal[]> = fc.oneof(
      all.map((number) => [runSpan(number, { seq: 1, startedAt: START + number, known: { [ATTR.runId]: `run_${number}`, [ATTR.progress]: 3 } })]),
      all.map((number) => [spanSignal({ ...model, traceId: trace(number) })]),
      all.map((number) => [spanSignal({ ...model, traceId: trace(number), endedAt: START + 5, status: 'error' })]),
      all.map((number) => [runSpan(number, { startedAt: START + number, endedAt: START + 9, status: 'ok' })]),
      all.map((number) => [deliverySignal({ runId: `run_${number}`, traceId: trace(number), spanId: span(7) })]),
      // A message of one run that names the trace of another.
      all.map((number) => [deliverySignal({ runId: `run_${number}`, traceId: trace(5 - number) })]),
      fc.constant(2).map((seq) => [pulseSignal({ seq, openNotListed: 0 })]),
    )
    const step = fc.record({ signals: act, afterMs: fc.constantFrom(0, 40, 6_000, 70_000, 400_000), lines: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 12 }), (before, meanwhile) => {
        const { book } = open({ runsMax: 3, settledLingerMs: minutes(2) })
        let now = START
        const play = ({ signals, afterMs }: { signals: Signal[]; afterMs: number }) =>
          book.apply(signals, (now += afterMs))
        before.forEach(play)
        const undisturbed = [...book.snapshot()]
        const snapshot = book.snapshot()
        const lines: string[] = []
        const draw = (count: number) => {
          for (let drawn = 0; drawn < count; drawn++) {
            const next = snapshot.next()
            if (next.done) return
            lines.push(next.value)
          }
        }
        for (const each of meanwhile) {
          play(each)
          draw(each.lines)
        }
        draw(Infinity)
        expect(contentOf(lines)).toEqual(contentOf(undisturbed))
      }),
      { numRuns: 500 },
    )
  })

  test('read under another contract gives verdicts by that contract', () => {
    const first = open()
    first.book.apply(
      [runSpan(1), spanSignal({ spanId: span(2), parentSpanId: span(1), name: 'execute_tool a' })],
      START,
    )
    first.book.advance(START + seconds(59))
    const strict = 'contract: strict\nversion: 1\nbudgets: { tool: { stalled: 10s } }\n'
    const second = open({ contracts: openContracts([readProgression(strict, 'test')]) })
    restoreBook(second.book, first.book.snapshot())
    expect(second.changes.map(({ to }) => to)).toEqual(['stalled'])
  })

  test('read under another contract, runs of one trace put away together are judged once each and stay in the book', () => {
    const first = open()
    const inner = { traceId: trace(1), known: { [ATTR.runId]: 'run_2', [ATTR.agent]: 'writing' }, spanId: span(9) }
    first.book.apply(
      [runSpan(1), spanSignal({ spanId: span(2), parentSpanId: span(1), name: 'execute_tool a' })],
      START,
    )
    first.book.apply([spanSignal(inner)], START)
    first.book.advance(START + seconds(59))
    first.book.shelveAll()
    const strict = 'contract: strict\nversion: 1\nbudgets: { tool: { stalled: 10s } }\n'
    const second = open({ contracts: openContracts([readProgression(strict, 'test')]) })
    restoreBook(second.book, first.book.snapshot())
    expect(second.changes.map(({ run, to }) => [run.row.id, to])).toEqual([['run_1', 'stalled']])
    expect([...second.book.rows()].map(({ row }) => row.id).toSorted()).toEqual(['run_1', 'run_2'])
    expect([second.book.size, second.book.open]).toEqual([2, 2])
    second.book.advance(START + minutes(40))
    expect([...second.book.rows()].map(({ row }) => row.id).toSorted()).toEqual(['run_1', 'run_2'])
  })

  test('holds everything: restored and played on, the book says the same', () => {
    const { book } = open()
    book.apply([runSpan(1), deliverySignal({}), pulseSignal({})], START)
    const second = open()
    restoreBook(second.book, book.snapshot())
    expect([...second.book.snapshot()]).toEqual([...book.snapshot()])
    expect([...second.book.rows()]).toEqual([...book.rows()])
    expect(second.book.nextLookAt()).toBe(book.nextLookAt())
  })
})

/** What the lines say, in any order and however it is spread over them. */
function contentOf(lines: readonly string[]): unknown {
  const { book } = open()
  restoreBook(book, lines)
  const parts = [...book.snapshot()].flatMap((line) =>
    Object.entries(JSON.parse(line) as Record<string, unknown>).flatMap(([what, said]) =>
      Array.isArray(said) ? said.map((item) => `${what} ${JSON.stringify(item)}`) : [`${what} ${JSON.stringify(said)}`],
    ),
  )
  return parts.toSorted()
}

function way(state: 'received') {
  return [{ state, at: START }]
}
