/** OpenLLMetry for JavaScript: decorators around an agent's own loop, and OpenAI's client instrumented. */
import { forceFlush, initialize, withAgent, withTool } from '@traceloop/node-server-sdk'
import OpenAI from 'openai'
import type { ChatCompletionMessageParam } from 'openai/resources'
import { completed, stalled } from '../../kit/corpus-file.ts'
import { record } from '../../kit/record.ts'
import {
  AGENT,
  INSTRUCTIONS,
  MODEL,
  QUESTION,
  SERVICE,
  searchOrders,
  SESSION,
  TOOL,
  TOOL_DESCRIPTION,
  USER,
} from '../../kit/shop.ts'
import { openSpansOfCase } from '../../kit/telemetry.ts'

const TOOLS = [
  {
    type: 'function' as const,
    function: {
      name: TOOL,
      description: TOOL_DESCRIPTION,
      parameters: { type: 'object', properties: { customer: { type: 'string' } } },
    },
  },
]

async function run(): Promise<void> {
  const [processor] = openSpansOfCase()
  initialize({
    appName: SERVICE,
    baseUrl: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '',
    apiKey: 'none',
    // Works beside the one that exports to `baseUrl`.
    ...(processor && { processor }),
    traceloopSyncEnabled: false,
    silenceInitializationMessage: true,
    // @ts-expect-error OpenLLMetry is typed for the CommonJS build of the same class.
    instrumentModules: { openAI: OpenAI },
  })
  const associationProperties = { session_id: SESSION, user_id: USER }
  await withAgent({ name: AGENT, associationProperties }, answer).catch(() => null)
  await forceFlush()
  process.exit()
}

/** The loop that frameworks bring with them: ask, call what is asked for, ask again. */
async function answer(): Promise<string | null> {
  const client = new OpenAI({ maxRetries: 0 })
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: QUESTION },
  ]
  for (;;) {
    const completion = await client.chat.completions.create({ model: MODEL, messages, tools: TOOLS })
    const message = completion.choices[0]?.message
    if (message?.tool_calls === undefined) return message?.content ?? null
    messages.push(message)
    for (const call of message.tool_calls) {
      const content = await withTool({ name: TOOL }, searchOrders)
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
}

const who = { session: SESSION, user: USER }

await record({
  file: import.meta.url,
  folder: 'openllmetry-js',
  framework: 'OpenLLMetry JS (Traceloop)',
  packages: ['@traceloop/node-server-sdk', 'openai'],
  how: 'withAgent around a loop of OpenAI Chat Completions on the loopback, withTool around the tool.',
  run,
  expect: {
    finished: [completed(who)],
    // Neither a request nor an agent that throws ends its span: nothing tells this from a run that hangs.
    failed: [stalled('tool', `after ${TOOL}`, who)],
    'hung-in-model': [stalled('tool', `after ${TOOL}`, who)],
    'hung-in-tool': [stalled('reasoning', `after chat ${MODEL}`, who)],
    'hung-in-model-open': [stalled('reasoning', `chat ${MODEL}`, { ...who, confidence: 'T1' })],
    'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
  },
})
