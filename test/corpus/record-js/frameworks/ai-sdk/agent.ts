/** An agent as the AI SDK 7 makes them; recorded here and, under another provider, by Logfire's recorder. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { isStepCount, tool, ToolLoopAgent } from 'ai'
import { z } from 'zod'
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

export async function runAgent(): Promise<void> {
  const provider = createOpenAICompatible({ name: 'openai', baseURL: process.env['OPENAI_BASE_URL'] ?? '' })
  const orders = tool({
    description: TOOL_DESCRIPTION,
    inputSchema: z.object({ customer: z.string() }),
    execute: searchOrders,
  })
  const agent = new ToolLoopAgent({
    model: provider(MODEL),
    instructions: INSTRUCTIONS,
    maxRetries: 0,
    runtimeContext: { sessionId: SESSION, userId: USER },
    stopWhen: isStepCount(5),
    telemetry: { functionId: AGENT, includeRuntimeContext: { sessionId: true, userId: true } },
    tools: { [TOOL]: orders },
  })
  await agent.generate({ prompt: QUESTION }).catch(() => null)
}
