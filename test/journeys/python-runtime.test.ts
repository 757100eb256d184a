/** A Python agent with the two lines in it, in front of a real collector: what hangs is named to the line. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunDetail } from '../../contract/runs.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { startCollectorProgram, temporaryFolder, type CollectorProgram, type Program } from '../kit/programs.ts'
import { hasPython, startPython } from '../kit/python.ts'

const ROOT = dirname(dirname(import.meta.dirname))
/** As the agent tells it: relative to its working directory. */
const AGENT = 'test/sdk/python/programs/agent.py'
const CONTRACT = ['--contract', join(import.meta.dirname, 'quick.yaml')]
const isThere = hasPython(['opentelemetry.sdk'], 'the Python runtime', 'test/sdk/python/requirements.txt')

let collector: CollectorProgram
const agents: Program[] = []

describe.skipIf(!isThere)('a Python runtime', () => {
  beforeAll(async () => void (collector = await startCollectorProgram(temporaryFolder('python'), CONTRACT)))
  afterEach(() => Promise.all(agents.splice(0).map((agent) => agent.kill())))
  afterAll(() => collector?.stop())

  test('a hung coroutine is flagged at its tool, with the line it awaits', async () => {
    await startAgent('run_hung', 'hangs')
    const run = await waitForRun(collector.dashboard, 'run_hung', isStalled)
    expect(run).toMatchObject({
      agent: 'support',
      userId: 'ada',
      cause: 'tool-silent',
      verdict: { confidence: 'T1', step: { phase: 'tool', name: 'search_orders' } },
      step: { code: { file: AGENT, line: lineOf('hangs'), function: 'ask_server' } },
    })
    expect(run.deliveries).toMatchObject([{ seq: 1, event: 'agent_started', connectionId: 'conn_1' }])
    expect(run.deliveries[0]?.states.at(-1)?.state).toBe('received')
    const tool = run.spans.find(({ name }) => name === 'execute_tool search_orders')
    expect(tool).toMatchObject({ endedAt: null, openState: 'open', code: { line: lineOf('hangs') } })
    const stack = String(tool?.attributes['code.stacktrace']).split('\n')
    expect(stack.filter((line) => line.includes(AGENT)).map((line) => line.replace(/.* in /, ''))).toEqual([
      'run',
      'search_orders',
      'ask_server',
    ])
  })

  test('a process that is killed is lost at the line where it was', async () => {
    const agent = await startAgent('run_killed', 'hangs')
    await waitForRun(collector.dashboard, 'run_killed', ({ step }) => step?.code?.line === lineOf('hangs'))
    await agent.kill()
    const run = await waitForRun(collector.dashboard, 'run_killed', ({ status }) => status === 'lost')
    expect(run).toMatchObject({
      cause: 'process-lost',
      verdict: { confidence: 'T2' },
      step: { name: 'search_orders', code: { file: AGENT, line: lineOf('hangs') } },
    })
  })

  test('a process that stops in good order says goodbye', async () => {
    const agent = await startAgent('run_left', 'hangs')
    await waitForRun(collector.dashboard, 'run_left', ({ step }) => step?.name === 'search_orders')
    expect(await agent.stop()).toBe(0)
    const run = await waitForRun(collector.dashboard, 'run_left', ({ status }) => status === 'lost')
    const said = run.verdict.evidence.map(({ text }) => text)
    expect(said).toContainEqual(expect.stringContaining('shut down in order'))
    expect(said).toContainEqual(expect.stringContaining('ended span "execute_tool search_orders" unfinished: shutdown'))
  })

  test('a blocked event loop is told by the pulse, with the line that blocks it', async () => {
    await startAgent('run_blocked', 'blocks')
    const run = await waitForRun(collector.dashboard, 'run_blocked', ({ cause }) => cause === 'loop-blocked')
    expect(run).toMatchObject({ step: { name: 'search_orders', code: { file: AGENT } } })
    await waitForRun(collector.dashboard, 'run_blocked', ({ step }) => step?.code?.line === lineOf('blocks'))
  })
})

async function startAgent(runId: string, how: 'hangs' | 'blocks'): Promise<Program> {
  const agent = await startPython(AGENT, [collector.otlpHttp, runId, how])
  agents.push(agent)
  return agent
}

const isStalled = ({ status }: RunDetail): boolean => status === 'stalled'

/** The line of the agent that ends with `# <marker>`. */
function lineOf(marker: string): number {
  return (
    readFileSync(join(ROOT, AGENT), 'utf8')
      .split('\n')
      .findIndex((line) => line.endsWith(`# ${marker}`)) + 1
  )
}
