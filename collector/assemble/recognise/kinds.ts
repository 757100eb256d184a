/** What the words of instrumentations mean. Data: a framework is added by adding rows. */
import type { KIND_KEYS, OPERATION_KEYS, WRITTEN_END_KEYS } from '../../vendor-attributes.ts'

/** What a span is about. `plumbing` says that it is nothing of the others, whatever else it may look like. */
export type Kind = 'run' | 'reasoning' | 'tool' | 'waiting' | 'plumbing'

type Words = ReadonlyMap<string, Kind>
const words = (rows: Readonly<Record<string, Kind>>): Words => new Map(Object.entries(rows))

/**
 * By the vendor's own attribute. A word that is not here (OpenInference's CHAIN, LangSmith's chain) says too little: the
 * other attributes and the name decide.
 */
export const KIND_OF_VENDOR_WORD: Readonly<Record<(typeof KIND_KEYS)[number], Words>> = {
  'openinference.span.kind': words({
    AGENT: 'run',
    LLM: 'reasoning',
    TOOL: 'tool',
    EMBEDDING: 'plumbing',
    RETRIEVER: 'plumbing',
    RERANKER: 'plumbing',
    GUARDRAIL: 'plumbing',
    EVALUATOR: 'plumbing',
    PROMPT: 'plumbing',
  }),
  'traceloop.span.kind': words({ workflow: 'run', agent: 'run', tool: 'tool', task: 'plumbing' }),
  // A prompt template has the operation `chat`.
  'langsmith.span.kind': words({ llm: 'reasoning', tool: 'tool', prompt: 'plumbing', retriever: 'plumbing' }),
  'mastra.span.type': words({
    agent_run: 'run',
    workflow_run: 'run',
    model_generation: 'reasoning',
    model_step: 'reasoning',
    model_inference: 'reasoning',
    model_chunk: 'reasoning',
    tool_call: 'tool',
    mcp_tool_call: 'tool',
    workflow_step: 'plumbing',
  }),
  'langfuse.observation.type': words({ agent: 'run', generation: 'reasoning', tool: 'tool', embedding: 'plumbing' }),
  'lmnr.span.type': words({ LLM: 'reasoning', TOOL: 'tool', EVALUATOR: 'plumbing' }),
  'span.type': words({ interaction: 'run', llm_request: 'reasoning', tool: 'tool' }),
  'genkit:metadata:subtype': words({ flow: 'run', agent: 'run', model: 'reasoning', tool: 'tool' }),
  'n8n.node.type': words({
    '@n8n/n8n-nodes-langchain.agent': 'plumbing',
    '@n8n/n8n-nodes-langchain.chatTrigger': 'plumbing',
    '@n8n/n8n-nodes-langchain.lmChatOpenAi': 'reasoning',
    '@n8n/n8n-nodes-langchain.lmChatAnthropic': 'reasoning',
    '@n8n/n8n-nodes-langchain.lmChatGoogleGemini': 'reasoning',
    '@n8n/n8n-nodes-langchain.toolWorkflow': 'tool',
    '@n8n/n8n-nodes-langchain.toolHttpRequest': 'tool',
    '@n8n/n8n-nodes-langchain.toolCode': 'tool',
    '@n8n/n8n-nodes-langchain.mcpClientTool': 'tool',
  }),
}

/** `gen_ai.operation.name` of the conventions and of the frameworks that bend them. Others prove nothing. */
export const KIND_OF_OPERATION: Words = words({
  invoke_agent: 'run',
  invoke_workflow: 'run',
  invoke_swarm: 'run',
  invoke_graph: 'run',
  'agent.run': 'run',
  'workflow.run': 'run',
  agent_call: 'run',
  user_prompt: 'run',
  chat: 'reasoning',
  text_completion: 'reasoning',
  text_completions: 'reasoning',
  completion: 'reasoning',
  generate_content: 'reasoning',
  generate: 'reasoning',
  llm_call: 'reasoning',
  model_inference: 'reasoning',
  execute_tool: 'tool',
  'tool.execute': 'tool',
  tool_call: 'tool',
  plan: 'plumbing',
  agent_step: 'plumbing',
  execute_task: 'plumbing',
  execute_event_loop_cycle: 'plumbing',
  workflow_step: 'plumbing',
  handoff: 'plumbing',
})

const AI_SDK = words({
  'ai.generateText': 'run',
  'ai.streamText': 'run',
  'ai.generateObject': 'run',
  'ai.streamObject': 'run',
  'ai.generateText.doGenerate': 'reasoning',
  'ai.streamText.doStream': 'reasoning',
  'ai.generateObject.doGenerate': 'reasoning',
  'ai.streamObject.doStream': 'reasoning',
  'ai.toolCall': 'tool',
})

/** `operation.name` says the same as `ai.operationId` with the function's name behind it: the first word counts. */
export const KIND_OF_OTHER_OPERATION: Readonly<Record<(typeof OPERATION_KEYS)[number], Words>> = {
  'ai.operationId': AI_SDK,
  'operation.name': AI_SDK,
  'mcp.method.name': words({ 'tools/call': 'tool' }),
}

/** Names that mean something in one scope only. */
export const KIND_IN_SCOPE: Readonly<Record<string, readonly (readonly [RegExp, Kind])[]>> = {
  // Open spans of the bridge have these names, and their attributes come at their end.
  '@mastra/otel-bridge': [
    [/^(agent|workflow) run: /, 'run'],
    [/^llm: /, 'reasoning'],
    [/^(mcp )?tool: /, 'tool'],
    [/^(step|inference): /, 'plumbing'],
  ],
  'openinference.instrumentation.openai_agents': [[/^(response|generation)$/, 'reasoning']],
}

/** Names that count whatever the attributes say. */
export const KIND_OF_TRAP: readonly (readonly [name: string, Kind])[] = [
  // Google ADK: repeats parallel calls that have spans of their own.
  ['execute_tool (merged)', 'plumbing'],
  // Claude Code: a call that waits for a person has the attributes of the call.
  ['claude_code.tool.blocked_on_user', 'waiting'],
]

/** Span names as their frameworks write them: all that is known of most open spans (otel.md §3.2, 7). */
export const KIND_OF_NAME: readonly (readonly [RegExp, Kind])[] = [
  // Inside of `claude_code.tool`, which has the tool's name; and a whole call of many turns.
  [/^(claude_code\.tool\.execution|agent_session)$/, 'plumbing'],
  [/^(invoke_agent|invoke_workflow|agent[ _]run|invocation)( |\[|$)/, 'run'],
  [/^(claude_code\.interaction|Agent [Ww]orkflow|crewai\.workflow|workflow\.(run|execute|session))$/, 'run'],
  [/^(workflow_invoke|LangGraph|AgentExecutor|agent_turn|orchestrate_tools|invoke_(swarm|graph))$/, 'run'],
  [/\.(workflow|agent|kickoff)$/, 'run'],
  [/^(session_task\.turn|user_prompt|agent_call)$/, 'run'],
  [/^ai\.(generate|stream)(Text|Object)( |$)/, 'run'],
  [/^(chat|text_completions?|generate_content|call_llm|llm_(node|request(_run)?))( |$)/, 'reasoning'],
  [/^claude_code\.llm_request$|^openai\.(chat|response)$|^handle_responses$/, 'reasoning'],
  [/\.(doGenerate|doStream)( |$)|\.(chat|completion|llm)$/, 'reasoning'],
  [/^(Azure)?Chat(?!Prompt)[A-Z]\w+$/, 'reasoning'],
  [/^(execute_tool|running tool|ai\.toolCall|tools\/call|tool\.execute)( |$)/, 'tool'],
  [/^claude_code\.tool$|^function_tool$|\.tool$/, 'tool'],
  [/^claude_code\.tool\.blocked_on_user$/, 'waiting'],
]

/** LangGraph's node of tool calls: OpenInference says what its children are when they end. */
export const TOOL_NODE_IN_SCOPE: Readonly<Record<string, string>> = {
  'openinference.instrumentation.langchain': 'tools',
}

/** Words that say "this is a tool call" around the tool's name. */
export const TOOL_WORDS =
  /^(execute_tool|running tool|ai\.toolCall|tools\/call|tool\.execute)(\s+|$)|^(mcp )?tool: |\.tool$|\.run$/

/** Words around an agent's name, in the names of spans that stand for its run. */
export const AGENT_WORDS: readonly RegExp[] = [
  /^(?:invoke_agent|invoke_workflow|agent run) (.+)$/,
  /^(?:agent|workflow) run: '(.+)'$/,
  /^(?:agent_run|invocation) \[(.+)\]$/,
  /^(.+)\.(?:workflow|agent|kickoff)$/,
  // OpenInference on CrewAI: the role, and the task it works on.
  /^(.+?)\..+\._execute_core$/,
]

/**
 * Frameworks whose run spans end well whatever happened inside: then the failed step decides. LangSmith ends spans that
 * never ended, as if they had gone well.
 */
export const ENDS_WELL_ANYHOW: ReadonlySet<string> = new Set([
  'openinference.instrumentation.openai_agents',
  'opentelemetry.instrumentation.openai_agents',
  'opentelemetry.instrumentation.genai.openai_agents',
  'langsmith',
])

/** Who ended a span in place of its work, by the attribute that says so. */
export const END_WRITTEN_BY: Readonly<Record<(typeof WRITTEN_END_KEYS)[number], string>> = {
  'n8n.node.termination_reason': 'n8n, which cancelled the workflow',
  'n8n.execution.reconstructed': 'n8n, which reconstructed it after a crash',
}

/** The same, by the exception it leaves: MLflow ends the root of a trace that grows too old. */
export const END_WRITTEN_BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/is automatically halted by MLflow/, 'MLflow, whose time-to-live had passed'],
]

/** Exceptions by which a step says that somebody has to decide first: a type, or a message that begins with one. */
export const INTERRUPT = /(^|[.\n])(GraphInterrupt|NodeInterrupt|ApprovalRequired|CallDeferred)(:|$)/
