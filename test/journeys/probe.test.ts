/** `laststep probe` from outside: against the reference runtime, healthy and broken, and against runtimes that are not ours. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RECORD } from '../../contract/attributes.ts'
import { CRITICAL_EVENTS } from '../../contract/events.ts'
import { fetchToken } from '../../tools/user-client.ts'
import { getRun, listRuns, waitForRun } from '../kit/laststep-api.ts'
import { startOtherRuntime, type OtherRuntime } from '../kit/other-runtime.ts'
import {
  startCollectorProgram,
  startRuntimeProgram,
  temporaryFolder,
  type CollectorProgram,
  type RuntimeProgram,
} from '../kit/programs.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { runLaststep } from '../kit/run-laststep.ts'
import { waitUntil } from '../kit/wait-until.ts'

const FOLDER = temporaryFolder('probe')
const QUICK = join(import.meta.dirname, 'quick.yaml')
const THEIRS = join(import.meta.dirname, 'theirs.yaml')
const TOKENS = join(FOLDER, 'tokens')

let collector: CollectorProgram
let runtime: RuntimeProgram
let tokens: string[]

beforeAll(async () => {
  collector = await startCollectorProgram(join(FOLDER, 'data'), ['--contract', QUICK, '--contract', `${THEIRS},ag-ui`])
  runtime = await startRuntimeProgram(collector.otlpHttp, ['--pulse-ms', '500', '--block-ms', '8000'])
  tokens = await Promise.all(['ada', 'grace', 'edsger'].map((user) => fetchToken(runtime.http, user)))
  // As they are, and as the runtime hands them out.
  writeFileSync(TOKENS, `# one a line\n${tokens[0]}\n\n{"token":"${tokens[1]}","user":"grace"}\n${tokens[2]}\n`)
})

afterAll(async () => {
  await runtime?.stop()
  await collector?.stop()
})

const probe = (url: string, ...args: string[]) => runLaststep(['probe', url, ...args])

describe('the reference runtime', () => {
  const withToken = ['--token-file', TOKENS]

  test('a healthy run passes: events and text as they come, a table, and the client’s view in the collector', async () => {
    const told = ['--collector', collector.otlpHttp]
    const { status, stdout, stderr } = await probe(runtime.ws, ...withToken, ...told, '--expect', 'all')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const event of CRITICAL_EVENTS) {
      expect(stdout).toMatch(new RegExp(`\\+\\d+ ms {2}${event}\\b`))
      expect(stdout).toMatch(new RegExp(`^${event} .* came$`, 'm'))
    }
    // The partial results, and the answer: 6 * 7.
    expect(stdout).toMatch(/agent_thinking {2}\S/)
    expect(stdout).toMatch(/agent_completed {2}.*42/)
    expect(stdout).toContain('1 of 1 run passed')
    for (const token of tokens) expect(stdout).not.toContain(token)

    const runId = /^passed {2}(run_\w+)$/m.exec(stdout)?.[1] ?? ''
    const run = await waitForRun(
      collector.dashboard,
      runId,
      (each) => each.status === 'completed' && each.agent !== null,
    )
    expect(run).toMatchObject({ service: 'reference-runtime', userId: 'ada', delivery: { outcome: 'delivered' } })
    // The client's word and the runtime's are about the same message on the same connection.
    const seqs = run.deliveries.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    expect(new Set(run.deliveries.map(({ connectionId }) => connectionId)).size).toBe(1)
  })

  // oxfmt-ignore
  test.each([
    ['removed-singleton', /stalled in accepted, never-started after 2 s of silence/],
    ['hung-tool',         /stalled in tool, tool-silent after 3 s of silence .*tool_executing/],
    ['half-open-model',   /stalled in reasoning, model-silent after 3 s of silence/],
    ['skipped-terminal',  /stalled in finalise, \S+ after 4 s of silence .*agent_finalizing/],
    ['blocked-loop',      /stalled in reasoning, model-silent after 3 s of silence/],
  ] as const)('%s fails, and the step is named', async (fault, problem) => {
    await setFault(runtime, fault, 1)
    const { status, stdout } = await probe(runtime.ws, ...withToken, '--contract', QUICK)
    await setFault(runtime, fault, 0)
    expect(stdout).toMatch(problem)
    expect(stdout).toMatch(/ OVERDUE$/m)
    expect(stdout).toContain('0 of 1 run passed, 1 failed')
    expect(status).toBe(1)
  })

  test('a token may travel as browsers send it, in a subprotocol', async () => {
    const file = join(FOLDER, 'subprotocol.yaml')
    writeFileSync(file, 'contract: browsers\nversion: 1\nextends: laststep\nframes: { auth: subprotocol }\n')
    const { status, stdout } = await probe(runtime.ws, ...withToken, '--contract', file)
    expect(stdout).toContain('1 of 1 run passed')
    expect(status).toBe(0)
  })

  test('a runtime that dies mid-run fails at once, by the close that was never sent', async () => {
    const doomed = await startRuntimeProgram(collector.otlpHttp, ['--fault', 'exit-mid-run'])
    const file = join(FOLDER, 'doomed')
    writeFileSync(file, await fetchToken(doomed.http, 'alan'))
    const { status, stdout } = await probe(doomed.ws, '--token-file', file)
    expect(stdout).toMatch(/the connection was closed with 1006 before the run had ended/)
    expect(status).toBe(1)
  })

  test('a refused token is told in the runtime’s words', async () => {
    const file = join(FOLDER, 'bad')
    writeFileSync(file, 'not.a.token\n')
    const { status, stdout } = await probe(runtime.ws, '--token-file', file)
    expect(stdout).toMatch(/closed with 4401/)
    expect(status).toBe(1)
  })

  test('an agent that is not there is a run that was rejected, with the reason', async () => {
    const { status, stdout } = await probe(runtime.ws, ...withToken, '--agent', 'nobody')
    expect(stdout).toMatch(/failed, rejected: run_rejected says .*nobody/)
    expect(status).toBe(1)
  })

  test('a run longer than --timeout fails', async () => {
    const { status, stdout } = await probe(runtime.ws, ...withToken, '--timeout', '50ms')
    expect(stdout).toContain('the run had not ended after 50 ms')
    expect(status).toBe(1)
  })

  test('many runs by several users at once: quantiles of each event, and all of them in the collector', async () => {
    const load = ['--count', '12', '--concurrency', '4', '--users', '3', '--json']
    const { status, stdout } = await probe(runtime.ws, ...withToken, ...load, '--collector', collector.otlpHttp)
    const { runs, passed, events, views } = JSON.parse(stdout) as {
      runs: number
      passed: number
      events: { event: string; runs: number; after: Record<'p50' | 'p95' | 'p99' | 'max', number> }[]
      views: { runId: string; user: number }[]
    }
    expect({ status, runs, passed }).toEqual({ status: 0, runs: 12, passed: 12 })
    expect(views.map(({ user }) => user).sort()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    expect(new Set(views.map(({ runId }) => runId)).size).toBe(12)
    for (const event of ['ready', ...CRITICAL_EVENTS]) {
      const summary = events.find((each) => each.event === event)
      expect(summary?.runs, event).toBe(12)
      const { p50 = -1, p95 = -1, p99 = -1, max = -1 } = summary?.after ?? {}
      expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((a, b) => a - b))
      expect(p50).toBeGreaterThan(0)
    }
    for (const { runId } of views)
      await waitForRun(collector.dashboard, runId, ({ delivery }) => delivery.outcome === 'delivered')
  })

  test('of many runs the failed ones are named, and the others pass', async () => {
    const file = join(FOLDER, 'one-good')
    writeFileSync(file, `${tokens[0]}\nnot.a.token\n`)
    const { status, stdout } = await probe(runtime.ws, '--token-file', file, '--count', '4', '--concurrency', '2')
    expect(stdout).toContain('2 of 4 runs passed, 2 failed')
    expect(stdout.match(/✗ .*4401/g)).toHaveLength(2)
    expect(stdout).toMatch(/^ms from the request .*p50 +p95 +p99 +max$/m)
    expect(status).toBe(1)
  })

  test('a collector that asks to come back is come back to', async () => {
    const busy = await startOtlpReceiver()
    busy.answer(503, { 'retry-after': '1' })
    const probing = probe(runtime.ws, ...withToken, '--collector', busy.url)
    await waitUntil(() => expect(busy.refused).toBeGreaterThan(0))
    busy.answer(200)
    const { status, stderr } = await probing
    await busy.stop()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(busy.records(RECORD.delivery).length).toBeGreaterThan(CRITICAL_EVENTS.length)
  })

  test('a collector that cannot be told is said, and is a failure', async () => {
    const { status, stdout, stderr } = await probe(runtime.ws, ...withToken, '--collector', 'http://127.0.0.1:9')
    expect(stdout).toContain('1 of 1 run passed')
    expect(stderr).toMatch(/the collector was not told what was seen: http:\/\/127.0.0.1:9\/v1\/logs cannot be reached/)
    expect(status).toBe(1)
    const wrongPort = await probe(runtime.ws, ...withToken, '--collector', collector.dashboard)
    expect(wrongPort.stderr).toMatch(/OTLP\/HTTP port, 4318/)
    expect(wrongPort.status).toBe(1)
  })
})

// Each has a runtime of its own, and most of them wait for a budget.
describe.concurrent('a runtime that is not ours', () => {
  const runtimes: OtherRuntime[] = []
  afterAll(async () => {
    await Promise.all(runtimes.map((each) => each.stop()))
  })
  const other = async (...played: Parameters<typeof startOtherRuntime>): Promise<OtherRuntime> => {
    const started = await startOtherRuntime(...played)
    runtimes.push(started)
    return started
  }
  const KEY = join(FOLDER, 'key')
  beforeAll(() => writeFileSync(KEY, 'sesame\n'))

  const job = (id: string, n: number, what: string, more: object = {}) => ({ what, job: { id, n }, ...more })
  const whole = (id: string) => [
    job(id, 1, 'job.queued'),
    job(id, 2, 'job.begun'),
    { what: 'tick' },
    job(id, 3, 'words', { say: 'Let me ' }),
    job(id, 4, 'words', { say: 'look.' }),
    job(id, 5, 'call.on', { call: 'c1' }),
    job(id, 6, 'call.off', { call: 'c1' }),
    job(id, 7, 'job.done', { how: 'ok', say: 'It is 42.' }),
  ]
  /** Plays the frames when it is asked, and says nothing to what is only an acknowledgement. */
  const start = (frames: readonly (object | string | null)[]) =>
    other([{ what: 'hello', you: 'socket-1' }], ({ do: what }) => (what === 'run' ? frames : []))

  test('passes by its contract: its fields, its events, its way to send a token', async () => {
    const { url, heard } = await start(whole('job-1'))
    const asWhom = ['--service', 'their-runtime', '--environment', 'edge', '--service-version', '9.1']
    const told = ['--collector', collector.otlpHttp, ...asWhom]
    const { status, stdout } = await probe(url, '--token-file', KEY, '--contract', THEIRS, '--message', 'Why?', ...told)
    expect(stdout).toMatch(/words {2}Let me look\.\n/)
    expect(stdout).toContain('It is 42.')
    expect(status).toBe(0)
    expect(heard[0]).toEqual({ message: { do: 'run', ask: { q: 'Why?' } }, path: '/agents?v=2', key: 'sesame' })
    expect(heard.slice(1).map(({ message }) => message)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((n) => ({ do: 'seen', id: 'job-1', n })),
    )
    const run = await waitForRun(collector.dashboard, 'job-1', (each) => each.status === 'completed')
    expect(run).toMatchObject({
      service: 'their-runtime',
      environment: 'edge',
      version: '9.1',
      contract: { name: 'theirs' },
      delivery: { outcome: 'delivered', required: 6, confirmed: 6 },
    })
    expect(run.connections).toEqual([])
    expect(run.checklist.map(({ event, state }) => `${event} ${state}`)).toEqual(
      ['job.begun', 'words', 'call.on', 'call.off', 'job.done:ok'].map((event) => `${event} done`),
    )
  })

  // oxfmt-ignore
  test.each([
    ['a lost frame',       whole('j').filter((_, index) => index !== 4), /call\.on is number 5, right after 3: 4 is missing/],
    ['no start',           [job('j', 1, 'job.queued'), job('j', 2, 'job.done', { how: 'ok' })], /job\.begun never came/],
    ['a broken job',       [job('j', 1, 'job.begun'), job('j', 2, 'job.done', { how: 'broken', why: 'no disk' })], /failed: job\.done:broken says no disk/],
    ['words of its own',   [job('j', 1, 'job.begun'), { what: 'oops', why: 'no disk' }], /the runtime said oops: no disk/],
    ['no JSON, then none', ['<html>bad gateway'], /stalled in accepted, never-started after 4 s/],
    ['a call left hanging', whole('j').slice(0, 6), /stalled in tool, tool-silent after 4 s/],
    ['a closed socket',    [job('j', 1, 'job.begun'), null], /closed with 1011 \(out of memory\) before the run had ended/],
    ['something after it', [...whole('j'), job('j', 8, 'words', { say: 'and' })], /words came after the run had ended/],
  ] as const)('%s fails it, and is named', async (_what, frames, problem) => {
    const { url } = await start(frames)
    const { status, stdout } = await probe(url, '--token-file', KEY, '--contract', THEIRS)
    expect(stdout).toMatch(problem)
    expect(status).toBe(1)
  })

  test('a token may also travel in the address, or as the first frame', async () => {
    const done = [job('j', 1, 'job.begun'), job('j', 2, 'job.done', { how: 'ok' })]
    const text = readFileSync(THEIRS, 'utf8')
    const withAuth = (auth: string) => {
      const file = join(FOLDER, 'auth.yaml')
      writeFileSync(file, text.replace('auth: { header: X-Api-Key }', `auth: ${auth}`))
      return ['--token-file', KEY, '--contract', file]
    }
    const byAddress = await start(done)
    expect((await probe(byAddress.url, ...withAuth('{ query: key }'))).status).toBe(0)
    expect(byAddress.heard[0]).toMatchObject({ path: '/agents?v=2&key=sesame', key: undefined })
    const byFrame = await start(done)
    expect((await probe(byFrame.url, ...withAuth("{ frame: { do: login, with: '{token}' } }"))).status).toBe(0)
    expect(byFrame.heard.slice(0, 2).map(({ message }) => message)).toEqual([
      { do: 'login', with: 'sesame' },
      { do: 'run', ask: { q: 'What is 6 * 7?' } },
    ])
  })

  test('one that never says that it is ready fails by the budget for it', async () => {
    const { url } = await other([], () => [])
    const { status, stdout } = await probe(url, '--token-file', KEY, '--contract', THEIRS)
    expect(stdout).toContain('hello did not come within 4 s')
    expect(status).toBe(1)
  })

  test('a run that its runtime never speaks of is told to the collector, and stalls there as well', async ({
    expect,
  }) => {
    const { url } = await start([])
    const asWhom = ['--collector', collector.otlpHttp, '--environment', 'silent']
    const { status } = await probe(url, '--token-file', KEY, '--contract', THEIRS, ...asWhom)
    expect(status).toBe(1)
    await expect
      .poll(async () => (await listRuns(collector.dashboard, 'environment=silent')).runs.map(({ cause }) => cause), {
        timeout: 50_000,
      })
      .toEqual(['never-started'])
  })

  test('AG-UI over a WebSocket, by its preset: the client gives the run its id', async () => {
    const { url } = await other([], ({ runId, threadId, messages }) => [
      { type: 'RUN_STARTED', runId, threadId },
      { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
      {
        type: 'TEXT_MESSAGE_CONTENT',
        messageId: 'm',
        delta: `You asked: ${(messages as { content: string }[])[0]?.content}`,
      },
      { type: 'TEXT_MESSAGE_END', messageId: 'm' },
      { type: 'RUN_FINISHED', runId, threadId },
    ])
    const told = ['--collector', collector.otlpHttp, '--service', 'copilot']
    const { status, stdout } = await probe(url, '--token-file', KEY, '--contract', 'ag-ui', '--message', 'Hi', ...told)
    expect(stdout).toContain('You asked: Hi')
    expect(status).toBe(0)
    const runId = /^passed {2}(run_\S+)$/m.exec(stdout)?.[1] ?? ''
    await waitForRun(collector.dashboard, runId, (each) => each.status === 'completed')
    const run = await getRun(collector.dashboard, runId)
    expect(run).toMatchObject({ service: 'copilot', contract: { name: 'ag-ui' }, delivery: { outcome: 'delivered' } })
    // Its connection has no name of the runtime's, so the probe tells of it.
    await waitForRun(collector.dashboard, runId, ({ connections }) => connections[0]?.states.at(-1)?.state === 'closed')
  })
})

describe('the words of the call', () => {
  test('each mistake is a line that says what to do, and nothing is connected to', async () => {
    const args = ['http://x', '--count', '0', '--expect', 'tool']
    const { status, stdout, stderr } = await runLaststep(['probe', ...args])
    const lines = stderr.trim().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).toMatch(/^laststep: /)
    for (const part of ['ws or wss', '--count', '--token-file FILE', '--expect knows no tool'])
      expect(stderr).toContain(part)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  test('--help has examples and the exit codes', async () => {
    const { status, stdout } = await runLaststep(['probe', '--help'])
    for (const part of ['Examples:', '--concurrency 10', 'Exit codes: 0', '--collector']) expect(stdout).toContain(part)
    expect(status).toBe(0)
  })
})

async function setFault({ http }: RuntimeProgram, name: string, probability: number): Promise<void> {
  const response = await fetch(`${http}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, probability }),
  })
  if (!response.ok) throw new Error(await response.text())
}
