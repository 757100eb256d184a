import { expect, test } from 'vitest'
import { agentOf } from '../../../collector/assemble/agent-name.ts'
import type { Known } from '../../../collector/signal.ts'

// oxfmt-ignore
test.each<[string, Known, string | null]>([
  // span name                what is known of it                                                           agent
  ['invoke_agent researcher', { 'gen_ai.operation.name': 'invoke_agent' },                                  'researcher'],
  ['invoke_agent researcher', { 'gen_ai.agent.name': 'Researcher' },                                        'Researcher'],
  ['researcher.agent',        {},                                                                           'researcher'],
  ["agent run: 'writer'",     { 'mastra.span.type': 'agent_run' },                                          'writer'],
  ['Researcher.execute',      { 'openinference.span.kind': 'AGENT', 'agent.name': 'Researcher' },           'Researcher'],
  ['LangGraph',               {},                                                                           null],
  ['ai.streamText',           {},                                                                           null],
  ['ai.streamText',           { 'ai.telemetry.functionId': 'support' },                                     'support'],
  ['chat gpt-5',              { 'gen_ai.operation.name': 'chat', 'gen_ai.agent.name': 'researcher' },       null],
  ['GET /orders',             {},                                                                           null],
])('%s %o is the work of %s', (name, known, agent) => {
  expect(agentOf(name, known)).toBe(agent)
})
