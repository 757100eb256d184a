import { describe, expect, test } from 'vitest'
import { newReading, type LogRecord, type Reading } from '../../../collector/accept/reading.ts'
import { signalsFromLog } from '../../../collector/accept/signals-from-log.ts'
import type { Source } from '../../../collector/signal.ts'
import type { Attributes } from '../../../contract/runs.ts'
import { encode } from './oracle.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = '00f067aa0ba902b7'
const NO_SOURCE: Source = {
  service: null,
  version: null,
  environment: null,
  instance: null,
  workingDirectory: null,
  contract: null,
}
const SHOP: Source = { ...NO_SOURCE, service: 'shop', instance: 'one' }

function read(record: Partial<LogRecord>): Reading {
  const reading = newReading()
  const log: LogRecord = {
    at: 1_700_000_000_000,
    severityNumber: 9,
    severity: 'INFO',
    event: null,
    body: null,
    traceId: TRACE,
    spanId: SPAN,
    attributes: {},
    ...record,
  }
  signalsFromLog(log, SHOP, reading)
  return reading
}

const tracesData = (span: object, resource: object = {}): string =>
  JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ spans: [{ traceId: TRACE, spanId: SPAN, ...span }] }] }],
  })

describe('snapshots of open spans', () => {
  const heartbeat: Attributes = { 'partial.event': 'heartbeat', 'partial.body.type': 'json/v1', 'laststep.seq': 3 }
  const stop: Attributes = { 'partial.event': 'stop', 'partial.body.type': 'json/v1', 'laststep.seq': 4 }
  const started = { startTimeUnixNano: '1700000000000000000' }
  const ended = { ...started, endTimeUnixNano: '1700000000500000000' }

  // oxfmt-ignore
  test.each([
    ['a heartbeat is an open span with its seq',         heartbeat,                                     started, { endedAt: null, seq: 3, stopReason: null }],
    ['a heartbeat with an end is open all the same',     heartbeat,                                     ended,   { endedAt: null, seq: 3, stopReason: null }],
    ['a stop with an end is the finished span',          stop,                                          ended,   { endedAt: 1_700_000_000_500, stopReason: null }],
    ['a stop without an end says why',                   { ...stop, 'laststep.stop_reason': 'shutdown' }, started, { endedAt: null, stopReason: 'shutdown' }],
    ['a stop that says nothing has no end and a reason', stop,                                          started, { endedAt: null, stopReason: 'stopped without an end time' }],
    ['unnumbered snapshots are numbered by their time',  { ...heartbeat, 'laststep.seq': null },        started, { seq: 1_700_000_000_000 }],
  ])('%s', (_name, attributes, span, expected) => {
    const { signals, refused } = read({ attributes, body: tracesData(span) })
    expect(refused).toBe(0)
    expect(signals).toMatchObject([{ kind: 'span', traceId: TRACE, spanId: SPAN, ...expected }])
  })

  // oxfmt-ignore
  test.each([
    ['5000ms',           null,                  5_000],
    ['5s',               null,                  5_000],
    ['1m30s',            null,                  90_000],
    ['soon',             null,                  null],
    ['0s',               null,                  null],
    ['5000ms',           'laststep.span.start', null],
  ])('a heartbeat every %s in a record named %s is repeated every %s ms', (frequency, event, repeatedEvery) => {
    const { signals } = read({ event, attributes: { ...heartbeat, 'partial.frequency': frequency }, body: tracesData(started) })
    expect(signals).toMatchObject([{ repeatedEvery }])
  })

  test('a stop is not repeated', () => {
    const { signals } = read({ attributes: { ...stop, 'partial.frequency': '5s' }, body: tracesData(started) })
    expect(signals).toMatchObject([{ repeatedEvery: null }])
  })

  test('G-Research: no body type is protobuf in base64', () => {
    const span = {
      traceId: Buffer.from(TRACE, 'hex'),
      spanId: Buffer.from(SPAN, 'hex'),
      name: 'HTTP GET',
      startTimeUnixNano: '5',
    }
    const body = encode('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }).toString('base64')
    const { signals } = read({ attributes: { 'partial.event': 'heartbeat', 'partial.frequency': '5000ms' }, body })
    expect(signals).toMatchObject([{ name: 'HTTP GET', spanId: SPAN, endedAt: null }])
  })

  test('G-Research in Python: JSON with ids in base64', () => {
    const base64 = (id: string): string => Buffer.from(id, 'hex').toString('base64')
    const body = tracesData({ traceId: base64(TRACE), spanId: base64(SPAN), parentSpanId: base64(PARENT) })
    expect(read({ attributes: heartbeat, body }).signals).toMatchObject([
      { traceId: TRACE, spanId: SPAN, parentSpanId: PARENT },
    ])
  })

  test("the body's own resource says who speaks; without one, the record's", () => {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'kitchen' } }] }
    expect(read({ attributes: heartbeat, body: tracesData({}, resource) }).signals).toMatchObject([
      { source: { service: 'kitchen' } },
    ])
    expect(read({ attributes: heartbeat, body: tracesData({}) }).signals).toMatchObject([{ source: SHOP }])
  })

  test.each([
    ['no body', null],
    ['a body that is no JSON', '{'],
    ['a body without spans', '{}'],
    ['a span without ids', tracesData({ traceId: '' })],
    ['an object', { stringValue: 'x' }],
  ])('%s is refused by itself', (_what, body) => {
    expect(read({ attributes: heartbeat, body })).toMatchObject({ signals: [], refused: 1 })
  })
})

describe('pulses', () => {
  const pulse: Attributes = { 'laststep.pulse.seq': 7, 'laststep.pulse.interval_ms': 5_000 }

  test('list what is open; a name may hold colons', () => {
    const open = [`${TRACE}:${SPAN}:${PARENT}:1700000000000000000:GET http://x:80`, `${TRACE}:${PARENT}::5:root`]
    const { signals } = read({ event: 'laststep.pulse', attributes: { ...pulse, 'laststep.pulse.open': open } })
    expect(signals).toMatchObject([
      {
        kind: 'pulse',
        at: 1_700_000_000_000,
        seq: 7,
        intervalMs: 5_000,
        openNotListed: 0,
        loopBlockedMs: 0,
        last: false,
        open: [
          { traceId: TRACE, spanId: SPAN, parentSpanId: PARENT, startedAt: 1_700_000_000_000, name: 'GET http://x:80' },
          { spanId: PARENT, parentSpanId: null, name: 'root' },
        ],
      },
    ])
  })

  test('a span that is listed unreadably makes the list incomplete', () => {
    const attributes = { ...pulse, 'laststep.pulse.open': ['nonsense', 5], 'laststep.pulse.open_not_listed': 1 }
    expect(read({ event: 'laststep.pulse', attributes }).signals).toMatchObject([{ open: [], openNotListed: 3 }])
  })

  test('say for how long the loop has not turned, and when they are the last', () => {
    const attributes = { ...pulse, 'laststep.pulse.loop_blocked_ms': 1_234, 'laststep.pulse.last': true }
    expect(read({ event: 'laststep.pulse', attributes }).signals).toMatchObject([{ loopBlockedMs: 1_234, last: true }])
  })
})

describe('deliveries', () => {
  const delivery: Attributes = {
    'laststep.run.id': 'run_1',
    'laststep.delivery.seq': 4,
    'laststep.delivery.event': 'agent_completed',
    'laststep.delivery.states': ['emitted', 'written'],
    // Nanoseconds are beyond 2^53: the readers hand them over as text.
    'laststep.delivery.at': ['1700000000000250000', '1700000000250000000'],
    'laststep.connection.id': 'conn_1',
  }

  test('carry every state with its moment', () => {
    expect(read({ event: 'laststep.delivery', attributes: delivery }).signals).toMatchObject([
      {
        kind: 'delivery',
        runId: 'run_1',
        seq: 4,
        event: 'agent_completed',
        connectionId: 'conn_1',
        attempt: 1,
        states: [
          { state: 'emitted', at: 1_700_000_000_000.25 },
          { state: 'written', at: 1_700_000_000_250 },
        ],
      },
    ])
  })

  test.each([
    ['no run', { 'laststep.run.id': null }],
    ['no seq', { 'laststep.delivery.seq': 'four' }],
    ['no event', { 'laststep.delivery.event': '' }],
    ['no states', { 'laststep.delivery.states': [] }],
    ['more states than moments', { 'laststep.delivery.at': ['5'] }],
    ['a state nobody knows', { 'laststep.delivery.states': ['emitted', 'teleported'] }],
    ['a moment that is none', { 'laststep.delivery.at': ['now', 'then'] }],
  ])('with %s are refused by themselves', (_what, wrong) => {
    const reading = read({ event: 'laststep.delivery', attributes: { ...delivery, ...wrong } })
    expect(reading).toMatchObject({ signals: [], refused: 1, refusal: expect.stringContaining('laststep.delivery') })
  })

  const shared: Attributes = { 'laststep.run.id': 'run_1', 'laststep.connection.id': 'conn_1' }

  test('of several messages are one each, their moments counted from the record’s', () => {
    const more = { attempt: 2, targets: 1, bytes: 312, tool_call_id: 'call_1', reason: 'backpressure' }
    const body = JSON.stringify([
      [4, 'tool_executing', { emitted: 0, queued: 250 }],
      [5, 'agent_thinking', { dropped: 1_500_000 }, more],
    ])
    const common = { kind: 'delivery', runId: 'run_1', connectionId: 'conn_1', traceId: TRACE, spanId: SPAN }
    const states = [
      { state: 'emitted', at: 1_700_000_000_000 },
      { state: 'queued', at: 1_700_000_000_000.25 },
    ]
    expect(read({ event: 'laststep.delivery', attributes: shared, body })).toMatchObject({
      refused: 0,
      signals: [
        { ...common, seq: 4, event: 'tool_executing', attempt: 1, states, targets: null, bytes: null, reason: null },
        {
          ...common,
          seq: 5,
          attempt: 2,
          targets: 1,
          bytes: 312,
          toolCallId: 'call_1',
          reason: 'backpressure',
          states: [{ state: 'dropped', at: 1_700_000_001_500 }],
        },
      ],
    })
  })

  // oxfmt-ignore
  test.each([
    ['no JSON',                           'half of i',                                          0],
    ['no rows',                           '[]',                                                 0],
    ['no list',                           '{"seq":4}',                                          0],
    ['a row that is none',                '[[4,"agent_started",{"emitted":0}],7]',              1],
    ['a row without a seq',               '[[4,"agent_started",{"emitted":0}],["5","x",{"emitted":0}]]', 1],
    ['a row without an event',            '[[4,"",{"emitted":0}]]',                             0],
    ['a row without a state',             '[[4,"agent_started",{}]]',                           0],
    ['a state nobody knows',              '[[4,"x",{"emitted":0,"teleported":1}],[5,"x",{"emitted":0}]]', 1],
    ['a moment that is none',             '[[4,"agent_started",{"emitted":"now"}]]',            0],
    ['something else in the last place',  '[[4,"agent_started",{"emitted":0},"more"]]',         0],
  ] as const)('in a body with %s are refused, and its other messages read', (_what, body, signals) => {
    const reading = read({ event: 'laststep.delivery', attributes: shared, body })
    expect(reading).toMatchObject({ refused: 1, refusal: expect.stringContaining('laststep.delivery') })
    expect(reading.signals).toHaveLength(signals)
  })
})

// oxfmt-ignore
test.each([
  ['a run that ended',     'laststep.run',        { 'laststep.run.id': 'r', 'laststep.run.state': 'ended', 'laststep.run.outcome': 'failed' }, { kind: 'run', state: 'ended', outcome: 'failed' }],
  ['a run in a queue',     'laststep.run',        { 'laststep.run.id': 'r', 'laststep.run.state': 'queued', 'laststep.run.reason': 'no free worker' }, { kind: 'run', state: 'queued', reason: 'no free worker' }],
  ['a run in a state nobody knows', 'laststep.run', { 'laststep.run.id': 'r', 'laststep.run.state': 'lost' },                               null],
  ['a connection',         'laststep.connection', { 'laststep.connection.id': 'c', 'laststep.connection.state': 'closed', 'laststep.connection.close_code': 1006, 'laststep.connection.client_close_code': 1001, 'laststep.connection.close_by': 'network', 'laststep.connection.stream': 'sse' }, { kind: 'connection', state: 'closed', closeCode: 1006, clientCloseCode: 1001, closedBy: 'network', acks: null, stream: 'sse' }],
  ['a connection unnamed', 'laststep.connection', { 'laststep.connection.state': 'closed' },                                                null],
  ['somebody else’s log',  'app.started',         {},                                                                                       { kind: 'log', traceId: TRACE, spanId: SPAN }],
] as const)('%s', (_what, event, attributes, expected) => {
  const reading = read({ event, attributes })
  if (expected) expect(reading).toMatchObject({ signals: [{ source: SHOP, ...expected }], refused: 0 })
  else expect(reading).toMatchObject({ signals: [], refused: 1 })
})

test('a log without a trace says nothing about runs', () => {
  expect(read({ traceId: null, spanId: null }).signals).toEqual([])
})
