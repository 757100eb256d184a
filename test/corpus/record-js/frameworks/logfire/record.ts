/** Logfire's SDK for Node, whose pending spans show what is open, pointed at a collector of one's own. */
import { OpenTelemetry } from '@ai-sdk/otel'
import * as logfire from '@pydantic/logfire-node'
import { registerTelemetry } from 'ai'
import { completed, failed, stalled } from '../../kit/corpus-file.ts'
import { record } from '../../kit/record.ts'
import { MODEL, SERVICE, SESSION, TOOL, USER } from '../../kit/shop.ts'
import { openSpansOfCase } from '../../kit/telemetry.ts'
import { runAgent } from '../ai-sdk/agent.ts'

async function run(): Promise<void> {
  logfire.configure({
    token: 'any',
    advanced: { baseUrl: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '' },
    serviceName: SERVICE,
    metrics: false,
    additionalSpanProcessors: openSpansOfCase(),
  })
  registerTelemetry(new OpenTelemetry({ runtimeContext: true }))
  await runAgent()
  await logfire.shutdown()
}

const who = { session: SESSION, user: USER }

await record({
  file: import.meta.url,
  folder: 'logfire-js',
  framework: 'Logfire JS, with the Vercel AI SDK 7',
  packages: ['@pydantic/logfire-node', 'ai', '@ai-sdk/otel'],
  how: 'A ToolLoopAgent of the AI SDK under logfire.configure, a Chat Completions model on the loopback.',
  run,
  expect: {
    finished: [completed(who)],
    failed: [failed(who)],
    // A pending span shows the step, and nothing shows that the process is alive.
    'hung-in-model': [stalled('reasoning', `chat ${MODEL}`, { ...who, confidence: 'T2' })],
    'hung-in-tool': [stalled('tool', TOOL, { ...who, confidence: 'T2' })],
    'hung-in-model-open': [stalled('reasoning', `chat ${MODEL}`, { ...who, confidence: 'T1' })],
    'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
  },
})
