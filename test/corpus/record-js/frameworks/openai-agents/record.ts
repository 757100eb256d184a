/** OpenAI's Agents SDK for JavaScript, whose own tracing becomes OpenTelemetry by the bridge of our page. */
import { Agent, Runner, setTraceProcessors, tool } from '@openai/agents'
import { z } from 'zod'
import { currentCaseName } from '../../kit/cases.ts'
import { completed, failed, stalled } from '../../kit/corpus-file.ts'
import { record } from '../../kit/record.ts'
import { AGENT, INSTRUCTIONS, MODEL, QUESTION, searchOrders, SESSION, TOOL, TOOL_DESCRIPTION } from '../../kit/shop.ts'
import { startTelemetry } from '../../kit/telemetry.ts'
import { OtelBridge } from './otel-bridge.ts'

async function run(): Promise<void> {
  const stop = startTelemetry()
  setTraceProcessors([new OtelBridge()])
  const orders = tool({
    name: TOOL,
    description: TOOL_DESCRIPTION,
    parameters: z.object({ customer: z.string() }),
    execute: searchOrders,
  })
  const support = new Agent({ name: AGENT, instructions: INSTRUCTIONS, model: MODEL, tools: [orders] })
  const triage = Agent.create({ name: 'triage', model: MODEL, handoffs: [support] })
  const agent = currentCaseName() === 'handoff' ? triage : support
  const runner = new Runner({ workflowName: AGENT, groupId: SESSION, tracingDisabled: false })
  await runner.run(agent, QUESTION).catch(() => null)
  await stop()
}

const who = { session: SESSION }

await record({
  file: import.meta.url,
  folder: 'openai-agents-js',
  framework: 'OpenAI Agents JS, through the bridge of docs/integrations/openai-agents-js.md',
  packages: ['@openai/agents', '@opentelemetry/sdk-node'],
  how: 'An Agent with one tool, a Runner with a group id, a Responses model on the loopback.',
  run,
  expect: {
    finished: [completed(who)],
    failed: [failed(who)],
    // The session is on the trace's own span, which has not ended.
    'hung-in-model': [stalled('tool', `after ${TOOL}`, { agent: null })],
    'hung-in-tool': [stalled('reasoning', `after chat ${MODEL}`, { agent: null })],
    // Which model answers is known when it has answered.
    'hung-in-model-open': [stalled('reasoning', 'chat', { ...who, confidence: 'T1' })],
    'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
    handoff: [completed(who)],
  },
})
