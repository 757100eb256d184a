/** Instrumentations that write spans by a convention, as their documents and sources have it. */
import type { Attributes, Framework, Told, Who } from './story.ts'

const MODEL = 'gpt-5-mini'
const TOOL = 'search_orders'
const NOBODY: Who = { agent: null, session: null, user: null, run: null }

/** The three spans of OpenTelemetry's GenAI conventions. */
const agent: Told = {
  name: 'invoke_agent support',
  start: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support', 'gen_ai.request.model': MODEL },
}
const chat: Told = {
  name: `chat ${MODEL}`,
  kind: 3,
  start: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': MODEL },
  end: { 'gen_ai.usage.input_tokens': 120, 'gen_ai.usage.output_tokens': 18 },
}
const executeTool = (name: string): Told => ({
  name: `execute_tool ${name}`,
  start: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name, 'gen_ai.tool.type': 'function' },
  end: { 'gen_ai.tool.call.id': 'call_1' },
})
const endingWith = (told: Told, end: Attributes): Told => ({ ...told, end: { ...told.end, ...end } })

const conversation = { 'gen_ai.conversation.id': 's-1' }
const openinference = { 'session.id': 's-1', 'user.id': 'u-1' }
const traceloop = {
  'traceloop.workflow.name': 'support',
  'traceloop.association.properties.session_id': 's-1',
  'traceloop.association.properties.user_id': 'u-1',
}
const langsmith = {
  'langsmith.trace.id': '0197a5c2-5b1e-7c3a-9f00-0d6c5f0e9a41',
  'langsmith.metadata.thread_id': 's-1',
}
const langsmithPython = { 'langsmith.metadata.thread_id': 's-1' }
const laminar = { 'lmnr.association.properties.session_id': 's-1', 'lmnr.association.properties.user_id': 'u-1' }
const langfuse = { 'session.id': 's-1', 'user.id': 'u-1' }

export const CONVENTIONS: readonly Framework[] = [
  {
    folder: 'semconv-genai',
    framework: "OpenTelemetry's GenAI conventions (opentelemetry-instrumentation-genai-*)",
    scope: 'opentelemetry.instrumentation.genai',
    run: [endingWith(agent, conversation)],
    model: [endingWith(chat, conversation)],
    tool: [executeTool(TOOL)],
    open: 'no',
    alsoOpen: true,
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1' },
      rootless: { ...NOBODY, session: 's-1' },
      model: `chat ${MODEL}`,
      tool: TOOL,
    },
  },
  {
    folder: 'openinference',
    framework: 'OpenInference, its kinds of spans',
    scope: 'openinference.instrumentation',
    run: [
      { name: 'handle_question', start: { 'openinference.span.kind': 'CHAIN', ...openinference } },
      { name: 'support', start: { 'openinference.span.kind': 'AGENT', 'agent.name': 'support', ...openinference } },
    ],
    model: [
      {
        name: 'generate_answer',
        start: { 'openinference.span.kind': 'LLM', 'llm.model_name': MODEL, ...openinference },
        end: { 'llm.token_count.prompt': 120, 'llm.token_count.completion': 18 },
      },
    ],
    tool: [
      {
        name: 'call_tool',
        start: { 'openinference.span.kind': 'TOOL', 'tool.name': TOOL, 'tool_call.id': 'call_1', ...openinference },
      },
    ],
    open: 'no',
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1', user: 'u-1' },
      rootless: { ...NOBODY, session: 's-1', user: 'u-1' },
      model: 'generate_answer',
      tool: TOOL,
    },
  },
  {
    folder: 'openllmetry-python',
    framework: 'OpenLLMetry (Traceloop), its decorators for Python',
    scope: 'traceloop.tracer',
    // The kind comes after the start, the names of processors' properties with it.
    run: [{ name: 'support.workflow', start: traceloop, end: { 'traceloop.span.kind': 'workflow' } }],
    model: [
      {
        name: 'openai.chat',
        kind: 3,
        start: { ...traceloop, 'llm.request.type': 'chat' },
        end: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': MODEL },
      },
    ],
    tool: [
      {
        name: `${TOOL}.tool`,
        start: traceloop,
        end: { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': TOOL },
      },
    ],
    open: 'no',
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1', user: 'u-1' },
      rootless: { ...NOBODY, agent: 'support', session: 's-1', user: 'u-1' },
      model: `chat ${MODEL}`,
      tool: TOOL,
    },
  },
  {
    folder: 'langsmith',
    framework: 'LangSmith (JS), its OpenTelemetry export',
    scope: 'langsmith',
    run: [
      {
        name: 'support',
        start: { 'langsmith.span.kind': 'chain', 'gen_ai.operation.name': 'chain', ...langsmith },
      },
    ],
    model: [
      {
        name: 'ChatOpenAI',
        start: {
          'langsmith.span.kind': 'llm',
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': MODEL,
          ...langsmith,
        },
      },
    ],
    tool: [
      {
        name: TOOL,
        start: {
          'langsmith.span.kind': 'tool',
          'gen_ai.operation.name': 'execute_tool',
          'langsmith.trace.name': TOOL,
          ...langsmith,
        },
      },
    ],
    open: 'no',
    saysOkFirst: true,
    expect: {
      whole: { agent: 'support', session: 's-1', user: null, run: langsmith['langsmith.trace.id'] },
      rootless: { agent: null, session: 's-1', user: null, run: langsmith['langsmith.trace.id'] },
      model: `chat ${MODEL}`,
      tool: TOOL,
    },
  },
  {
    folder: 'langsmith-python',
    framework: 'LangSmith for Python, its OpenTelemetry export',
    scope: 'langsmith',
    run: [{ name: 'support', start: { 'langsmith.span.kind': 'chain', ...langsmithPython } }],
    model: [
      {
        name: 'ChatOpenAI',
        start: {
          'langsmith.span.kind': 'llm',
          'langsmith.trace.name': 'ChatOpenAI',
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': MODEL,
          ...langsmithPython,
        },
      },
    ],
    tool: [
      {
        name: TOOL,
        start: {
          'langsmith.span.kind': 'tool',
          'langsmith.trace.name': TOOL,
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': TOOL,
          ...langsmithPython,
        },
      },
    ],
    open: 'no',
    saysOkFirst: true,
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1' },
      rootless: { ...NOBODY, session: 's-1' },
      model: `chat ${MODEL}`,
      tool: TOOL,
    },
  },
  {
    folder: 'ms-agent-framework',
    framework: 'Microsoft Agent Framework (Python)',
    scope: 'agent_framework',
    run: [{ ...agent, start: { ...agent.start, ...conversation } }],
    model: [{ ...chat, start: { ...chat.start, ...conversation } }],
    tool: [executeTool(TOOL)],
    open: 'no',
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1' },
      rootless: { ...NOBODY, session: 's-1' },
      model: `chat ${MODEL}`,
      tool: TOOL,
    },
  },
  {
    folder: 'semantic-kernel',
    framework: 'Semantic Kernel (Python)',
    scope: 'semantic_kernel',
    run: [agent],
    model: [chat],
    // A function is named with its plugin.
    tool: [executeTool(`shop-${TOOL}`)],
    open: 'no',
    expect: {
      whole: { ...NOBODY, agent: 'support' },
      rootless: NOBODY,
      model: `chat ${MODEL}`,
      tool: `shop-${TOOL}`,
    },
  },
  {
    folder: 'dotnet-extensions-ai',
    framework: 'Microsoft.Extensions.AI (.NET)',
    scope: 'Experimental.Microsoft.Extensions.AI',
    run: [{ name: 'orchestrate_tools', start: {} }],
    model: [chat],
    tool: [executeTool(TOOL)],
    open: 'no',
    expect: { whole: NOBODY, rootless: NOBODY, model: `chat ${MODEL}`, tool: TOOL },
  },
  {
    folder: 'langfuse',
    framework: 'Langfuse, its SDKs',
    scope: 'langfuse-sdk',
    run: [{ name: 'support', start: { 'langfuse.observation.type': 'agent', ...langfuse } }],
    model: [{ name: 'answer', start: { 'langfuse.observation.type': 'generation', ...langfuse } }],
    tool: [{ name: TOOL, start: { 'langfuse.observation.type': 'tool', ...langfuse } }],
    open: 'no',
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1', user: 'u-1' },
      rootless: { ...NOBODY, session: 's-1', user: 'u-1' },
      model: 'answer',
      tool: TOOL,
    },
  },
  {
    folder: 'laminar',
    framework: 'Laminar',
    scope: 'lmnr',
    run: [{ name: 'support', start: { 'lmnr.span.type': 'DEFAULT', ...laminar } }],
    model: [{ name: 'openai.chat', kind: 3, start: { 'lmnr.span.type': 'LLM', ...laminar } }],
    tool: [{ name: TOOL, start: { 'lmnr.span.type': 'TOOL', ...laminar } }],
    open: 'paths',
    expect: {
      whole: { ...NOBODY, agent: 'support', session: 's-1', user: 'u-1' },
      rootless: { ...NOBODY, agent: 'support', session: 's-1', user: 'u-1' },
      model: 'openai.chat',
      tool: TOOL,
    },
  },
]
