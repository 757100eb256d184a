import { describe, expect, test } from 'vitest'
import { loadPreset, readProgression } from '../../../collector/assess/read-progression.ts'
import { fillTemplate } from '../../../tools/probe/fill-template.ts'
import { readFrame } from '../../../tools/probe/read-frame.ts'

const theirs = readProgression(
  `
contract: theirs
version: 1
events:
  job.begun: { phase: started, edge: open }
  tool.on: { phase: tool, edge: open, pair: call }
  job.done:ok: { phase: terminal, outcome: succeeded }
frames:
  event: ['job.{what}:{how}', 'job.{what}', '{kind}']
  run: [job.id, id]
  seq: n
  text: [say, job.say]
`,
  'theirs.yaml',
)

describe('what a frame is', () => {
  // oxfmt-ignore
  test.each([
    // contract               frame                                                              event           run    seq   call  text
    ['a name made of two',    { what: 'done', how: 'ok', id: 'r', n: 3 },                        'job.done:ok',  'r',   3,    null, null],
    ['its second word away',  { what: 'begun', id: 'r', n: 1 },                                  'job.begun',    'r',   1,    null, null],
    ['another field',         { kind: 'tool.on', id: 'r', n: 2, body: { call: 'c1' } },          'tool.on',      'r',   2,    'c1', null],
    ['the first path counts', { kind: 'x', job: { id: 'a', say: 'hi' }, id: 'b', n: 4 },         'x',            'a',   4,    null, 'hi'],
    ['no run, no number',     { kind: 'hello', n: 9 },                                           'hello',        null,  null, null, null],
    ['a number that is none', { kind: 'x', id: 'r', n: '5' },                                    'x',            'r',   null, null, null],
    ['a pair that is deep',   { kind: 'tool.on', id: 'r', n: 2, a: { b: { call: 'c2' } } },      'tool.on',      'r',   2,    'c2', null],
    ['a name that is none',   { kind: { a: 1 } },                                                null,           null,  null, null, null],
    ['inherited, not there',  { kind: 'toString', id: 'r', n: 1 },                               'toString',     'r',   1,    null, null],
    ['a list',                [1, 2],                                                            null,           null,  null, null, null],
  ] as const)('%s', (_what, frame, event, runId, seq, callId, text) => {
    expect(readFrame(JSON.stringify(frame), theirs)).toMatchObject({ event, runId, seq, callId, text })
  })

  test('one that is not JSON is quoted, and has no name', () => {
    expect(readFrame('<html>', theirs)).toMatchObject({ event: null, runId: null, text: 'not JSON: <html>' })
  })

  // oxfmt-ignore
  test.each([
    ['laststep',         { type: 'tool_executing', run_id: 'r', thread_id: 't', seq: 5, payload: { tool_call_id: 'c', tool_name: 'add' } }, { event: 'tool_executing', runId: 'r', threadId: 't', seq: 5, callId: 'c', text: 'add' }],
    ['laststep',         { type: 'run_rejected', run_id: null, thread_id: null, seq: 0, payload: { code: 'invalid', message: 'no' } },      { event: 'run_rejected', runId: null, seq: null, text: 'no' }],
    ['ag-ui',            { type: 'RUN_FINISHED', runId: 'r', threadId: 't', outcome: { type: 'interrupt' } },                               { event: 'RUN_FINISHED:interrupt', runId: 'r', threadId: 't' }],
    ['ag-ui',            { type: 'RUN_FINISHED', runId: 'r', threadId: 't' },                                                               { event: 'RUN_FINISHED' }],
    ['ag-ui',            { type: 'RUN_ERROR', message: 'gone', code: 'INCOMPLETE_STREAM' },                                                 { event: 'RUN_ERROR:INCOMPLETE_STREAM', text: 'gone' }],
    ['ag-ui',            { type: 'TOOL_CALL_END', toolCallId: 'c' },                                                                        { event: 'TOOL_CALL_END', callId: 'c' }],
    ['openai-responses', { type: 'response.output_text.delta', sequence_number: 7, delta: 'Hel' },                                          { event: 'response.output_text.delta', seq: 7, text: 'Hel' }],
    ['openai-responses', { type: 'response.function_call_arguments.done', sequence_number: 8, item_id: 'i' },                               { callId: 'i', seq: 8 }],
  ] as const)('%s: %o', (preset, frame, expected) => {
    expect(readFrame(JSON.stringify(frame), loadPreset(preset))).toMatchObject(expected)
  })
})

describe('a template', () => {
  const words: Record<string, unknown> = { text: 'a "b"', seq: 7, flag: false }
  const fill = (template: unknown) => fillTemplate(template, (word) => words[word])

  // oxfmt-ignore
  test.each([
    ['a word alone keeps its type',           '{seq}',                                 7],
    ['false is a value',                      '{flag}',                                false],
    ['text around it makes text',             'n{seq}',                                'n7'],
    ['what has no value leaves with its key', { a: '{text}', b: '{agent}', c: { d: '{agent}' } }, { a: 'a "b"', c: {} }],
    ['text with a hole in it has no value',   { a: 'to {agent}' },                     {}],
    ['lists are gone through',                [{ id: '{seq}' }, 'x'],                  [{ id: 7 }, 'x']],
    ['anything else stays',                   { a: 1, b: null, c: true },              { a: 1, b: null, c: true }],
  ])('%s', (_what, template, expected) => expect(fill(template)).toEqual(expected))
})
