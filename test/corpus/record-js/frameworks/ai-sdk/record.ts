/** The Vercel AI SDK 7 with its OpenTelemetry integration, `@ai-sdk/otel`. */
import { OpenTelemetry } from '@ai-sdk/otel'
import { registerTelemetry } from 'ai'
import { completed, failed, stalled } from '../../kit/corpus-file.ts'
import { record } from '../../kit/record.ts'
import { MODEL, SESSION, TOOL, USER } from '../../kit/shop.ts'
import { startTelemetry } from '../../kit/telemetry.ts'
import { runAgent } from './agent.ts'

async function run(): Promise<void> {
  const stop = startTelemetry()
  registerTelemetry(new OpenTelemetry({ runtimeContext: true }))
  await runAgent()
  await stop()
}

const who = { session: SESSION, user: USER }

await record({
  file: import.meta.url,
  framework: 'Vercel AI SDK 7',
  packages: ['ai', '@ai-sdk/otel', '@ai-sdk/openai-compatible', '@opentelemetry/sdk-node'],
  how: 'A ToolLoopAgent with one tool, telemetry by @ai-sdk/otel, a Chat Completions model on the loopback.',
  run,
  expect: {
    finished: [completed(who)],
    failed: [failed(who)],
    // The agent's name is on its root span alone, the session also on its steps; neither has ended in the first step.
    'hung-in-model': [stalled('tool', `after ${TOOL}`, { ...who, agent: null })],
    'hung-in-tool': [stalled('reasoning', `after chat ${MODEL}`, { agent: null })],
    'hung-in-model-open': [stalled('reasoning', `chat ${MODEL}`, { ...who, confidence: 'T1' })],
    'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
    'hung-in-stream': [stalled('tool', `after ${TOOL}`, { ...who, agent: null })],
    'hung-in-stream-open': [stalled('reasoning', `chat ${MODEL}`, { ...who, confidence: 'T1' })],
    // The sub-agent is a step of the run it works for.
    'sub-agent': [completed(who)],
    retry: [completed(who)],
  },
})
