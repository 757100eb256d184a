/** What coding agents log of their runs, without a trace, read from both encodings. */
import { expect, test } from 'vitest'
import { attributesOf, readLogs, type Fields } from './read-both.ts'

const log = (own: object, fields: Fields): object => ({
  timeUnixNano: '5000000000',
  severityNumber: 9,
  attributes: attributesOf(fields),
  ...own,
})
const goal = { agent_id: 'a1', agent_name: 'scout' }
const prompt = { 'prompt.id': 'p1', 'session.id': 's1', 'user.id': 'ada' }
const claude = { agent: 'claude-code', runId: 'p1', sessionId: 's1', userId: 'ada', outcome: null }

// oxfmt-ignore
test.each<[string, object, Fields, object | null]>([
  // what is logged                    the record                                 its attributes                                                       the signal
  ['Gemini starts',                    { eventName: 'gemini_cli.agent.start' },   goal,                                                                { state: 'started', runId: 'a1', agent: 'scout', outcome: null }],
  ['Gemini starts, named within',      {},                                        { ...goal, 'event.name': 'gemini_cli.agent.start' },                 { state: 'started', runId: 'a1' }],
  ['Gemini reaches its goal',          { eventName: 'gemini_cli.agent.finish' },  { ...goal, terminate_reason: 'GOAL' },                               { state: 'ended', outcome: 'succeeded', reason: 'GOAL' }],
  ['Gemini runs out of time',          { eventName: 'gemini_cli.agent.finish' },  { ...goal, terminate_reason: 'TIMEOUT' },                            { state: 'ended', outcome: 'failed', reason: 'TIMEOUT' }],
  ['Gemini is stopped',                { eventName: 'gemini_cli.agent.finish' },  { ...goal, terminate_reason: 'ABORTED' },                            { state: 'ended', outcome: 'cancelled' }],
  ['Gemini, of no agent',              { eventName: 'gemini_cli.agent.start' },   {},                                                                  null],
  ['Claude Code hears a prompt',       { eventName: 'claude_code.user_prompt' },  prompt,                                                              { ...claude, state: 'started' }],
  ['Claude Code, the name in two',     { body: { stringValue: 'claude_code.user_prompt' } }, { ...prompt, 'event.name': 'user_prompt' },               { ...claude, state: 'started' }],
  ['Claude Code without prompt ids',   { eventName: 'claude_code.user_prompt' },  { 'session.id': 's1' },                                              { state: 'started', runId: 's1' }],
  ['Claude Code asks the model',       { eventName: 'claude_code.api_request' },  prompt,                                                              { ...claude, state: 'progressed' }],
  ['Claude Code is refused',           { eventName: 'claude_code.api_error' },    prompt,                                                              { ...claude, state: 'progressed' }],
  ['Claude Code may use a tool',       { eventName: 'claude_code.tool_decision' }, prompt,                                                             { ...claude, state: 'progressed' }],
  ['Claude Code has used a tool',      { eventName: 'claude_code.tool_result' },  prompt,                                                              { ...claude, state: 'progressed' }],
  ['Claude Code answers',              { eventName: 'claude_code.assistant_response' }, prompt,                                                        { ...claude, state: 'answered' }],
  ['Codex asks the model',             {},                                        { 'conversation.id': 'c1', 'event.name': 'codex.api_request' },      { state: 'progressed', runId: 'c1', agent: 'codex', sessionId: 'c1' }],
  ['Codex may use a tool',             {},                                        { 'conversation.id': 'c1', 'event.name': 'codex.tool_decision' },    { state: 'progressed', runId: 'c1' }],
  ['Codex has used a tool',            {},                                        { 'conversation.id': 'c1', 'event.name': 'codex.tool_result' },      { state: 'progressed', runId: 'c1' }],
  ['somebody else’s user prompt',      {},                                        { ...prompt, 'event.name': 'user_prompt' },                          null],
  ['somebody else’s log',              { eventName: 'app.started' },              prompt,                                                              null],
])('%s', (_what, own, fields, wanted) => {
  const signals = readLogs([log(own, fields)])
  if (wanted === null) expect(signals).toEqual([])
  else expect(signals).toMatchObject([{ kind: 'run', at: 5_000, traceId: null, owesEnd: false, ...wanted }])
})
