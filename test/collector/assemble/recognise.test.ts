import { expect, test } from 'vitest'
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
  // Frameworks that set their attributes only when the span ends are known by its name.
  ['invoke_agent research',          {},                                                                     'run',        null,        null],
  ['agent run',                      {},                                                                     'run',        null,        null],
  ['agent_run [root]',               {},                                                                     'run',        null,        null],
  ['ai.streamText support',          {},                                                                     'run',        null,        null],
  ['LangGraph',                      {},                                                                     'run',        null,        null],
  ['booking.workflow',               {},                                                                     'run',        null,        null],
  ['claude_code.interaction',        {},                                                                     'run',        null,        null],
  ['ai.streamText.doStream',         {},                                                                     'step',       'reasoning', 'ai.streamText.doStream'],
  ['ChatOpenAI',                     {},                                                                     'step',       'reasoning', 'ChatOpenAI'],
  ['ChatPromptTemplate',             {},                                                                     'plumbing',   null,        null],
  ['openai.chat',                    {},                                                                     'step',       'reasoning', 'openai.chat'],
  ['call_llm',                       {},                                                                     'step',       'reasoning', 'call_llm'],
  ['execute_tool search',            {},                                                                     'step',       'tool',      'search'],
  ['execute_tool (merged)',          { 'gen_ai.tool.name': '(merged)' },                                     'plumbing',   null,        null],
  ['running tool',                   { 'gen_ai.tool.name': 'search' },                                       'step',       'tool',      'search'],
  ['weather.tool',                   {},                                                                     'step',       'tool',      'weather'],
  ['claude_code.tool.blocked_on_user', {},                                                                   'step',       'waiting',   null],
  ['provider call',                  { 'gen_ai.request.model': 'gpt-5' },                                    'step',       'reasoning', 'provider call'],
  ['GET /orders',                    {},                                                                     'plumbing',   null,        null],
])('%s %o is a %s', (name, known, role, phase, stepName) => {
  expect(recognise(name, known)).toMatchObject({ role, phase, stepName })
})

test('a span says that its run waits, by flag, by phase or by name', () => {
  expect(recognise('execute_tool ask', { 'laststep.waiting': true }).waiting).toBe(true)
  expect(recognise('approval', { 'laststep.phase': 'waiting' }).waiting).toBe(true)
  expect(recognise('claude_code.tool.blocked_on_user', {}).waiting).toBe(true)
  expect(recognise('execute_tool ask', {}).waiting).toBe(false)
})
