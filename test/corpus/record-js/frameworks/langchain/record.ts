/** LangChain.js and LangGraph.js with OpenInference's instrumentation. */
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain'
import * as callbackManager from '@langchain/core/callbacks/manager'
import { HumanMessage } from '@langchain/core/messages'
import { END, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'
import { currentCaseName } from '../../kit/cases.ts'
import { completed, failed, stalled, waiting } from '../../kit/corpus-file.ts'
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

const orders = tool(searchOrders, {
  name: TOOL,
  description: TOOL_DESCRIPTION,
  schema: z.object({ customer: z.string() }),
})
const model = new ChatOpenAI({ model: MODEL, maxRetries: 0 })

function makeAgent() {
  return createAgent({ name: AGENT, model, systemPrompt: INSTRUCTIONS, tools: [orders] })
}

function makeGraph() {
  const withTools = model.bindTools([orders])
  return new StateGraph(MessagesAnnotation)
    .addNode('think', async ({ messages }) => ({ messages: [await withTools.invoke(messages)] }))
    .addNode('approve', () => {
      if (currentCaseName() === 'waiting') interrupt('May the orders be searched?')
      return {}
    })
    .addNode('tools', new ToolNode([orders]))
    .addEdge(START, 'think')
    .addConditionalEdges('think', toolsCondition, { tools: 'approve', [END]: END })
    .addEdge('approve', 'tools')
    .addEdge('tools', 'think')
    .compile({ name: AGENT, checkpointer: new MemorySaver() })
}

function runOf(make: typeof makeAgent | typeof makeGraph) {
  return async () => {
    const stop = startTelemetry()
    new LangChainInstrumentation().manuallyInstrument(callbackManager)
    const question = { messages: [new HumanMessage(QUESTION)] }
    const metadata = { user_id: USER }
    await make()
      .invoke(question, { metadata, configurable: { thread_id: SESSION } })
      .catch(() => null)
    await stop()
  }
}

const common = {
  file: import.meta.url,
  packages: [
    'langchain',
    '@langchain/langgraph',
    '@langchain/core',
    '@arizeai/openinference-instrumentation-langchain',
  ],
}
const who = { session: SESSION }

await record(
  {
    ...common,
    folder: 'langchain-js',
    framework: 'LangChain.js 1 with OpenInference',
    how: 'createAgent with one tool, a ChatOpenAI model on the loopback.',
    run: runOf(makeAgent),
    expect: {
      finished: [completed(who)],
      failed: [failed(who)],
      'hung-in-model': [stalled('tool', `after ${TOOL}`, { ...who, agent: null })],
      'hung-in-tool': [stalled('reasoning', 'after ChatOpenAI', { ...who, agent: null })],
      'hung-in-model-open': [stalled('reasoning', 'ChatOpenAI', { ...who, confidence: 'T1' })],
      'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
    },
  },
  {
    ...common,
    folder: 'langgraph-js',
    framework: 'LangGraph.js 1 with OpenInference',
    how: 'A StateGraph of a thinking node, an approval and a ToolNode, compiled with a name, a ChatOpenAI model on the loopback.',
    run: runOf(makeGraph),
    expect: {
      finished: [completed(who)],
      failed: [failed(who)],
      'hung-in-model': [stalled('tool', `after ${TOOL}`, { ...who, agent: null })],
      'hung-in-tool': [stalled('reasoning', 'after ChatOpenAI', { ...who, agent: null })],
      'hung-in-model-open': [stalled('reasoning', 'ChatOpenAI', { ...who, confidence: 'T1' })],
      'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
      waiting: [waiting({ ...who })],
    },
  },
)
