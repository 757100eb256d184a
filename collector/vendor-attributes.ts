/**
 * Attributes by which other people's instrumentations say who a span is, beside those of `contract/attributes.ts`. Lists
 * are by precedence: of what a span has, the first counts. A framework is added by adding words here and rows in
 * `assemble/recognise/`.
 */
import { ATTR } from '../contract/attributes.ts'

/** What kind of span this is, in the words of one vendor each. */
export const KIND_KEYS = [
  'openinference.span.kind',
  'traceloop.span.kind',
  'langsmith.span.kind',
  'mastra.span.type',
  'langfuse.observation.type',
  'lmnr.span.type',
  'span.type', // Claude Code
  'genkit:metadata:subtype',
  'n8n.node.type',
] as const

/** Vercel AI SDK 4 to 6, and MCP: looked at after `gen_ai.operation.name`. */
export const OPERATION_KEYS = ['ai.operationId', 'operation.name', 'mcp.method.name'] as const

/** Ids shared by everything a run does, sub-agents included. */
export const RUN_ID_KEYS = [
  ATTR.runId,
  'gcp.vertex.agent.invocation_id',
  'n8n.execution.id',
  'ctx.run.id', // trigger.dev
  'workflow.run_id', // Claude Code
  'langsmith.trace.id',
] as const

/** Ids of one agent's work: of the run when the agent is its outermost, of a sub-agent otherwise. */
export const CALL_ID_KEYS = [
  'gen_ai.agent.call.id',
  'gen_ai.agent.invocation.id',
  'mastra.metadata.runId',
  'lk.speech_id',
] as const

export const AGENT_KEYS = [
  ATTR.agent,
  'agent.name', // OpenInference
  'ai.telemetry.functionId',
  'traceloop.association.properties.lc_agent_name',
  'traceloop.workflow.name',
  'n8n.workflow.name',
] as const

export const SESSION_KEYS = [
  ATTR.sessionId,
  'langfuse.session.id',
  'traceloop.association.properties.session_id',
  'traceloop.association.properties.thread_id',
  'langsmith.metadata.thread_id',
  'langsmith.metadata.session_id',
  'langsmith.metadata.conversation_id',
  'lmnr.association.properties.session_id',
  'ai.telemetry.metadata.sessionId',
  'ai.settings.context.sessionId',
  'mastra.metadata.sessionId',
  'gcp.vertex.agent.session_id',
  'lk.job_id',
  'conversation.id',
] as const

export const USER_KEYS = [
  ATTR.userId,
  'enduser.id',
  'langfuse.user.id',
  'traceloop.association.properties.user_id',
  'lmnr.association.properties.user_id',
  'ai.telemetry.metadata.userId',
  'ai.settings.context.userId',
  'mastra.metadata.userId',
  'langsmith.metadata.user_id',
  'lk.participant_id',
  'user.email',
] as const

export const TOOL_KEYS = [
  ATTR.toolName,
  'ai.toolCall.name',
  'tool.name', // OpenInference
  'lk.function_tool.name',
  'tool_name', // Claude Code
  'n8n.node.name',
] as const

export const TOOL_CALL_KEYS = [
  ATTR.toolCallId,
  'gen_ai.tool.call_id',
  'ai.toolCall.id',
  'lk.function_tool.id',
  'tool_use_id',
] as const

export const MODEL_KEYS = [ATTR.model, 'llm.model_name', 'ai.model.id'] as const

/** A request, a message or a query on its way: never a run. */
export const TRANSPORT_KEYS = [
  'http.request.method',
  'http.method',
  'rpc.system',
  'messaging.system',
  'db.system.name',
  'db.system',
] as const

/** A tool that ended because somebody has to decide first. */
export const DEFERRAL_KEYS = ['pydantic_ai.tool.deferral.name'] as const

/** Said of a span that somebody else ended in place of the work: `assemble/recognise/kinds.ts` says who. */
export const WRITTEN_END_KEYS = ['n8n.node.termination_reason', 'n8n.execution.reconstructed'] as const

/** Unfinished spans that travel as finished ones: see `accept/undo-disguise.ts`. */
export const DISGUISE = {
  logfireType: 'logfire.span_type',
  logfireParent: 'logfire.pending_parent_id',
  triggerPartial: '$span.partial',
  triggerSpanId: '$span.span_id',
  datadogVersion: '_dd.partial_version',
  /** A collector on the way stopped waiting and made up an end. */
  gaveUp: 'partial.gc',
} as const

/** Lists of a span's ancestors, outermost first: ids, names, and starts in unix nanoseconds. */
export const PATHS = [
  { ids: ATTR.spanIdsPath, names: ATTR.spanPath, starts: ATTR.spanStartsPath },
  { ids: 'traceroot.span.ids_path', names: 'traceroot.span.path', starts: 'traceroot.span.starts_path' },
  { ids: 'lmnr.span.ids_path', names: 'lmnr.span.path', starts: null },
] as const

export const PATH_KEYS = [
  ATTR.spanIdsPath,
  ATTR.spanPath,
  ATTR.spanStartsPath,
  'traceroot.span.ids_path',
  'traceroot.span.path',
  'traceroot.span.starts_path',
  'lmnr.span.ids_path',
  'lmnr.span.path',
] as const

/** Instrumentation scopes whose spans have names that mean something only there (`assemble/recognise/kinds.ts`). */
export const SCOPES = [
  '@mastra/otel-bridge',
  'openinference.instrumentation.langchain',
  'openinference.instrumentation.openai_agents',
  'opentelemetry.instrumentation.openai_agents',
  'opentelemetry.instrumentation.genai.openai_agents',
  'langsmith',
] as const
