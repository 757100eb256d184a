/** How far a message got, and what that says: each link of the chain broken in turn. */
import { describe, expect, test } from 'vitest'
import { judgeDelivery } from '../../../collector/assess/judge-delivery.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type { ConnectionFacts, InstanceFacts, MessageFacts } from '../../../collector/run.ts'
import { START } from '../../kit/manual-clock.ts'
import { circumstances, connection, instance, message, runFacts, send } from './facts.ts'

const QUEUED = { emitted: START, routed: START, queued: START }
const WRITTEN = { ...QUEUED, written: START }
const PONGED = { ...WRITTEN, transported: START }
const ACKED = { ...WRITTEN, received: START }
const C1 = connection()
const SILENT = connection({ acks: false })
const CLOSED = connection({ closedAt: START + 1_000, closeCode: 1006, closedBy: 'client' })
const CLOSED_LATER = connection({ closedAt: START + 9_000 })
const STRANGER = connection({ userId: 'mallory' })
const STREAM = connection({ acks: false, stream: 'sse' })
const STREAM_WITH_ACKS = connection({ stream: 'sse' })
const STREAM_ENDED = connection({ stream: 'sse', closedAt: START + 100, closedBy: 'server' })
const STREAM_LEFT = connection({ acks: false, stream: 'sse', closedAt: START - 1_000, closedBy: 'client' })
const STREAM_OF_STRANGER = connection({ acks: false, stream: 'http', userId: 'mallory' })

function judge(
  messages: MessageFacts[],
  connections: ConnectionFacts,
  now: number,
  process: InstanceFacts | null = null,
) {
  const run = runFacts({
    tellsDeliveries: true,
    outcome: 'succeeded',
    outcomeEvent: 'agent_completed',
    messages: Object.fromEntries(messages.map((each) => [each.seq, each])),
  })
  const around = { connection: (id: string) => (id === connections.id ? connections : null), instance: process }
  return judgeDelivery(circumstances(run, around), loadPreset('laststep'), START + now)
}

describe('a terminal message', () => {
  // oxfmt-ignore
  test.each([
    // what became of it                          message                                                connection    ms      outcome        cause
    ['acked by the client',                       message({ sends: send(ACKED) }),                       C1,           9_000,  'delivered',   null],
    ['consumed by a stack that sends no acks',    message({ sends: send(PONGED) }),                      SILENT,       9_000,  'delivered',   null],
    ['consumed by the stack, not by the code',    message({ sends: send(PONGED) }),                      C1,           9_000,  'undelivered', 'unreceived'],
    ['written, still in time',                    message({ sends: send(WRITTEN) }),                     C1,           4_999,  'pending',     null],
    ['written and never confirmed',               message({ sends: send(WRITTEN) }),                     C1,           5_000,  'undelivered', 'unreceived'],
    ['written to a connection that then closed',  message({ sends: send(WRITTEN) }),                     CLOSED,       5_000,  'undelivered', 'client-gone'],
    ['unconfirmed; closed after the deadline',    message({ sends: send(WRITTEN) }),                     CLOSED_LATER, 10_000, 'undelivered', 'unreceived'],
    ['stuck in the queue',                        message({ sends: send(QUEUED) }),                      C1,           5_000,  'undelivered', 'unwritten'],
    ['failed to be written',                      message({ sends: send({ ...QUEUED, failed: START }) }), C1,          5_000,  'undelivered', 'unwritten'],
    ['sent to nobody',                            message({ targets: 0 }),                               C1,           5_000,  'undelivered', 'unrouted'],
    ['dropped for want of a target',              message({ sends: send({ dropped: START }, { reason: 'no-target', connectionId: null }) }), C1, 5_000, 'undelivered', 'unrouted'],
    ['acked by somebody else',                    message({ sends: send(ACKED) }),                       STRANGER,     5_000,  'undelivered', 'misrouted'],
    ['written to a stream',                       message({ sends: send(WRITTEN) }),                     STREAM,       0,      'unknown',     null],
    ['written to a stream, and nothing comes',    message({ sends: send(WRITTEN) }),                     STREAM,       99_000, 'unknown',     null],
    ['not written to a stream, still in time',    message({ sends: send(QUEUED) }),                      STREAM,       4_999,  'pending',     null],
    ['not written to a stream',                   message({ sends: send(QUEUED) }),                      STREAM,       5_000,  'undelivered', 'unwritten'],
    ['named by the client that is back',          message({ sends: send(ACKED) }),                       STREAM,       9_000,  'delivered',   null],
    ['written to a stream that was to be acked',  message({ sends: send(WRITTEN) }),                     STREAM_WITH_ACKS, 5_000, 'undelivered', 'unreceived'],
    ['the same when the response has ended',      message({ sends: send(WRITTEN) }),                     STREAM_ENDED, 5_000,  'undelivered', 'unreceived'],
    ['dropped by a stream whose client had left', message({ sends: send({ emitted: START, dropped: START }, { reason: 'closed' }) }), STREAM_LEFT, 5_000, 'undelivered', 'client-gone'],
    ['written to the stream of somebody else',    message({ sends: send(WRITTEN) }),                     STREAM_OF_STRANGER, 5_000, 'undelivered', 'misrouted'],
  ])('%s', (_what, sent, over, now, outcome, cause) => {
    const { summary, overdue } = judge([sent], over, now)
    expect([summary.outcome, overdue?.cause ?? null]).toEqual([outcome, cause])
  })

  // oxfmt-ignore
  test.each([
    ['written to a client that may be gone',      message({ sends: send(WRITTEN) }),                     C1,           'client-gone'],
    ['in the hands of a stack whose code is mute', message({ sends: send(PONGED) }),                     C1,           null],
    ['written before the connection closed',      message({ sends: send(WRITTEN) }),                     CLOSED,       null],
    ['queued when the connection closed',         message({ sends: send(QUEUED) }),                      CLOSED,       undefined],
    ['stuck in the queue of a silent process',    message({ sends: send(QUEUED) }),                      C1,           'telemetry-lost'],
    ['failed to be written',                      message({ sends: send({ ...QUEUED, failed: START }) }), C1,          undefined],
    ['sent to nobody',                            message({ targets: 0 }),                               C1,           undefined],
    ['acked by somebody else',                    message({ sends: send(ACKED) }),                       STRANGER,     undefined],
  ])('%s leaves a doubt or none', (_what, sent, over, cause) => {
    expect(judge([sent], over, 9_000, instance({ pulseAt: START - 9_000 })).overdue?.otherwise?.cause).toBe(cause)
  })

  test('is confirmed when any one of the user’s connections confirms it', () => {
    const both = {
      'c1/1': { connectionId: 'c1', attempt: 1, at: WRITTEN, reason: null },
      'c2/1': { connectionId: 'c2', attempt: 1, at: ACKED, reason: null },
    }
    expect(judge([message({ sends: both })], C1, 9_000).summary.outcome).toBe('delivered')
  })

  test('counts with the other critical messages, and chatter counts for nothing', () => {
    const started = message({ seq: 1, event: 'agent_started', sends: send(ACKED) })
    const update = message({ seq: 2, event: 'progress_update', sends: send(WRITTEN) })
    const completed = message({ seq: 3, sends: send(WRITTEN) })
    const { summary, lookAgainAt } = judge([started, update, completed], C1, 0)
    expect(summary).toEqual({ required: 2, confirmed: 1, outcome: 'pending' })
    expect(lookAgainAt).toBe(START + 5_000)
    expect(judge([started, update, completed], C1, 9_000).summary.outcome).toBe('undelivered')
  })

  test('that arrived while another did not makes the delivery partial', () => {
    const started = message({ seq: 1, event: 'agent_started', sends: send(WRITTEN) })
    const { summary, overdue } = judge([started, message({ seq: 2, sends: send(ACKED) })], C1, 9_000)
    expect([summary.outcome, overdue?.cause]).toEqual(['partial', 'unreceived'])
  })

  // oxfmt-ignore
  test.each([
    // the message before       the terminal    required  confirmed  outcome        cause
    [WRITTEN,                   WRITTEN,        0,        0,         'unknown',     null],
    [ACKED,                     WRITTEN,        1,        1,         'unknown',     null],
    [ACKED,                     ACKED,          2,        2,         'delivered',   null],
    [{ dropped: START },        WRITTEN,        1,        0,         'partial',     'unwritten'],
    [WRITTEN,                   { dropped: START }, 1,    0,         'undelivered', 'unwritten'],
  ])('over a stream: %j, then %j', (before, terminal, required, confirmed, outcome, cause) => {
    const started = message({ seq: 1, event: 'agent_started', sends: send(before) })
    const { summary, overdue } = judge([started, message({ seq: 2, sends: send(terminal) })], STREAM, 9_000)
    expect(summary).toEqual({ required, confirmed, outcome })
    expect(overdue?.cause ?? null).toBe(cause)
  })

  test('over a stream is told as written, and by whom the stream was ended', () => {
    const close = { closedAt: START + 100, closedBy: 'client' } as const
    const told = (over: ConnectionFacts) => judge([message({ sends: send(WRITTEN) })], over, 9_000).unproven
    expect(told(STREAM).map(({ ref }) => ref)).toEqual(['connection:c1'])
    expect(told(STREAM)[0]?.text).toContain('nothing says whether it arrived')
    expect(told({ ...STREAM, ...close })[1]?.text).toContain('was closed by the client')
    expect(told({ ...STREAM, ...close, closedBy: 'server' })).toHaveLength(1)
    expect(judge([message({ sends: send(ACKED) })], STREAM, 9_000).unproven).toEqual([])
  })

  test('waits with a message before it: one ack may confirm both', () => {
    const started = message({ seq: 1, event: 'agent_started', emittedAt: START - 60_000, sends: send(WRITTEN) })
    const completed = message({ seq: 2, sends: send(WRITTEN) })
    expect(judge([started, completed], C1, 4_999).overdue).toBeNull()
    expect(judge([started, completed], C1, 5_000).overdue?.dueAt).toBe(START + 5_000)
  })
})

test('a source that never tells of messages has an unknown delivery, not a missing one', () => {
  const run = runFacts({ outcome: 'succeeded' })
  const { summary, overdue } = judgeDelivery(circumstances(run), loadPreset('laststep'), START + 60_000)
  expect([summary.outcome, overdue]).toEqual(['unknown', null])
})
