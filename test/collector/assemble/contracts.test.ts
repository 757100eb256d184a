/** Runs of several runtimes in one book: each folded and judged by its own contract, whatever the order of its records. */
import { assert, property, shuffledSubarray } from '../../kit/properties.ts'
import { expect, test } from 'vitest'
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { makeChecklist } from '../../../collector/assess/make-checklist.ts'
import { PRESETS } from '../../../collector/assess/parse-contract.ts'
import { chooseProgressions } from '../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../collector/contracts.ts'
import { START } from '../../kit/manual-clock.ts'
import { restoreBook } from '../../kit/restore-book.ts'
import { deliverySignal, SOURCE, spanSignal } from './signals.ts'

const contracts = openContracts(chooseProgressions(PRESETS))

function open() {
  return openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: () => {},
  })
}

/** Messages in the order of their seq: `type` or `type of call`. */
function messages(contract: string, said: readonly string[]) {
  return said.map((text, index) => {
    const [event = '', toolCallId = null] = text.split(' of ')
    const seen = { seq: index + 1, event, toolCallId, traceId: null }
    return deliverySignal({ ...seen, source: { ...SOURCE, contract }, states: [{ state: 'emitted', at: START }] })
  })
}

function checklist(contract: string, said: readonly string[], seconds: number) {
  const book = open()
  book.apply(messages(contract, said), START)
  book.advance(START + seconds * 1_000)
  const run = book.find('run_1')
  if (run === null) throw new Error('no run')
  return makeChecklist(run, contracts.of(run.facts.contract)).map(({ event, state }) => `${event} ${state}`)
}

const TURNS = [
  'response.in_progress',
  'response.function_call_arguments.done of f1',
  'response.completed',
  'response.in_progress',
  'response.function_call_arguments.done of f2',
  'response.completed',
  'response.in_progress',
  'response.output_text.delta',
  'response.completed',
]

// oxfmt-ignore
test.each([
  ['ag-ui, in a tool',          'ag-ui',            ['RUN_STARTED', 'TEXT_MESSAGE_START', 'TOOL_CALL_END of t'],  400, ['RUN_STARTED done', 'TEXT_MESSAGE_START done', 'TOOL_CALL_END done', 'TOOL_CALL_RESULT overdue', 'RUN_FINISHED pending']],
  ['vercel, a failed tool',     'vercel-ui',        ['start', 'tool-input-available of t', 'tool-output-error of t'], 1, ['start done', 'text-start optional', 'tool-input-available done', 'tool-output-error done', 'finish pending']],
  ['openai, between two turns', 'openai-responses', ['response.in_progress', 'response.function_call_arguments.done of f', 'response.completed'], 1,
    ['response.in_progress done', 'response.content_part.added optional', 'response.function_call_arguments.done done', 'response.completed pending']],
  ['openai, at the end',        'openai-responses', TURNS, 1,
    ['response.in_progress done', 'response.content_part.added optional', 'response.function_call_arguments.done done', 'response.completed done']],
  ['a2a, silent',               'a2a',              ['status_update:WORKING'],                                    400, ['*SUBMITTED optional', 'status_update:WORKING done', '*COMPLETED overdue']],
  ['claude, done',              'claude-agent-sdk', ['system:init', 'assistant:text', 'result:success'],          1,   ['system:init done', 'assistant:text done', '*:ToolUseBlock optional', '*:ToolResultBlock optional', 'result:success done']],
] as const)('the checklist is that of the contract: %s', (_what, contract, said, seconds, expected) => {
  expect(checklist(contract, said, seconds)).toEqual(expected)
})

// oxfmt-ignore
test.each([
  ['the first turn ended',          3, 'running'],
  ['the second began',              4, 'running'],
  ['the second ended',              6, 'running'],
  ['the last began',                7, 'running'],
  ['the last ended',                9, 'completed'],
])('of several turns, when %s, in any order of arrival', (_what, count, status) => {
  assert(
    property(shuffledSubarray([...TURNS.keys()].slice(0, count), { minLength: count }), (order) => {
      const book = open()
      const all = messages('openai-responses', TURNS)
      for (const index of order) book.apply(all.slice(index, index + 1), START)
      expect(book.find('run_1')?.verdict.status).toBe(status)
    }),
    { numRuns: 200 },
  )
})

test('types that the contract does not know are counted once a message, kept, and said in the evidence', () => {
  const book = open()
  const all = messages('ag-ui', ['RUN_STARTED', 'foo', 'foo', 'RAW', 'bar'])
  book.apply(all, START)
  book.apply(all, START + 1)
  expect(book.unknownEvents()).toEqual({ foo: 2, bar: 1 })
  const run = book.find('run_1')
  expect(run?.facts.messages[2]?.event).toBe('foo')
  const line = { text: '3 messages of types the contract ag-ui does not know: foo ×2, bar ×1', ref: 'delivery:2' }
  expect(run?.verdict.evidence).toContainEqual(line)

  const restored = open()
  restoreBook(restored, book.snapshot())
  expect(restored.unknownEvents()).toEqual({ foo: 2, bar: 1 })
})

test('a sender that makes up types fills one line', () => {
  const book = open()
  book.apply(
    messages(
      'ag-ui',
      Array.from({ length: 200 }, (_, index) => `made-up-${index}`),
    ),
    START,
  )
  const counts = book.unknownEvents()
  expect(Object.keys(counts)).toHaveLength(65)
  expect(counts['other types']).toBe(136)
})

test('spans name the contract as well: the resource of the run span decides', () => {
  const book = open()
  book.apply([spanSignal({ source: { ...SOURCE, contract: 'a2a' } })], START)
  const [run] = book.rows()
  expect(run?.facts.contract).toBe('a2a')
})
