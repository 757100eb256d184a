/** Faults in what a run says and to whom: what users get, and what the runtime's records tell of it. */
import { describe, expect, test } from 'vitest'
import type { ServerFrame } from '../../contract/frames.ts'
import type { UserClient } from '../../tools/user-client.ts'
import { startRuntimeProgram } from '../kit/programs.ts'
import { eventually } from '../kit/eventually.ts'
import { connectTo, startRuntime } from './started-runtime.ts'

const runtime = startRuntime()
const { connect, connectionRecords } = runtime

function start(client: UserClient, fault: string): void {
  client.send({ type: 'start_agent', payload: { user_request: 'What is the refund policy?', fault } })
}

/** Delivery records of one type of event, by the user who asked. */
const deliveries = (runId: string, event: string) =>
  runtime.receiver
    .records('laststep.delivery')
    .map(({ attributes }) => attributes)
    .filter((each) => each['laststep.run.id'] === runId && each['laststep.delivery.event'] === event)

const ofType = (wanted: string) => (frames: readonly ServerFrame[]) => frames.filter(({ type }) => type === wanted)

// oxfmt-ignore
describe.concurrent('the user gets', () => {
  test.each<[string, string, (frames: readonly ServerFrame[]) => boolean]>([
    ['a success after an error',           'two-terminals',     (frames) => ofType('agent_error')(frames).length === 1 && ofType('agent_completed')(frames).length === 1],
    ['two ends',                           'child-completion',  (frames) => ofType('agent_completed')(frames).length === 2],
    ['each event three times',             'triple-send',       (frames) => ofType('agent_completed')(frames).length === 3],
    ['the end before what led to it',      'late-relay',        (frames) => frames.some(({ type }, index) => type === 'agent_completed' && ofType('agent_finalizing')(frames.slice(index)).length === 1)],
    ['a type that nobody knows',           'renamed-terminal',  (frames) => frames.some(({ type }) => (type as string) === 'agent_response_complete')],
    ['an empty answer',                    'empty-answer',      (frames) => ofType('agent_completed')(frames).some(({ payload }) => (payload['result'] as { text: string }).text === '')],
    ['the answer "None"',                  'false-completion',  (frames) => ofType('agent_completed')(frames).some(({ payload }) => payload['result'] === 'None')],
    ['a canned answer, and no start',      'canned-answer',     (frames) => ofType('agent_completed')(frames).length === 1 && ofType('agent_started')(frames).length === 0],
    ['a result without its call',          'orphan-tool-end',   (frames) => ofType('tool_completed')(frames).length === 1 && ofType('tool_executing')(frames).length === 0],
    ['one result for two calls',           'same-call-ids',     (frames) => ofType('tool_executing')(frames).length === 2 && ofType('agent_completed')(frames).length === 1],
    ['heartbeats and nothing else',        'zombie-heartbeat',  (frames) => ofType('heartbeat')(frames).length >= 3 && frames.at(-1)?.type === 'heartbeat'],
    ['a question that nobody answers',     'lost-approval',     (frames) => frames.at(-1)?.type === 'approval_required'],
  ])('%s: %s', async (_what, fault, fits) => {
    const client = await connect(`wire-${fault}`)
    start(client, fault)
    await eventually(() => fits(client.frames))
    await client.close()
  })
})

describe.concurrent('the records say', () => {
  // oxfmt-ignore
  test.each([
    // fault                   what became of the end
    ['oversized-answer',       { 'laststep.delivery.reason': 'too-big' }],
    ['unserialisable-answer',  { 'laststep.delivery.reason': 'serialize' }],
  ])('of %s why the end was not sent', async (fault, expected) => {
    const client = await connect(`record-${fault}`)
    start(client, fault)
    const { run_id: runId } = await client.waitFor(({ type }) => type === 'run_accepted')
    const [record] = await eventually(() => nonEmpty(deliveries(runId ?? '', 'agent_completed')))
    expect(record).toMatchObject(expected)
    await client.close()
  })

  test('of result-flood that the runtime ended the connection of a client that does not read', async () => {
    const client = await connect('record-result-flood')
    const { payload } = await client.waitFor(({ type }) => type === 'connection_established')
    start(client, 'result-flood')
    await client.waitFor(({ type }) => type === 'run_accepted')
    client.stopReading()
    const end = await eventually(() =>
      connectionRecords(payload['connection_id']).find((each) => each['laststep.connection.state'] === 'closed'),
    )
    expect(end).toMatchObject({ 'laststep.connection.close_code': 1006, 'laststep.connection.close_by': 'server' })
    client.drop()
  })

  test('of wrong-ids that its events bear an id that nobody follows', async () => {
    const client = await connect('record-wrong-ids')
    start(client, 'wrong-ids')
    const { run_id: runId } = await client.waitFor(({ type }) => type === 'run_accepted')
    const own = await eventually(() =>
      runtime.receiver
        .spans()
        .find(({ name, attributes }) => name === 'terminal' && attributes['laststep.run.id'] === runId),
    )
    const strays = await eventually(() =>
      nonEmpty(
        runtime.receiver
          .records('laststep.delivery')
          .filter((record) => record.traceId === own.traceId && record.attributes['laststep.run.id'] !== runId),
      ),
    )
    expect(strays.every(({ attributes }) => attributes['laststep.delivery.targets'] === 0)).toBe(true)
    await client.close()
  })

  test('of silent-rejection that a run was accepted, of which its user never hears', async () => {
    const client = await connect('record-silent-rejection')
    client.sendText('{"type":"start_agent","payload":{"content":"Hello","fault":"silent-rejection"}}')
    const span = await eventually(() =>
      runtime.receiver.spans().find(({ name }) => name === 'accepted handle_start_agent'),
    )
    expect(span.attributes).toMatchObject({ 'code.file.path': 'server/faults/silent-handler.ts' })
    expect(client.frames.map(({ type }) => type)).toEqual(['connection_established'])
    await client.close()
  })
})

test('a cancelled run that does not listen reports success', async () => {
  const client = await connect('deaf')
  const runId = await client.ask('What is the refund policy?', { fault: 'deaf-to-cancel' })
  client.send({ type: 'cancel', run_id: runId })
  expect((await client.waitForEnd(runId)).type).toBe('agent_completed')
  await client.close()
})

test.each(['stale-handler', 'broadcast'])('%s shows one user the run of another', async (fault) => {
  // A runtime of its own: whoever was there first gets it.
  const own = await startRuntimeProgram(runtime.receiver.url)
  const bystander = await connectTo(own, 'bystander')
  const client = await connectTo(own, 'owner')
  start(client, fault)
  const { run_id: runId } = await bystander.waitFor(({ type }) => type === 'agent_completed')
  expect(runId).toMatch(/^run_/)
  expect(client.frames.filter(({ run_id }) => run_id !== null)).toEqual([])
  await Promise.all([client.close(), bystander.close()])
  await own.stop()
})

function nonEmpty<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null
}
