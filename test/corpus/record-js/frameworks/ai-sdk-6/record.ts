/** The Vercel AI SDK 4 to 6, whose telemetry is built in and experimental. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, stepCountIs, tool } from 'ai'
import { z } from 'zod'
import { completed, failed, stalled } from '../../kit/corpus-file.ts'
import { record } from '../../kit/record.ts'
import {
  AGENT,
  INSTRUCTIONS,
  MODEL,
  QUESTION,
  searchOrders,
  SESSION,
  TOOL,
  TOOL_DESCRIPTION,
  USER,
} from '../../kit/shop.ts'
import { startTelemetry } from '../../kit/telemetry.ts'

async function run(): Promise<void> {
  const stop = startTelemetry()
  const provider = createOpenAICompatible({ name: 'openai', baseURL: process.env['OPENAI_BASE_URL'] ?? '' })
  await generateText({
    model: provider(MODEL),
    system: INSTRUCTIONS,
    prompt: QUESTION,
    maxRetries: 0,
    stopWhen: stepCountIs(5),
    experimental_telemetry: {
      isEnabled: true,
      functionId: AGENT,
      metadata: { sessionId: SESSION, userId: USER },
    },
    tools: {
      [TOOL]: tool({
        description: TOOL_DESCRIPTION,
        inputSchema: z.object({ customer: z.string() }),
        execute: searchOrders,
      }),
    },
  }).catch(() => null)
  await stop()
}

// Every span repeats the metadata, so that even a trace without its root says who asked.
const who = { session: SESSION, user: USER }

await record({
  file: import.meta.url,
  framework: 'Vercel AI SDK 6',
  packages: ['ai', '@ai-sdk/openai-compatible', '@opentelemetry/sdk-node'],
  how: 'generateText with one tool, experimental_telemetry, a Chat Completions model on the loopback.',
  run,
  expect: {
    finished: [completed(who)],
    failed: [failed(who)],
    'hung-in-model': [stalled('tool', `after ${TOOL}`, who)],
    'hung-in-tool': [stalled('reasoning', 'after ai.generateText.doGenerate', who)],
    'hung-in-model-open': [stalled('reasoning', 'ai.generateText.doGenerate', { ...who, confidence: 'T1' })],
    'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
  },
})
