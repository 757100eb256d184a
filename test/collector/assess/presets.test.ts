/** What each preset says of every event type its vocabulary has, as `phase edge[ · scope][ · outcome][ · thought][ · pair]`. */
import { describe, expect, test } from 'vitest'
import { PRESETS, type Preset } from '../../../collector/assess/parse-contract.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { isKnown, ruleOf } from '../../../collector/progression.ts'

function say(preset: Preset, type: string): string {
  const progression = loadPreset(preset)
  const rule = ruleOf(progression, type)
  if (rule === null) return isKnown(progression, type) ? 'life only' : 'unknown'
  const { phase, edge, scope, outcome, thought, synthetic, pair } = rule
  const parts = [
    `${phase} ${edge}`,
    scope === 'step' && 'step',
    outcome,
    thought && 'thought',
    synthetic && 'synthetic',
    pair,
  ]
  return parts.filter((part) => typeof part === 'string').join(' · ')
}

// oxfmt-ignore
const TABLES: { readonly [preset in Preset]: readonly (readonly [meaning: string, types: string])[] } = {
  laststep: [
    ['accepted point',                        'run_accepted'],
    ['accepted close · failed',               'run_rejected'],
    ['started open',                          'agent_started'],
    ['reasoning point · thought',             'agent_thinking'],
    ['tool open · tool_call_id',              'tool_executing'],
    ['tool close · tool_call_id',             'tool_completed tool_error'],
    ['tool point',                            'progress_update'],
    ['waiting open',                          'approval_required'],
    ['waiting close',                         'approval_resolved'],
    ['finalise open',                         'agent_finalizing'],
    ['terminal point · succeeded',            'agent_completed'],
    ['terminal point · failed',               'agent_error'],
    ['terminal point · cancelled',            'agent_cancelled'],
    ['life only',                             'heartbeat'],
    ['unknown',                               'constructor __proto__ toString agent_started_ AGENT_STARTED'],
  ],
  'ag-ui': [
    ['started open',                          'RUN_STARTED'],
    ['started point',                         'STATE_SNAPSHOT STATE_DELTA MESSAGES_SNAPSHOT'],
    ['started open · step',                   'STEP_STARTED'],
    ['started close · step',                  'STEP_FINISHED'],
    ['reasoning open',                        'REASONING_START TEXT_MESSAGE_START'],
    ['reasoning point',                       'TEXT_MESSAGE_CONTENT TEXT_MESSAGE_CHUNK TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_CHUNK'],
    ['reasoning point · thought',             'REASONING_MESSAGE_START REASONING_MESSAGE_CONTENT REASONING_MESSAGE_END REASONING_MESSAGE_CHUNK REASONING_ENCRYPTED_VALUE'],
    ['reasoning point · thought',             'THINKING_START THINKING_END THINKING_TEXT_MESSAGE_CONTENT'],
    ['reasoning close',                       'REASONING_END TEXT_MESSAGE_END'],
    ['tool open · toolCallId',                'TOOL_CALL_END'],
    ['tool close · toolCallId',               'TOOL_CALL_RESULT'],
    ['tool point',                            'ACTIVITY_SNAPSHOT ACTIVITY_DELTA'],
    ['terminal point · cancelled',            'RUN_FINISHED:cancelled'],
    ['waiting open',                          'RUN_FINISHED:interrupt'],
    ['terminal point · succeeded',            'RUN_FINISHED RUN_FINISHED:success'],
    ['terminal point · failed',               'RUN_ERROR RUN_ERROR:MODEL_OVERLOADED'],
    ['terminal point · failed · synthetic',   'RUN_ERROR:INCOMPLETE_STREAM'],
    ['life only',                             'RAW CUSTOM'],
    ['unknown',                               'RUN_FINISHED:later RUN_PAUSED run_started'],
  ],
  'openai-responses': [
    ['accepted open',                         'response.queued'],
    ['accepted point',                        'response.created'],
    ['started open',                          'response.in_progress'],
    ['started open · step',                   'response.output_item.added'],
    ['started close · step',                  'response.output_item.done'],
    ['reasoning open',                        'response.content_part.added'],
    ['reasoning close',                       'response.content_part.done'],
    ['reasoning point',                       'response.output_text.delta response.output_text.done response.refusal.delta response.refusal.done response.function_call_arguments.delta response.custom_tool_call_input.delta'],
    ['reasoning point',                       'response.mcp_call_arguments.done response.code_interpreter_call_code.delta'],
    ['reasoning point · thought',             'response.reasoning_text.delta response.reasoning_summary_part.added response.reasoning_summary_text.done'],
    ['tool open · item_id',                   'response.function_call_arguments.done response.custom_tool_call_input.done response.mcp_list_tools.in_progress'],
    ['tool open · item_id',                   'response.web_search_call.in_progress response.file_search_call.in_progress response.code_interpreter_call.in_progress response.image_generation_call.in_progress response.mcp_call.in_progress'],
    ['tool point',                            'response.web_search_call.searching response.code_interpreter_call.interpreting response.image_generation_call.generating response.image_generation_call.partial_image response.shell_call_output'],
    ['tool close · item_id',                  'response.web_search_call.completed response.file_search_call.completed response.mcp_call.failed response.mcp_list_tools.completed response.mcp_list_tools.failed'],
    ['terminal point · succeeded',            'response.completed'],
    ['terminal point · failed',               'response.failed response.incomplete error'],
    ['terminal point · cancelled',            'response.cancelled'],
    ['unknown',                               'response. thread.run.completed'],
  ],
  'vercel-ui': [
    ['started open',                          'start'],
    ['started point',                         'message-metadata custom data-weather data-'],
    ['started open · step',                   'start-step'],
    ['started point · step',                  'reset-step'],
    ['started close · step',                  'finish-step'],
    ['reasoning open',                        'text-start reasoning-start'],
    ['reasoning point',                       'text-delta tool-input-start tool-input-delta source-url source-document file reasoning-file'],
    ['reasoning point · thought',             'reasoning-delta'],
    ['reasoning close',                       'text-end reasoning-end'],
    ['tool open · toolCallId',                'tool-input-available'],
    ['tool point',                            'tool-output-available:preliminary'],
    ['tool close · toolCallId',               'tool-input-error tool-output-available tool-output-error tool-output-denied'],
    ['waiting open · toolCallId',             'tool-approval-request'],
    ['waiting close · toolCallId',            'tool-approval-response'],
    ['terminal point · succeeded',            'finish'],
    ['terminal point · cancelled',            'abort'],
    ['terminal point · failed',               'error'],
    ['unknown',                               'data finished'],
  ],
  a2a: [
    ['accepted point',                        'task:TASK_STATE_SUBMITTED status_update:SUBMITTED'],
    ['started open',                          'status_update:TASK_STATE_WORKING task:WORKING'],
    ['reasoning point',                       'artifact_update artifact_update:last_chunk'],
    ['waiting open',                          'status_update:TASK_STATE_INPUT_REQUIRED status_update:AUTH_REQUIRED'],
    ['accepted close · failed',               'task:TASK_STATE_REJECTED'],
    ['terminal point · succeeded',            'status_update:TASK_STATE_COMPLETED message'],
    ['terminal point · failed',               'status_update:TASK_STATE_FAILED'],
    ['terminal point · cancelled',            'status_update:TASK_STATE_CANCELED'],
    ['unknown',                               'status_update task'],
  ],
  'claude-agent-sdk': [
    ['started open',                          'SystemMessage:init system:init'],
    ['started point',                         'SystemMessage:compact_boundary system:status'],
    ['accepted point',                        'UserMessage'],
    ['reasoning point',                       'AssistantMessage:TextBlock StreamEvent assistant:text stream_event'],
    ['reasoning point · thought',             'AssistantMessage:ThinkingBlock assistant:thinking'],
    ['tool open · tool_use_id',               'AssistantMessage:ToolUseBlock AssistantMessage:ServerToolUseBlock assistant:tool_use assistant:server_tool_use'],
    ['tool close · tool_use_id',              'UserMessage:ToolResultBlock AssistantMessage:ServerToolResultBlock user:tool_result PostToolUse PostToolUseFailure'],
    ['tool point',                            'PreToolUse'],
    ['waiting open · tool_use_id',            'PermissionRequest'],
    ['started open · step',                   'TaskStarted SubagentStart'],
    ['started point · step',                  'TaskProgress TaskNotification TaskUpdated'],
    ['started close · step',                  'SubagentStop'],
    ['finalise open',                         'Stop'],
    ['terminal point · succeeded',            'ResultMessage:success ResultMessage:completed result:success'],
    ['terminal point · failed',               'ResultMessage:is_error ResultMessage:max_turns ResultMessage:error_during_execution result:error_max_turns result:is_error'],
    ['terminal point · cancelled',            'ResultMessage:aborted_streaming ResultMessage:aborted_tools'],
    ['life only',                             'RateLimitEvent HookEventMessage:hook_started HookEventMessage:hook_response'],
    ['unknown',                               'ResultMessage result AssistantMessage'],
  ],
}

describe.each(PRESETS)('%s', (preset) => {
  const rows = TABLES[preset].flatMap(([meaning, types]) => types.split(' ').map((type) => [type, meaning] as const))

  test.each(rows)('%s is %s', (type, meaning) => expect(say(preset, type)).toBe(meaning))

  test('says nothing that the table leaves out', () => {
    const keys = new Set(rows.map(([type]) => ruleOf(loadPreset(preset), type)?.key))
    expect(Object.keys(loadPreset(preset).events).filter((key) => !keys.has(key))).toEqual(LEFT_OUT[preset] ?? [])
  })

  test('keeps the name of its file, and the budgets of laststep', () => {
    expect(loadPreset(preset).name).toBe(preset)
    expect(loadPreset(preset).budgets).toEqual(loadPreset('laststep').budgets)
  })
})

/** Beyond the vocabulary in our reference: seen in the wild. */
const LEFT_OUT: { readonly [preset in Preset]?: readonly string[] } = { 'openai-responses': ['response.audio.*'] }
