import { describe, expect, test } from 'vitest'
import { describeSpan } from '../../../collector/assemble/describe-span.ts'
import { recognise } from '../../../collector/assemble/recognise/recognise.ts'
import type { Known } from '../../../collector/signal.ts'

// oxfmt-ignore
test.each<[string, Known, string, string | null, string | null]>([
  // span name                       what is known of it                                                     role          phase        step
  ['started build_orchestrator',     { 'laststep.phase': 'started' },                                        'step',       'started',   'build_orchestrator'],
  ['finalise',                       { 'laststep.phase': 'finalise' },                                       'step',       'finalise',  null],
  ['execute_tool search',            { 'laststep.phase': 'tool', 'gen_ai.tool.name': 'search' },             'step',       'tool',      'search'],
  ['auth',                           { 'laststep.phase': 'auth' },                                           'connection', 'auth',      null],
  ['no such phase',                  { 'laststep.phase': 'cooking' },                                        'plumbing',   null,        null],
  ['invoke_agent research',          { 'gen_ai.operation.name': 'invoke_agent' },                            'run',        null,        null],
  ['whatever',                       { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },   'step',       'reasoning', 'chat gpt-5'],
  ['chat claude',                    { 'gen_ai.operation.name': 'chat' },                                    'step',       'reasoning', 'chat claude'],
  ['whatever',                       { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'add' }, 'step',       'tool',      'add'],
  ['step 3',                         { 'gen_ai.operation.name': 'agent_step' },                              'plumbing',   null,        null],
  ['lookup',                         { 'gen_ai.tool.call.id': 'call_1' },                                    'step',       'tool',      'lookup'],
  ['provider call',                  { 'gen_ai.request.model': 'gpt-5' },                                    'step',       'reasoning', 'provider call'],
  ['GET /orders',                    {},                                                                     'plumbing',   null,        null],
])('%s %o is a %s', (name, known, role, phase, stepName) => {
  expect(recognise(name, known)).toMatchObject({ role, phase, stepName })
})

type Row = readonly [name: string, known: Known, role: string, phase: string | null, step: string | null]

/** What each framework calls a run, a model and a tool: by its attributes, then by name alone, as most open spans come. */
// oxfmt-ignore
const FRAMEWORKS: readonly Row[] = [
  // span name                    what is known of it                                                                                           role        phase        step
  // OpenTelemetry, Python
  ['x',                          { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'research' },                                 'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['x',                          { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['invoke_agent research',      {},                                                                                                           'run',      null,        null],
  ['chat gpt-5',                 {},                                                                                                           'step',     'reasoning', 'chat gpt-5'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  // OpenInference
  ['x',                          { 'openinference.span.kind': 'AGENT' },                                                                       'run',      null,        null],
  ['x',                          { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-5' },                                              'step',     'reasoning', 'x'],
  ['x',                          { 'openinference.span.kind': 'TOOL', 'tool.name': 'search' },                                                 'step',     'tool',      'search'],
  ['x',                          { 'openinference.span.kind': 'CHAIN' },                                                                       'plumbing', null,        null],
  ['x',                          { 'openinference.span.kind': 'RETRIEVER' },                                                                   'plumbing', null,        null],
  // OpenInference: LangChain and LangGraph, Python and JS
  ['LangGraph',                  { 'openinference.span.kind': 'CHAIN' },                                                                       'run',      null,        null],
  ['ChatOpenAI',                 { 'openinference.span.kind': 'LLM' },                                                                         'step',     'reasoning', 'ChatOpenAI'],
  ['search',                     { 'openinference.span.kind': 'TOOL' },                                                                        'step',     'tool',      'search'],
  ['LangGraph',                  {},                                                                                                           'run',      null,        null],
  ['AgentExecutor',              {},                                                                                                           'run',      null,        null],
  ['ChatAnthropic',              {},                                                                                                           'step',     'reasoning', 'ChatAnthropic'],
  ['AzureChatOpenAI',            {},                                                                                                           'step',     'reasoning', 'AzureChatOpenAI'],
  ['search',                     {},                                                                                                           'plumbing', null,        null],
  // OpenInference: CrewAI
  ['trip.kickoff',               { 'openinference.span.kind': 'CHAIN' },                                                                       'run',      null,        null],
  ['Guide.execute',              { 'openinference.span.kind': 'AGENT' },                                                                       'run',      null,        null],
  ['gpt-5',                      { 'openinference.span.kind': 'LLM' },                                                                         'step',     'reasoning', 'gpt-5'],
  ['search',                     { 'openinference.span.kind': 'TOOL' },                                                                        'step',     'tool',      'search'],
  ['trip.kickoff',               {},                                                                                                           'run',      null,        null],
  ['Guide.execute',              {},                                                                                                           'plumbing', null,        null],
  // OpenInference: OpenAI Agents
  ['Support',                    { 'openinference.span.kind': 'AGENT' },                                                                       'run',      null,        null],
  ['response',                   { 'openinference.span.kind': 'LLM' },                                                                         'step',     'reasoning', 'response'],
  ['search',                     { 'openinference.span.kind': 'TOOL' },                                                                        'step',     'tool',      'search'],
  ['response',                   { 'otel.scope.name': 'openinference.instrumentation.openai_agents' },                                         'step',     'reasoning', 'response'],
  ['generation',                 { 'otel.scope.name': 'openinference.instrumentation.openai_agents' },                                         'step',     'reasoning', 'generation'],
  ['response',                   {},                                                                                                           'plumbing', null,        null],
  // OpenInference: Google ADK
  ['invocation [shop]',          { 'openinference.span.kind': 'CHAIN' },                                                                       'run',      null,        null],
  ['agent_run [guide]',          { 'openinference.span.kind': 'AGENT' },                                                                       'run',      null,        null],
  ['call_llm',                   { 'openinference.span.kind': 'LLM' },                                                                         'step',     'reasoning', 'call_llm'],
  ['search',                     { 'openinference.span.kind': 'TOOL' },                                                                        'step',     'tool',      'search'],
  ['invocation [shop]',          {},                                                                                                           'run',      null,        null],
  ['agent_run [guide]',          {},                                                                                                           'run',      null,        null],
  // OpenInference: Claude Agent SDK
  ['query',                      { 'openinference.span.kind': 'AGENT' },                                                                       'run',      null,        null],
  ['ClaudeAgentSDK.Bash',        { 'openinference.span.kind': 'TOOL', 'tool.name': 'Bash' },                                                   'step',     'tool',      'Bash'],
  // OpenLLMetry, decorators
  ['trip.workflow',              { 'traceloop.span.kind': 'workflow' },                                                                        'run',      null,        null],
  ['guide.agent',                { 'traceloop.span.kind': 'agent' },                                                                           'run',      null,        null],
  ['openai.chat',                { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['search.tool',                { 'traceloop.span.kind': 'tool' },                                                                            'step',     'tool',      'search'],
  ['plan.task',                  { 'traceloop.span.kind': 'task' },                                                                            'plumbing', null,        null],
  ['trip.workflow',              {},                                                                                                           'run',      null,        null],
  ['guide.agent',                {},                                                                                                           'run',      null,        null],
  ['openai.chat',                {},                                                                                                           'step',     'reasoning', 'openai.chat'],
  ['search.tool',                {},                                                                                                           'step',     'tool',      'search'],
  ['plan.task',                  {},                                                                                                           'plumbing', null,        null],
  // OpenLLMetry: LangChain and LangGraph
  ['invoke_agent graph',         { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['ChatOpenAI.chat',            { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['execute_tool search',        { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['execute_task tools',         { 'gen_ai.operation.name': 'execute_task' },                                                                  'plumbing', null,        null],
  ['invoke_agent graph',         {},                                                                                                           'run',      null,        null],
  ['ChatOpenAI.chat',            {},                                                                                                           'step',     'reasoning', 'ChatOpenAI.chat'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  ['execute_task tools',         {},                                                                                                           'plumbing', null,        null],
  // OpenLLMetry: CrewAI
  ['crewai.workflow',            { 'traceloop.span.kind': 'workflow' },                                                                        'run',      null,        null],
  ['gpt-5.llm',                  { 'gen_ai.request.model': 'gpt-5' },                                                                          'step',     'reasoning', 'gpt-5.llm'],
  ['search.tool',                { 'traceloop.span.kind': 'tool' },                                                                            'step',     'tool',      'search'],
  ['crewai.workflow',            {},                                                                                                           'run',      null,        null],
  ['Guide.agent',                {},                                                                                                           'run',      null,        null],
  ['gpt-5.llm',                  {},                                                                                                           'step',     'reasoning', 'gpt-5.llm'],
  // OpenLLMetry: OpenAI Agents
  ['Agent Workflow',             { 'traceloop.span.kind': 'workflow' },                                                                        'run',      null,        null],
  ['openai.response',            { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['search.tool',                { 'traceloop.span.kind': 'tool', 'gen_ai.tool.name': 'search' },                                              'step',     'tool',      'search'],
  ['a → b.handoff',              { 'gen_ai.operation.name': 'handoff' },                                                                       'plumbing', null,        null],
  ['Agent Workflow',             {},                                                                                                           'run',      null,        null],
  ['Agent workflow',             {},                                                                                                           'run',      null,        null],
  ['openai.response',            {},                                                                                                           'step',     'reasoning', 'openai.response'],
  // Vercel AI SDK 7
  ['invoke_agent gpt-5',         { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['chat gpt-5',                 { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['step 1',                     { 'gen_ai.operation.name': 'agent_step' },                                                                    'plumbing', null,        null],
  ['execute_tool search',        { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['invoke_agent gpt-5',         {},                                                                                                           'run',      null,        null],
  ['chat gpt-5',                 {},                                                                                                           'step',     'reasoning', 'chat gpt-5'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  // Vercel AI SDK 4 to 6
  ['x',                          { 'ai.operationId': 'ai.streamText' },                                                                        'run',      null,        null],
  ['x',                          { 'operation.name': 'ai.generateText support' },                                                              'run',      null,        null],
  ['x',                          { 'ai.operationId': 'ai.streamText.doStream', 'ai.model.id': 'gpt-5' },                                       'step',     'reasoning', 'x'],
  ['x',                          { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'search' },                                            'step',     'tool',      'search'],
  ['ai.streamText',              {},                                                                                                           'run',      null,        null],
  ['ai.generateObject support',  {},                                                                                                           'run',      null,        null],
  ['ai.generateText.doGenerate', {},                                                                                                           'step',     'reasoning', 'ai.generateText.doGenerate'],
  ['ai.toolCall',                {},                                                                                                           'step',     'tool',      null],
  // pydantic-ai
  ['x',                          { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.call.id': 'r1' },                                    'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['x',                          { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search', 'gen_ai.tool.call.id': 'c1' },       'step',     'tool',      'search'],
  ['running tool',               { 'gen_ai.tool.name': 'search' },                                                                             'step',     'tool',      'search'],
  ['agent run',                  {},                                                                                                           'run',      null,        null],
  ['running tool',               {},                                                                                                           'step',     'tool',      null],
  ['chat gpt-5',                 {},                                                                                                           'step',     'reasoning', 'chat gpt-5'],
  // LangSmith
  ['LangGraph',                  { 'langsmith.span.kind': 'chain' },                                                                           'run',      null,        null],
  ['x',                          { 'langsmith.span.kind': 'llm', 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },           'step',     'reasoning', 'chat gpt-5'],
  ['search',                     { 'langsmith.span.kind': 'tool', 'gen_ai.operation.name': 'execute_tool' },                                   'step',     'tool',      'search'],
  ['LangGraph',                  {},                                                                                                           'run',      null,        null],
  ['ChatOpenAI',                 {},                                                                                                           'step',     'reasoning', 'ChatOpenAI'],
  // Strands
  ['x',                          { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'invoke_swarm' },                                                                  'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['x',                          { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['execute_event_loop_cycle',   { 'gen_ai.operation.name': 'execute_event_loop_cycle' },                                                      'plumbing', null,        null],
  ['invoke_agent guide',         {},                                                                                                           'run',      null,        null],
  ['invoke_graph',               {},                                                                                                           'run',      null,        null],
  ['chat',                       {},                                                                                                           'step',     'reasoning', 'chat'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  ['execute_event_loop_cycle',   {},                                                                                                           'plumbing', null,        null],
  // Google ADK
  ['invoke_agent guide',         { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['call_llm',                   { 'gen_ai.operation.name': 'generate_content', 'gen_ai.request.model': 'gemini-3' },                          'step',     'reasoning', 'generate_content gemini-3'],
  ['execute_tool search',        { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['invocation',                 {},                                                                                                           'run',      null,        null],
  ['agent_run [guide]',          {},                                                                                                           'run',      null,        null],
  ['call_llm',                   {},                                                                                                           'step',     'reasoning', 'call_llm'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  // Microsoft Agent Framework
  ['x',                          { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['x',                          { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['workflow.run',               {},                                                                                                           'run',      null,        null],
  ['workflow.session',           {},                                                                                                           'run',      null,        null],
  ['workflow_invoke',            {},                                                                                                           'run',      null,        null],
  ['invoke_agent guide',         {},                                                                                                           'run',      null,        null],
  ['chat gpt-5',                 {},                                                                                                           'step',     'reasoning', 'chat gpt-5'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  ['executor.process writer',    {},                                                                                                           'plumbing', null,        null],
  // Semantic Kernel
  ['x',                          { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'text_completions', 'gen_ai.request.model': 'gpt-5' },                             'step',     'reasoning', 'text_completions gpt-5'],
  ['x',                          { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'shop-search' },                               'step',     'tool',      'shop-search'],
  ['text_completions gpt-5',     {},                                                                                                           'step',     'reasoning', 'text_completions gpt-5'],
  ['execute_tool shop-search',   {},                                                                                                           'step',     'tool',      'shop-search'],
  // Microsoft.Extensions.AI
  ['x',                          { 'gen_ai.operation.name': 'invoke_agent' },                                                                  'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' },                                         'step',     'reasoning', 'chat gpt-5'],
  ['x',                          { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },                                    'step',     'tool',      'search'],
  ['orchestrate_tools',          {},                                                                                                           'run',      null,        null],
  ['chat gpt-5',                 {},                                                                                                           'step',     'reasoning', 'chat gpt-5'],
  ['execute_tool search',        {},                                                                                                           'step',     'tool',      'search'],
  // Mastra
  ['x',                          { 'mastra.span.type': 'agent_run' },                                                                          'run',      null,        null],
  ['x',                          { 'mastra.span.type': 'workflow_run' },                                                                       'run',      null,        null],
  ['x',                          { 'mastra.span.type': 'model_generation', 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' }, 'step',     'reasoning', 'chat gpt-5'],
  ['x',                          { 'mastra.span.type': 'mcp_tool_call', 'gen_ai.tool.name': 'search' },                                        'step',     'tool',      'search'],
  ['x',                          { 'mastra.span.type': 'workflow_step' },                                                                      'plumbing', null,        null],
  ['x',                          { 'gen_ai.operation.name': 'agent.run' },                                                                     'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'tool.execute' },                                                                  'step',     'tool',      'x'],
  ['invoke_workflow trip',       {},                                                                                                           'run',      null,        null],
  ['chat gpt-5',                 {},                                                                                                           'step',     'reasoning', 'chat gpt-5'],
  ['tool.execute search',        {},                                                                                                           'step',     'tool',      'search'],
  ["agent run: 'guide'",         { 'otel.scope.name': '@mastra/otel-bridge' },                                                                 'run',      null,        null],
  ["llm: 'gpt-5'",               { 'otel.scope.name': '@mastra/otel-bridge' },                                                                 'step',     'reasoning', "llm: 'gpt-5'"],
  ["tool: 'search'",             { 'otel.scope.name': '@mastra/otel-bridge' },                                                                 'step',     'tool',      'search'],
  ["mcp tool: 'search'",         { 'otel.scope.name': '@mastra/otel-bridge' },                                                                 'step',     'tool',      'search'],
  ["step: 'plan'",               { 'otel.scope.name': '@mastra/otel-bridge' },                                                                 'plumbing', null,        null],
  // Claude Code
  ['x',                          { 'span.type': 'interaction' },                                                                               'run',      null,        null],
  ['x',                          { 'span.type': 'llm_request' },                                                                               'step',     'reasoning', 'x'],
  ['x',                          { 'span.type': 'tool', tool_name: 'Bash' },                                                                   'step',     'tool',      'Bash'],
  ['claude_code.interaction',    {},                                                                                                           'run',      null,        null],
  ['claude_code.llm_request',    {},                                                                                                           'step',     'reasoning', 'claude_code.llm_request'],
  ['claude_code.tool',           {},                                                                                                           'step',     'tool',      'claude_code'],
  ['claude_code.tool.execution', {},                                                                                                           'plumbing', null,        null],
  // Codex CLI
  ['session_task.turn',          {},                                                                                                           'run',      null,        null],
  ['handle_responses',           {},                                                                                                           'step',     'reasoning', 'handle_responses'],
  ['mcp call',                   { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'search' },                                            'step',     'tool',      'search'],
  // Gemini CLI
  ['x',                          { 'gen_ai.operation.name': 'user_prompt' },                                                                   'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'agent_call' },                                                                    'run',      null,        null],
  ['x',                          { 'gen_ai.operation.name': 'llm_call', 'gen_ai.request.model': 'gemini-3' },                                  'step',     'reasoning', 'llm_call gemini-3'],
  ['x',                          { 'gen_ai.operation.name': 'tool_call', 'gen_ai.tool.name': 'search', 'gen_ai.tool.call_id': 'c1' },          'step',     'tool',      'search'],
  ['x',                          { 'gen_ai.tool.call_id': 'c1' },                                                                              'step',     'tool',      'x'],
  // n8n
  ['workflow.execute',           { 'n8n.execution.id': '7' },                                                                                  'run',      null,        null],
  ['node.execute',               { 'n8n.node.type': '@n8n/n8n-nodes-langchain.lmChatOpenAi' },                                                 'step',     'reasoning', 'node.execute'],
  ['node.execute',               { 'n8n.node.type': '@n8n/n8n-nodes-langchain.toolCode' },                                                     'step',     'tool',      'node.execute'],
  ['node.execute',               { 'n8n.node.type': 'n8n-nodes-base.set' },                                                                    'plumbing', null,        null],
  ['workflow.execute',           {},                                                                                                           'run',      null,        null],
  ['node.execute',               {},                                                                                                           'plumbing', null,        null],
  // LiveKit Agents
  ['agent_session',              { 'lk.job_id': 'j1' },                                                                                        'plumbing', null,        null],
  ['llm_request',                { 'gen_ai.request.model': 'gpt-5' },                                                                          'step',     'reasoning', 'llm_request'],
  ['function_tool',              { 'lk.function_tool.name': 'search' },                                                                        'step',     'tool',      'search'],
  ['agent_session',              {},                                                                                                           'plumbing', null,        null],
  ['agent_turn',                 {},                                                                                                           'run',      null,        null],
  ['llm_node',                   {},                                                                                                           'step',     'reasoning', 'llm_node'],
  ['llm_request_run',            {},                                                                                                           'step',     'reasoning', 'llm_request_run'],
  ['function_tool',              {},                                                                                                           'step',     'tool',      'function_tool'],
  // trigger.dev
  ['x',                          { 'ctx.run.id': 'run_1' },                                                                                    'plumbing', null,        null],
  ['ai.streamText.doStream',     { 'ctx.run.id': 'run_1' },                                                                                    'step',     'reasoning', 'ai.streamText.doStream'],
  ['ai.toolCall',                { 'ctx.run.id': 'run_1', 'ai.toolCall.name': 'search' },                                                      'step',     'tool',      'search'],
  // Langfuse
  ['x',                          { 'langfuse.observation.type': 'agent' },                                                                     'run',      null,        null],
  ['x',                          { 'langfuse.observation.type': 'generation', 'gen_ai.request.model': 'gpt-5' },                               'step',     'reasoning', 'x'],
  ['x',                          { 'langfuse.observation.type': 'tool' },                                                                      'step',     'tool',      'x'],
  ['x',                          { 'langfuse.observation.type': 'span' },                                                                      'plumbing', null,        null],
  // Laminar
  ['x',                          { 'lmnr.span.type': 'LLM' },                                                                                  'step',     'reasoning', 'x'],
  ['x',                          { 'lmnr.span.type': 'TOOL' },                                                                                 'step',     'tool',      'x'],
  ['x',                          { 'lmnr.span.type': 'DEFAULT' },                                                                              'plumbing', null,        null],
  // Genkit
  ['x',                          { 'genkit:metadata:subtype': 'flow' },                                                                        'run',      null,        null],
  ['x',                          { 'genkit:metadata:subtype': 'model' },                                                                       'step',     'reasoning', 'x'],
  ['x',                          { 'genkit:metadata:subtype': 'tool' },                                                                        'step',     'tool',      'x'],
  // MCP
  ['tools/call search',          { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'search' },                                            'step',     'tool',      'search'],
  ['tools/list',                 { 'mcp.method.name': 'tools/list' },                                                                          'plumbing', null,        null],
  ['tools/call search',          {},                                                                                                           'step',     'tool',      'search'],
]

/** What looks like something else (otel.md names the frameworks that set them). */
// oxfmt-ignore
const TRAPS: readonly Row[] = [
  // Google ADK repeats parallel calls under another name.
  ['execute_tool (merged)',            { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': '(merged)' },                         'plumbing',   null,        null],
  // A prompt template is no call of a model, whatever its name or its operation say.
  ['ChatPromptTemplate',               {},                                                                                                  'plumbing',   null,        null],
  ['ChatPromptTemplate',               { 'langsmith.span.kind': 'prompt', 'gen_ai.operation.name': 'chat' },                                'plumbing',   null,        null],
  // OpenLLMetry gives the tasks of a crew the operation of an agent.
  ['plan.task',                        { 'traceloop.span.kind': 'task', 'gen_ai.operation.name': 'invoke_agent' },                          'plumbing',   null,        null],
  // Of two vendors the first in the list counts, in whatever order they stand on the span; an unknown word leaves it to the next.
  ['x',                                { 'langfuse.observation.type': 'generation', 'openinference.span.kind': 'TOOL' },                    'step',       'tool',      'x'],
  ['x',                                { 'openinference.span.kind': 'TOOL', 'langfuse.observation.type': 'generation' },                    'step',       'tool',      'x'],
  ['x',                                { 'openinference.span.kind': 'CHAIN', 'langfuse.observation.type': 'agent' },                        'run',        null,        null],
  // A vendor before the operation, the operation before the AI SDK, its own word before the rest of the text.
  ['x',                                { 'gen_ai.operation.name': 'chat', 'openinference.span.kind': 'AGENT' },                             'run',        null,        null],
  ['x',                                { 'ai.operationId': 'ai.streamText', 'gen_ai.operation.name': 'chat' },                              'step',       'reasoning', 'x'],
  ['x',                                { 'operation.name': 'ai.toolCall ai.streamText' },                                                   'step',       'tool',      'x'],
  // Requests, messages and queries on their way are no runs and no steps, unless they say so.
  ['POST /chat',                       { 'http.request.method': 'POST' },                                                                   'transport',  null,        null],
  ['POST /chat',                       { 'span.kind': 'server' },                                                                           'transport',  null,        null],
  ['orders process',                   { 'messaging.system': 'kafka' },                                                                     'transport',  null,        null],
  ['SELECT orders',                    { 'db.system.name': 'postgresql' },                                                                  'transport',  null,        null],
  ['chat gpt-5',                       { 'http.request.method': 'POST', 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' }, 'step',       'reasoning', 'chat gpt-5'],
  // A call that waits for a person has the attributes of the call.
  ['claude_code.tool.blocked_on_user', {},                                                                                                  'step',       'waiting',   null],
  ['claude_code.tool.blocked_on_user', { tool_name: 'Bash' },                                                                               'step',       'waiting',   null],
  // Our own attribute is above all others.
  ['chat gpt-5',                       { 'laststep.phase': 'tool', 'gen_ai.operation.name': 'chat' },                                       'step',       'tool',      'chat gpt-5'],
  ['x',                                { 'laststep.phase': 'auth', 'openinference.span.kind': 'AGENT' },                                    'connection', 'auth',      'x'],
]

describe.each([
  ['frameworks', FRAMEWORKS],
  ['traps', TRAPS],
])('%s', (_title, rows) => {
  test.each(rows)('%s %o is a %s', (name, known, role, phase, stepName) => {
    expect(recognise(name, known)).toMatchObject({ role, phase, stepName })
  })
})

// oxfmt-ignore
test.each<[string, string, Known, string]>([
  // whom it names   the key that counts                             beside others                                                                       is
  ['runId',          'our own, before every other',                  { 'langsmith.trace.id': 'l', 'laststep.run.id': 'own', 'ctx.run.id': 't' },          'own'],
  ['runId',          'of an ADK invocation',                         { 'workflow.run_id': 'w', 'gcp.vertex.agent.invocation_id': 'adk' },                  'adk'],
  ['runId',          'of an n8n execution',                          { 'ctx.run.id': 't', 'n8n.execution.id': 'n8n' },                                     'n8n'],
  ['runId',          'of trigger.dev before Claude Code',            { 'workflow.run_id': 'w', 'ctx.run.id': 't' },                                        't'],
  ['callId',         'of pydantic-ai',                               { 'mastra.metadata.runId': 'm', 'gen_ai.agent.call.id': 'p' },                        'p'],
  ['callId',         'of an invocation before Mastra',               { 'mastra.metadata.runId': 'm', 'gen_ai.agent.invocation.id': 'i' },                  'i'],
  ['conversationId', 'of the conventions',                           { 'session.id': 's', 'gen_ai.conversation.id': 'c' },                                 'c'],
  ['sessionId',      'of the conventions',                           { 'langfuse.session.id': 'l', 'session.id': 's' },                                    's'],
  ['sessionId',      'a session before a thread',                    { 'traceloop.association.properties.thread_id': 't', 'traceloop.association.properties.session_id': 's' }, 's'],
  ['sessionId',      'a thread before LangSmith’s session',          { 'langsmith.metadata.session_id': 's', 'langsmith.metadata.thread_id': 't' },        't'],
  ['sessionId',      'Codex’s, when there is no other',              { 'conversation.id': 'c' },                                                           'c'],
  ['userId',         'of the conventions',                           { 'user.email': 'a@b.c', 'enduser.id': 'e', 'user.id': 'u' },                         'u'],
  ['userId',         'an end user before Langfuse’s',                { 'langfuse.user.id': 'l', 'enduser.id': 'e' },                                       'e'],
  ['userId',         'an address, when there is no other',           { 'user.email': 'a@b.c' },                                                            'a@b.c'],
  ['agent',          'of the conventions',                           { 'agent.name': 'oi', 'gen_ai.agent.name': 'conv' },                                  'conv'],
  ['agent',          'OpenInference’s before a function’s',          { 'ai.telemetry.functionId': 'f', 'agent.name': 'oi' },                               'oi'],
  ['agent',          'a function’s before a workflow’s',             { 'traceloop.workflow.name': 'w', 'ai.telemetry.functionId': 'f' },                   'f'],
])('%s: %s', (field, _which, known, wanted) => {
  const reversed: Known = Object.fromEntries(Object.entries(known).toReversed())
  for (const each of [known, reversed]) expect(describeSpan('x', each).named).toMatchObject({ [field]: wanted })
})

test('a span says that its run waits, by flag, by phase or by name', () => {
  expect(recognise('execute_tool ask', { 'laststep.waiting': true }).waiting).toBe(true)
  expect(recognise('approval', { 'laststep.phase': 'waiting' }).waiting).toBe(true)
  expect(recognise('claude_code.tool.blocked_on_user', {}).waiting).toBe(true)
  expect(recognise('execute_tool ask', {}).waiting).toBe(false)
})
