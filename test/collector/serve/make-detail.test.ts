import * as fc from '../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { seconds, toIso } from '../../../contract/units.ts'
import type { FullLog } from '../../../collector/record.ts'
import type { ConnectionSignal, DeliverySignal } from '../../../collector/signal.ts'
import { makeDetail } from '../../../collector/serve/make-detail.ts'
import { START, makeRow, makeStored } from './kit/made-runs.ts'
import { detailOf, makeLog, makeOpen, makeSpan, meaning, RUN, SOURCE, TRACE } from './kit/made-records.ts'

describe('a span that is still open', () => {
  const tool = {
    spanId: 'b1',
    attributes: { [ATTR.phase]: 'tool', [ATTR.codeFile]: 'src/tools.ts', [ATTR.codeLine]: 88 },
  }

  test('has no end, its phase, its line, and the moment its content last grew', () => {
    const [span] = detailOf([
      makeSpan({ ...tool, seq: 1, receivedAt: START + 100 }),
      makeSpan({ ...tool, seq: 2, receivedAt: START + 100 + seconds(4) }),
    ]).spans
    expect(span).toMatchObject({
      endedAt: null,
      openState: 'open',
      phase: 'tool',
      code: { file: 'src/tools.ts', line: 88, function: null },
      lastHeardAt: toIso(START + seconds(4)),
    })
  })

  test('is heard from when something happens inside it, though its own records are old', () => {
    const { spans } = detailOf(
      [makeSpan({ spanId: 'b1' }), makeSpan({ spanId: 'b2', parentSpanId: 'b1', endedAt: START + seconds(7) })],
      [makeLog({ spanId: 'b2', at: START + seconds(9) })],
    )
    expect(spans.find((span) => span.spanId === 'b1')?.lastHeardAt).toBe(toIso(START + seconds(9)))
    expect(spans.find((span) => span.spanId === 'b2')?.lastHeardAt).toBe(toIso(START + seconds(7)))
  })

  test.each([
    ['its process said goodbye', { stopReason: 'shutdown' }, {}, 'stopped'],
    ['a pulse no longer lists it', {}, { unreported: true }, 'unreported'],
    ['nothing speaks against it', {}, {}, 'open'],
  ] as const)('%s', (_what, record, known, openState) => {
    const { spans } = detailOf([makeSpan({ ...tool, ...record })], [], [makeOpen({ spanId: 'b1', ...known })])
    expect(spans.map((span) => span.openState)).toEqual([openState])
  })

  test('is shown when only a pulse told of it', () => {
    const { spans, spansTotal } = detailOf([], [], [makeOpen({ spanId: 'b9', name: 'execute_tool spin' })])
    expect(spans).toMatchObject([{ spanId: 'b9', name: 'execute_tool spin', endedAt: null, openState: 'open' }])
    expect(spansTotal).toBe(1)
  })
})

test('a final record absorbs: snapshots that come later or again change nothing, in whatever order', () => {
  const records = [
    makeSpan({ seq: 1, name: 'early', attributes: { a: 1, b: 1 }, receivedAt: START + 1 }),
    makeSpan({ seq: 2, name: 'later', attributes: { b: 2, c: 2 }, receivedAt: START + 2 }),
    makeSpan({ seq: 3, name: 'final', attributes: { c: 3 }, endedAt: START + 50, receivedAt: START + 60 }),
  ]
  const expected = detailOf(records).spans
  expect(expected).toMatchObject([
    { name: 'final', attributes: { a: 1, b: 2, c: 3 }, endedAt: toIso(START + 50), openState: null },
  ])
  fc.assert(
    fc.property(fc.shuffledSubarray([...records, ...records], { minLength: 6 }), (shuffled) => {
      expect(detailOf(shuffled).spans).toEqual(expected)
    }),
  )
})

describe('whose span it is', () => {
  test('spans of other traces and of other runs in the same trace are left out; a run inside ours is not', () => {
    const { spans } = detailOf([
      makeSpan({ spanId: 'session' }),
      makeSpan({ spanId: 'mine', parentSpanId: 'session', attributes: { [ATTR.runId]: 'run_1' } }),
      makeSpan({ spanId: 'inner', parentSpanId: 'mine', attributes: { [ATTR.runId]: 'run_1_sub' } }),
      makeSpan({ spanId: 'yours', parentSpanId: 'session', attributes: { [ATTR.runId]: 'run_2' } }),
      makeSpan({ spanId: 'your-tool', parentSpanId: 'yours' }),
      makeSpan({ spanId: 'elsewhere', traceId: 'f'.repeat(32) }),
    ])
    expect(spans.map((span) => span.spanId).sort()).toEqual(['inner', 'mine', 'session'])
  })

  test('spans that claim to be each other’s parent do not hang the page', () => {
    const { spans } = detailOf([
      makeSpan({ spanId: 'x', parentSpanId: 'y' }),
      makeSpan({ spanId: 'y', parentSpanId: 'x' }),
      makeSpan({ spanId: 'z', parentSpanId: 'z' }),
    ])
    expect(spans).toHaveLength(3)
  })
})

test('an agent inside is told with what went on in it, however deep; the run span and its wrappings are not', () => {
  const agent = { [ATTR.agent]: 'researcher' }
  const own = { [ATTR.agent]: 'research' }
  const tool = { [ATTR.phase]: 'tool' }
  const { subAgents } = detailOf(
    [
      makeSpan({ spanId: 'run', startedAt: START, attributes: own }),
      makeSpan({ spanId: 'wrapping', parentSpanId: 'run', attributes: own }),
      makeSpan({ spanId: 'late', parentSpanId: 'run', startedAt: START + 9, attributes: agent }),
      makeSpan({
        spanId: 'first',
        parentSpanId: 'wrapping',
        startedAt: START + 1,
        endedAt: START + 8,
        attributes: agent,
        status: 'error',
      }),
      makeSpan({ spanId: 'plumbing', parentSpanId: 'first', startedAt: START + 2, endedAt: START + 3 }),
      makeSpan({
        spanId: 'tool',
        parentSpanId: 'plumbing',
        startedAt: START + 2,
        endedAt: START + 3,
        attributes: tool,
      }),
      makeSpan({ spanId: 'beside', parentSpanId: 'run', startedAt: START + 2, endedAt: START + 3, attributes: tool }),
    ],
    [],
    [],
    { ...RUN, row: { ...RUN.row, agent: 'research' } },
  )
  expect(subAgents).toEqual([
    {
      spanId: 'first',
      agent: 'researcher',
      status: 'failed',
      startedAt: toIso(START + 1),
      endedAt: toIso(START + 8),
      steps: 1,
    },
    { spanId: 'late', agent: 'researcher', status: 'open', startedAt: toIso(START + 9), endedAt: null, steps: 0 },
  ])
})

describe('messages and connections', () => {
  const delivery = (seq: number, different: Partial<DeliverySignal>): FullLog =>
    makeLog({
      signal: {
        kind: 'delivery',
        source: SOURCE,
        runId: 'run_1',
        traceId: TRACE,
        spanId: null,
        seq,
        epoch: 'e',
        event: 'agent_started',
        toolCallId: null,
        connectionId: 'c1',
        attempt: 1,
        states: [],
        targets: null,
        bytes: null,
        reason: null,
        ...different,
      },
    })
  const connection = (different: Partial<ConnectionSignal>): FullLog =>
    makeLog({
      signal: {
        kind: 'connection',
        source: SOURCE,
        connectionId: 'c1',
        state: 'opened',
        at: START,
        userId: null,
        acks: null,
        stream: null,
        isSubprotocolRefused: false,
        framesLost: 0,
        closeCode: null,
        clientCloseCode: null,
        closeReason: null,
        closedBy: null,
        ...different,
      },
    })

  test('the records of one message become one line, with each state once and in order', () => {
    const { deliveries } = detailOf(
      [],
      [
        delivery(2, { states: [{ state: 'emitted', at: START + 5 }] }),
        delivery(1, { states: [{ state: 'received', at: START + 4 }] }),
        delivery(1, {
          states: [
            { state: 'routed', at: START },
            { state: 'emitted', at: START },
            { state: 'written', at: START + 2 },
          ],
          targets: 1,
          bytes: 210,
        }),
        delivery(1, { states: [{ state: 'received', at: START + 9 }] }),
        delivery(1, { runId: 'run_2' }),
      ],
    )
    expect(deliveries).toHaveLength(2)
    expect(deliveries[0]).toMatchObject({ seq: 1, connectionId: 'c1', targets: 1, bytes: 210, reason: null })
    expect(deliveries[0]?.states).toEqual([
      { state: 'emitted', at: toIso(START) },
      { state: 'routed', at: toIso(START) },
      { state: 'written', at: toIso(START + 2) },
      { state: 'received', at: toIso(START + 4) },
    ])
  })

  test('the connections its messages went to are shown, those of others are not', () => {
    const { connections } = detailOf(
      [],
      [
        delivery(1, {}),
        connection({ acks: true, userId: 'u_1', stream: 'sse' }),
        connection({ state: 'closed', at: START + 9, closeCode: 1006, closedBy: 'network' }),
        connection({ state: 'closed', at: START + 20, clientCloseCode: 4000 }),
        connection({ connectionId: 'c2' }),
      ],
    )
    expect(connections).toEqual([
      {
        id: 'c1',
        userId: 'u_1',
        acks: true,
        stream: 'sse',
        states: [
          { state: 'opened', at: toIso(START) },
          { state: 'closed', at: toIso(START + 9) },
        ],
        closeCode: 1006,
        clientCloseCode: 4000,
        closeReason: null,
        closedBy: 'network',
      },
    ])
  })
})

test('log lines of the run come in the order of time; our own records are not among them', () => {
  const { logs } = detailOf(
    [],
    [
      makeLog({ at: START + 2, body: { code: 7 } }),
      makeLog({ at: START + 1, body: 'first' }),
      makeLog({ at: START, traceId: 'f'.repeat(32), body: 'of another trace' }),
    ],
  )
  expect(logs.map((log) => log.body)).toEqual(['first', '{"code":7}'])
})

// oxfmt-ignore
test.each([
  // the run                                      from   to     its end  heard   told
  ['open, from 10 s on',                          0,     10,    null,    20,     false],
  ['open, from 10 s on',                          0,     11,    null,    20,     true],
  ['open, from 10 s on',                          500,   600,   null,    20,     true],
  ['from 10 s to 20 s',                           12,    15,    20,      20,     true],
  ['from 10 s to 20 s',                           19,    25,    20,      20,     true],
  ['from 10 s to 20 s',                           0,     60,    20,      20,     true],
  ['from 10 s to 20 s',                           20,    25,    20,      20,     false],
  ['whose end waited for us',                     20,    25,    20,      26,     true],
  ['whose clock is an hour behind',               100,   120,   -3_500,  130,    true],
  ['whose clock is an hour behind',               130,   140,   -3_500,  130,    false],
])('a run %s tells of the gap in our hearing from %d s to %d s, if it lived through it', (_run, from, to, end, heard, isTold) => {
  const [lastProgressAt, endedAt] = [toIso(START + seconds(heard)), end === null ? null : toIso(START + seconds(end))]
  const row = makeRow({ startedAt: toIso(START + seconds(Math.min(10, (end ?? 20) - 10))), endedAt, lastProgressAt })
  const gap = { from: toIso(START + seconds(from)), to: toIso(START + seconds(to)), reason: 'down' } as const
  const { gaps } = makeDetail(makeStored(row), { spans: [], logs: [] }, [], meaning, [gap])
  expect(gaps).toEqual(isTold ? [gap] : [])
})
