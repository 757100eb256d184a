/** What is here twice, was overtaken, or says nothing of the run's progress moves no deadline. */
import { expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { seconds, type Millis } from '../../../contract/units.ts'
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../collector/contracts.ts'
import type { Signal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'
import { deliverySignal, pulseSignal, runSignal, spanSignal, TRACE } from './signals.ts'

const contracts = openContracts([loadPreset('laststep')])

/** Moments in seconds, and what comes then. */
type Play = readonly (readonly [number, ...Signal[]])[]

function verdictAfter(play: Play, until: Millis) {
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: () => {},
  })
  for (const [at, ...signals] of play) book.apply(signals, START + seconds(at))
  book.advance(START + until)
  const { status, step, cause, deadline, since } = book.find(TRACE)?.verdict ?? {}
  return { status, step: step?.name, cause, deadline, since }
}

const TOOL_SPAN = '5'.padStart(16, '0')
const ROOT_SPAN = '1'.padStart(16, '0')
const root = spanSignal({ known: { [ATTR.runId]: 'run_1' } })
const tool = spanSignal({ spanId: TOOL_SPAN, parentSpanId: ROOT_SPAN, name: 'execute_tool search', seq: 1 })
const request = spanSignal({ spanId: '6'.padStart(16, '0'), parentSpanId: TOOL_SPAN, name: 'GET /orders' })
const ref = ({ traceId, spanId, parentSpanId, name, startedAt }: typeof tool) => {
  return { traceId, spanId, parentSpanId, name, startedAt }
}
const pulse = (seq: number) => pulseSignal({ seq, at: START + seconds(5 * seq), open: [ref(root), ref(tool)] })
const told = (event: string, more: object = {}) => deliverySignal({ event, seq: 2, spanId: TOOL_SPAN, ...more })
const acked = (event: string) => told(event, { states: [{ state: 'received', at: START }] })
const said = (state: 'waiting' | 'resumed', at: number) => runSignal({ state, at: START + seconds(at) })
const repeated = { ...tool, repeatedEvery: seconds(5) }
const planner = spanSignal({ spanId: '7'.padStart(16, '0'), parentSpanId: ROOT_SPAN, name: 'invoke_agent planner' })

// oxfmt-ignore
test.each<readonly [string, Play, readonly [number, Signal], number, string]>([
  // what                                       what comes                                                       and once more                     judged after  status
  ['the ack of a message that a tool sent',     [[0, root, tool], [9, told('progress_update')]],                 [200, acked('progress_update')],  320,          'stalled'],
  ['such a message, here twice',                [[0, root, tool], [9, told('progress_update')]],                 [200, told('progress_update')],   320,          'stalled'],
  ['an HTTP call inside an agent',              [[0, root, planner]],                                            [200, { ...request, parentSpanId: planner.spanId }], 310, 'stalled'],
  ['the last pulse of a process, here twice',   [[0, root, tool], [5, pulse(1)], [10, pulse(2)]],                [22, pulse(2)],                   23,           'lost'],
  ['a pulse that was overtaken',                [[0, root, tool], [5, pulse(1)], [10, pulse(2)]],                [20, pulse(1)],                   23,           'lost'],
  ['a heartbeat of an open span, here twice',   [[0, root, repeated], [5, { ...repeated, seq: 2 }]],             [15, { ...repeated, seq: 2 }],    21,           'lost'],
  ['a wait that is over, here twice',           [[0, root, tool], [1, said('waiting', 1)], [9, said('resumed', 9)]], [20, said('waiting', 1)],     320,          'stalled'],
  ['a resumption, here twice',                  [[0, root, tool], [1, said('waiting', 1)], [9, said('resumed', 9)]], [20, said('resumed', 9)],     310,          'stalled'],
  ['the start of a span that the pulse no longer lists', [[0, root, tool], [5, pulse(1)], [10, { ...pulse(2), open: [ref(root)] }]], [12, tool],      13,           'running'],
])('%s', (_what, play, [at, signal], after, status) => {
  const alone = verdictAfter(play, seconds(after))
  expect(alone.status).toBe(status)
  const held = [...play, [at, signal] as const]
  expect(verdictAfter(held, seconds(after))).toEqual(alone)
})

test('a process begun anew under its old name is heard, though it counts from 1 again', () => {
  const anew = { ...pulse(1), at: START + seconds(30) }
  const play: Play = [
    [0, root, tool],
    [5, pulse(1)],
    [10, pulse(2)],
    [30, anew],
  ]
  expect(verdictAfter(play, seconds(31)).status).toBe('running')
})

test('what a run says in one request is taken in the order in which it said it', () => {
  const play: Play = [
    [0, root, tool],
    [1, said('waiting', 1)],
    [9, said('resumed', 9), said('waiting', 9.1)],
  ]
  expect(verdictAfter(play, seconds(10)).status).toBe('waiting')
  const late: Play = [
    [0, root, tool],
    [9, said('resumed', 9)],
    [10, said('waiting', 1)],
  ]
  expect(verdictAfter(late, seconds(11)).status).toBe('running')
})

test('of two losses the first dates the flag', () => {
  const plain = { ...tool, endedAt: START + seconds(25) }
  const run = spanSignal({})
  const listing = (seq: number, at: number, ...open: readonly (typeof tool)[]) =>
    pulseSignal({ seq, at: START + seconds(at), open: open.map(ref) })
  const play: Play = [
    [0, run, tool],
    [25, plain],
    [26, listing(1, 26, run)],
    [31, listing(2, 31)],
  ]
  const lost = { status: 'lost', cause: 'process-lost', since: new Date(START + seconds(43.5)).toISOString() }
  expect(verdictAfter(play, seconds(44))).toMatchObject(lost)
  expect(verdictAfter(play, seconds(60))).toMatchObject(lost)
})
