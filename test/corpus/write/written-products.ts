/** Agents and platforms that have span names and log records of their own. */
import type { Framework, Who } from './story.ts'

const TOOL = 'search_orders'
const NOBODY: Who = { agent: null, session: null, user: null, run: null }

const claude = { 'session.id': 's-1', 'user.id': 'u-1' }
const codex = { 'conversation.id': 's-1' }
const gemini = { 'gen_ai.conversation.id': 's-1', 'session.id': 's-1', 'user.email': 'ada@shop.example' }
const n8n = { 'n8n.execution.id': '4711', 'n8n.workflow.id': 'tXk2', 'n8n.workflow.name': 'support' }
const trigger = { 'ctx.run.id': 'run_cm5x1', 'gen_ai.conversation.id': 's-1' }
const byExecution: Who = { ...NOBODY, agent: 'support', run: '4711' }
const byTask: Who = { ...NOBODY, agent: 'support', session: 's-1', run: 'run_cm5x1' }

export const PRODUCTS: readonly Framework[] = [
  {
    folder: 'claude-code',
    framework: 'Claude Code and the Claude Agent SDK (traces beta)',
    scope: 'com.anthropic.claude_code.tracing',
    run: [{ name: 'claude_code.interaction', start: { 'span.type': 'interaction', ...claude } }],
    model: [
      {
        name: 'claude_code.llm_request',
        start: { 'span.type': 'llm_request', model: 'claude-sonnet-5', ...claude },
        end: { success: true, status_code: 200 },
      },
    ],
    tool: [
      {
        name: 'claude_code.tool',
        start: { 'span.type': 'tool', tool_name: TOOL, tool_use_id: 'toolu_1', ...claude },
      },
      {
        name: 'claude_code.tool.execution',
        start: { 'span.type': 'tool.execution', ...claude },
        end: { success: true },
      },
    ],
    logs: {
      asked: { name: 'claude_code.api_request', attributes: { ...claude, 'prompt.id': 'p-1', 'event.sequence': 1 } },
      called: { name: 'claude_code.tool_decision', attributes: { ...claude, tool_name: TOOL, 'event.sequence': 2 } },
      returned: { name: 'claude_code.tool_result', attributes: { ...claude, tool_name: TOOL, 'event.sequence': 3 } },
    },
    open: 'no',
    alsoOpen: true,
    expect: {
      // Its log records speak of runs of this name, and these are among them.
      whole: { ...NOBODY, agent: 'claude-code', session: 's-1', user: 'u-1' },
      rootless: { ...NOBODY, agent: 'claude-code', session: 's-1', user: 'u-1' },
      model: 'claude_code.llm_request',
      tool: TOOL,
    },
  },
  {
    folder: 'codex-cli',
    framework: 'Codex CLI',
    scope: 'codex_otel',
    run: [{ name: 'session_task.turn', start: codex }],
    model: [{ name: 'handle_responses', start: codex }],
    tool: [],
    logs: {
      asked: { name: 'codex.api_request', attributes: codex },
      called: { name: 'codex.tool_decision', attributes: { ...codex, tool_name: TOOL } },
      returned: { name: 'codex.tool_result', attributes: { ...codex, tool_name: TOOL } },
    },
    open: 'no',
    expect: {
      whole: { ...NOBODY, agent: 'codex', session: 's-1' },
      rootless: { ...NOBODY, agent: 'codex', session: 's-1' },
      model: 'handle_responses',
      tool: null,
    },
  },
  {
    folder: 'gemini-cli',
    framework: 'Gemini CLI',
    scope: 'gemini-cli',
    run: [{ name: 'user_prompt', start: { 'gen_ai.operation.name': 'user_prompt', ...gemini } }],
    model: [
      {
        name: 'llm_call',
        start: { 'gen_ai.operation.name': 'llm_call', 'gen_ai.request.model': 'gemini-3-flash', ...gemini },
      },
    ],
    tool: [
      {
        name: 'tool_call',
        start: {
          'gen_ai.operation.name': 'tool_call',
          'gen_ai.tool.name': TOOL,
          'gen_ai.tool.call_id': 'call_1',
          ...gemini,
        },
      },
    ],
    logs: {
      asked: { name: 'gemini_cli.api_response', attributes: { ...gemini, prompt_id: 'p-1' } },
      returned: { name: 'gemini_cli.tool_call', attributes: { ...gemini, prompt_id: 'p-1', function_name: TOOL } },
    },
    open: 'no',
    expect: {
      whole: { ...NOBODY, session: 's-1', user: 'ada@shop.example' },
      rootless: { ...NOBODY, session: 's-1', user: 'ada@shop.example' },
      model: 'llm_call gemini-3-flash',
      tool: TOOL,
    },
  },
  {
    folder: 'n8n',
    framework: 'n8n (N8N_OTEL_ENABLED, spans of nodes)',
    scope: 'n8n-workflow',
    run: [
      { name: 'workflow.execute', start: n8n },
      {
        name: 'node.execute',
        start: { ...n8n, 'n8n.node.type': '@n8n/n8n-nodes-langchain.agent', 'n8n.node.name': 'Support agent' },
      },
    ],
    model: [
      {
        name: 'node.execute',
        start: { ...n8n, 'n8n.node.type': '@n8n/n8n-nodes-langchain.lmChatOpenAi', 'n8n.node.name': 'Chat model' },
      },
    ],
    tool: [
      {
        name: 'node.execute',
        start: { ...n8n, 'n8n.node.type': '@n8n/n8n-nodes-langchain.toolCode', 'n8n.node.name': TOOL },
      },
    ],
    open: 'no',
    expect: { whole: byExecution, rootless: byExecution, model: 'node.execute', tool: TOOL },
  },
  {
    folder: 'livekit-agents',
    framework: 'LiveKit Agents',
    scope: 'livekit-agents',
    // As long as the call.
    around: { name: 'agent_session', start: { 'lk.job_id': 'job_1', 'lk.participant_id': 'u-1' } },
    run: [{ name: 'agent_turn', start: { 'lk.speech_id': 'speech_1', 'lk.generation_id': 'speech_1_1' } }],
    model: [
      { name: 'llm_node', start: {} },
      { name: 'llm_request', start: {}, end: { 'gen_ai.request.model': 'gpt-5-mini' } },
    ],
    tool: [
      {
        name: 'function_tool',
        start: {},
        end: { 'lk.function_tool.name': TOOL, 'lk.function_tool.id': 'call_1', 'lk.function_tool.is_error': false },
      },
    ],
    open: 'no',
    alsoOpen: true,
    expect: {
      whole: { ...NOBODY, run: 'speech_1' },
      rootless: NOBODY,
      model: 'llm_node',
      tool: TOOL,
      atStart: { model: 'llm_request', tool: 'function_tool' },
    },
  },
  {
    folder: 'trigger-dev',
    framework: 'trigger.dev, with the spans of the Vercel AI SDK in the task',
    scope: 'trigger-dev-worker',
    run: [{ name: 'support', start: trigger }],
    model: [
      {
        name: 'chat gpt-5-mini',
        kind: 3,
        start: { ...trigger, 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5-mini' },
      },
    ],
    tool: [
      {
        name: `execute_tool ${TOOL}`,
        start: { ...trigger, 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': TOOL },
      },
    ],
    open: 'trigger.dev',
    expect: { whole: byTask, rootless: byTask, model: 'chat gpt-5-mini', tool: TOOL },
  },
]
