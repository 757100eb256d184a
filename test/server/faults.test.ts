/** Each fault from outside: what the user sees, and what the runtime's telemetry says about it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sleep, systemClock } from '../../contract/clock.ts'
import { readTracesData } from '../kit/otlp-receiver.ts'
import { startRuntimeProgram } from '../kit/programs.ts'
import type { UserClient } from '../../tools/user-client.ts'
import { eventually } from '../kit/eventually.ts'
import { connectTo, startRuntime } from './started-runtime.ts'

const runtime = startRuntime(['--pulse-ms', '500', '--block-ms', '2500'])
const { connect } = runtime

/** Ask for something with a fault and watch until the run has gone quiet for a second. */
async function unlucky(fault: string): Promise<{ user: UserClient; runId: string; types: readonly string[] }> {
  const user = await connect(`user-of-${fault}`)
  const runId = await user.ask('What is the refund policy?', { fault })
  for (let seen = -1; seen < user.frames.length;) {
    seen = user.frames.length
    await sleep(systemClock, 1_000)
  }
  return { user, runId, types: user.frames.filter((frame) => frame.run_id === runId).map(({ type }) => type) }
}

const finishedSpansOf = (runId: string) =>
  runtime.receiver.spans().filter(({ attributes }) => attributes['laststep.run.id'] === runId)

/** The latest record of each span that was reported open and not ended. */
function openSpansOf(runId: string) {
  const spans = new Map<string, ReturnType<typeof readTracesData>[number]>()
  for (const { event, body } of runtime.receiver.records()) {
    if (!event.startsWith('laststep.span.') || body === undefined) continue
    for (const span of readTracesData(body)) spans.set(span.spanId, span)
  }
  return [...spans.values()].filter(
    ({ attributes, endTimeUnixNano }) => attributes['laststep.run.id'] === runId && endTimeUnixNano === undefined,
  )
}

describe.concurrent('a run with', () => {
  test('removed-singleton: accepted, then silence; the KeyError is on the span of the factory', async () => {
    const { runId, types, user } = await unlucky('removed-singleton')
    expect(types).toEqual(['run_accepted'])
    const [factory] = await eventually(() =>
      nonEmpty(finishedSpansOf(runId).filter(({ name }) => name.startsWith('started'))),
    )
    expect(factory?.status.code).toBe(2)
    expect(factory?.events[0]?.attributes).toMatchObject({
      'exception.type': 'KeyError',
      'exception.message': "'orchestrator_available'",
      'exception.stacktrace': expect.stringMatching(/create-execution-orchestrator\.ts:\d+/),
    })
    // The run's own span ends as if nothing had happened: that is what makes this fault hard to see.
    const run = await eventually(() => finishedSpansOf(runId).find(({ name }) => name === 'invoke_agent assistant'))
    expect(run.status.code ?? 0).toBe(0)
    await user.close()
  })

  test('hung-tool: tool_executing is the last word; the span of the tool stays open', async () => {
    const { user, runId, types } = await unlucky('hung-tool')
    expect(types.at(-1)).toBe('tool_executing')
    const tool = await eventually(() => openSpansOf(runId).find(({ name }) => name === 'execute_tool file_search'))
    expect(tool.attributes).toMatchObject({
      'laststep.phase': 'tool',
      'gen_ai.tool.name': 'file_search',
      'code.file.path': 'server/agent/tools/file-search.ts',
      'code.line.number': lineOf('server/agent/tools/file-search.ts', 'defineTool({'),
    })
    user.send({ type: 'cancel', run_id: runId })
    expect((await user.waitForEnd(runId)).type).toBe('agent_cancelled')
    await user.close()
  })

  test('half-open-model: a little thinking, then nothing; the chat span stays open', async () => {
    const { user, runId, types } = await unlucky('half-open-model')
    expect(types.at(-1)).toBe('agent_thinking')
    const chat = await eventually(() => openSpansOf(runId).find(({ name }) => name === 'chat scripted-1'))
    // Thoughts are no pieces of an answer; that they came is told by the messages.
    expect(chat.attributes['laststep.progress']).toBeUndefined()
    user.send({ type: 'cancel', run_id: runId })
    expect((await user.waitForEnd(runId)).type).toBe('agent_cancelled')
    await user.close()
  })

  test('skipped-terminal: everything but the end; the run span ends without an error', async () => {
    const { runId, types, user } = await unlucky('skipped-terminal')
    expect(types.at(-1)).toBe('agent_finalizing')
    const run = await eventually(() => finishedSpansOf(runId).find(({ name }) => name === 'invoke_agent assistant'))
    expect(run.status.code ?? 0).toBe(0)
    const said = runtime.receiver
      .records('laststep.run')
      .filter(({ attributes }) => attributes['laststep.run.id'] === runId)
    expect(said.map(({ attributes }) => attributes['laststep.run.state'])).toEqual(['accepted', 'started'])
    await user.close()
  })
})

describe('a process with', () => {
  test('blocked-loop stands still for everyone, says so by its pulse, and goes on', async () => {
    const [culprit, bystander] = await Promise.all([connect('culprit'), connect('bystander')])
    const runId = await culprit.ask('What is the refund policy?', { fault: 'blocked-loop' })
    await culprit.waitFor(({ type }) => type === 'agent_thinking')
    await sleep(systemClock, 400)
    const asked = systemClock.now()
    await bystander.ask('Hello')
    expect(systemClock.now() - asked).toBeGreaterThan(1_000)
    const blocked = runtime.receiver
      .records('laststep.pulse')
      .map(({ attributes }) => attributes['laststep.pulse.loop_blocked_ms'])
    expect(Math.max(...blocked.map(Number))).toBeGreaterThan(1_000)
    expect((await culprit.waitForEnd(runId)).type).toBe('agent_completed')
    await Promise.all([culprit.close(), bystander.close()])
  })

  test('exit-mid-run dies in a tool, without a close frame, and has reported the tool as open', async () => {
    const doomed = await startRuntimeProgram(runtime.receiver.url)
    const user = await connectTo(doomed, 'witness')
    const runId = await user.ask('What is the refund policy?', { fault: 'exit-mid-run' })
    expect(await user.closed).toMatchObject({ code: 1006 })
    expect(user.frames.at(-1)?.type).toBe('tool_executing')
    expect(openSpansOf(runId).map(({ name }) => name)).toContain('execute_tool file_search')
    expect(await doomed.stop()).toBeNull()
  })

  test('a fault switched on over HTTP befalls runs that did not ask for it, until it is switched off', async () => {
    const user = await connect('experimenter')
    const setFault = (probability: number) =>
      fetch(`${runtime.program.http}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'removed-singleton', probability }),
      })
    await setFault(1)
    const broken = await user.ask('Hello')
    await setFault(0)
    const healthy = await user.ask('Hello')
    await user.waitForEnd(healthy)
    expect(user.frames.filter((frame) => frame.run_id === broken).map(({ type }) => type)).toEqual(['run_accepted'])
    await user.close()
  })
})

function nonEmpty<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null
}

/** The number of the first line of a source file that holds `text`. */
function lineOf(file: string, text: string): number {
  const source = readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')
  return source.split('\n').findIndex((line) => line.includes(text)) + 1
}
