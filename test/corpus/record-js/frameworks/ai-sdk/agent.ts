/** An agent as the AI SDK 7 makes them; recorded here and, under another provider, by Logfire's recorder. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { isStepCount, tool, ToolLoopAgent, type ToolSet } from 'ai'
import { z } from 'zod'
import { currentCase, currentCaseName } from '../../kit/cases.ts'
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
  const inputSchema = z.object({ customer: z.string() })
  const orders = tool({ description: TOOL_DESCRIPTION, inputSchema, execute: searchOrders })
  const warehouse = makeAgent('warehouse', { [TOOL]: orders })
  const askWarehouse = tool({
    description: 'Ask the warehouse.',
    inputSchema,
    execute: async () => (await warehouse.generate({ prompt: QUESTION })).text,
  })
  const isDelegating = currentCaseName() === 'sub-agent'
  const agent = makeAgent(AGENT, isDelegating ? { ask_warehouse: askWarehouse } : { [TOOL]: orders })
  // Streamed, it is the same agent with the same spans; how its answer stops halfway is then to be seen.
  if (currentCase().model !== 'stops') await agent.generate({ prompt: QUESTION }).catch(() => null)
  else await (await agent.stream({ prompt: QUESTION })).text
}

function makeAgent(name: string, tools: ToolSet) {
  const provider = createOpenAICompatible({ name: 'openai', baseURL: process.env['OPENAI_BASE_URL'] ?? '' })
  return new ToolLoopAgent({
    model: provider(MODEL),
    instructions: INSTRUCTIONS,
    runtimeContext: { sessionId: SESSION, userId: USER },
    stopWhen: isStepCount(5),
    telemetry: { functionId: name, includeRuntimeContext: { sessionId: true, userId: true } },
    tools,
  })
}
