/** Streams as agents send them today: what each of their frames is called in the contract of its kind. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createUIMessageStream, pipeUIMessageStreamToResponse } from 'ai'
import { afterEach, describe, expect, test } from 'vitest'
import { loadPreset } from '../../collector/assess/read-progression.ts'
import { isKnown } from '../../collector/progression.ts'
import { wordsOfFrame } from '../../sdk/read-message.ts'
import { readStream } from '../../sdk/read-stream.ts'

function wordsOf(sent: string): string[] {
  const reader = readStream()
  return [...reader.read(sent), ...reader.end()].flatMap(({ event, data }) => {
    if (data === '[DONE]') return []
    const words = wordsOfFrame({ event: event ?? 'message', frame: JSON.parse(data) as unknown })
    return words === null ? [] : [[words.event, words.toolCallId].filter((word) => word !== undefined).join(' ')]
  })
}

/** `data: {…}`, as AG-UI's encoder and the Vercel AI SDK write it. */
const dataOnly = (frames: readonly object[]) => frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('')
/** With the type as the event's name as well, as the OpenAI API writes it. */
const named = (frames: readonly { readonly type: string; readonly [field: string]: unknown }[]) =>
  frames.map((frame) => `event: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`).join('')

// oxfmt-ignore
const STREAMS = [
  {
    contract: 'ag-ui',
    sent: dataOnly([
      { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Hello' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm' },
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search' },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
      { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm2', content: '[]' },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
    ]),
    words: ['RUN_STARTED', 'TEXT_MESSAGE_START', 'TEXT_MESSAGE_CONTENT', 'TEXT_MESSAGE_END', 'TOOL_CALL_START c', 'TOOL_CALL_END c', 'TOOL_CALL_RESULT c', 'RUN_FINISHED'],
  },
  {
    contract: 'ag-ui',
    sent: dataOnly([
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome: { type: 'success' } },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome: { type: 'interrupt', interrupts: [] } },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome: { type: 'cancelled' } },
      { type: 'RUN_ERROR', message: 'no' },
      { type: 'RUN_ERROR', message: 'no', code: 'INCOMPLETE_STREAM' },
    ]),
    words: ['RUN_FINISHED:success', 'RUN_FINISHED:interrupt', 'RUN_FINISHED:cancelled', 'RUN_ERROR', 'RUN_ERROR:INCOMPLETE_STREAM'],
  },
  {
    contract: 'vercel-ui',
    sent: `${dataOnly([
      { type: 'start', messageId: 'm' },
      { type: 'start-step' },
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'search', input: {} },
      { type: 'tool-output-available', toolCallId: 'c', output: 1, preliminary: true },
      { type: 'tool-output-available', toolCallId: 'c', output: 2 },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Hello' },
      { type: 'text-end', id: 't' },
      { type: 'finish-step' },
      { type: 'finish' },
    ])}data: [DONE]\n\n`,
    words: ['start', 'start-step', 'tool-input-available c', 'tool-output-available:preliminary c', 'tool-output-available c', 'text-start', 'text-delta', 'text-end', 'finish-step', 'finish'],
  },
  {
    contract: 'openai-responses',
    sent: named([
      { type: 'response.created', sequence_number: 0, response: { id: 'resp_1' } },
      { type: 'response.in_progress', sequence_number: 1 },
      { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'Hello' },
      { type: 'response.function_call_arguments.done', item_id: 'fc_1', arguments: '{}' },
      { type: 'response.web_search_call.in_progress', item_id: 'ws_1' },
      { type: 'response.web_search_call.completed', item_id: 'ws_1' },
      { type: 'response.incomplete', response: { id: 'resp_1' } },
      { type: 'response.failed', response: { id: 'resp_1' } },
      { type: 'response.completed', response: { id: 'resp_1' } },
    ]),
    words: ['response.created', 'response.in_progress', 'response.output_text.delta', 'response.function_call_arguments.done fc_1', 'response.web_search_call.in_progress ws_1', 'response.web_search_call.completed ws_1', 'response.incomplete', 'response.failed', 'response.completed'],
  },
  {
    contract: 'laststep',
    sent: ['agent_started', 'tool_executing', 'agent_completed'].map((type) => JSON.stringify({ type, run_id: 'r', payload: { tool_call_id: 'c' } })).join('\n'),
    words: ['agent_started c', 'tool_executing c', 'agent_completed c'],
  },
] as const

test.each(STREAMS)('a stream of $contract', ({ contract, sent, words }) => {
  expect(wordsOf(sent)).toEqual(words)
  const progression = loadPreset(contract)
  expect(words.filter((word) => !isKnown(progression, word.split(' ')[0] ?? ''))).toEqual([])
})

describe('the Vercel AI SDK itself', () => {
  let server: Server
  afterEach(() => server.close())

  test('sends nothing that the contract vercel-ui does not know', async () => {
    server = createServer((_request, response) => {
      const stream = createUIMessageStream({
        execute({ writer }) {
          writer.write({ type: 'start', messageId: 'm' })
          writer.write({ type: 'tool-input-available', toolCallId: 'c', toolName: 'search', input: {} })
          writer.write({ type: 'tool-output-available', toolCallId: 'c', output: 'x' })
          writer.write({ type: 'text-start', id: 't' })
          writer.write({ type: 'text-delta', id: 't', delta: 'Hello' })
          writer.write({ type: 'text-end', id: 't' })
          writer.write({ type: 'finish' })
        },
      })
      void pipeUIMessageStreamToResponse({ response, stream })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const words = wordsOf(await (await fetch(`http://127.0.0.1:${port}`)).text())
    expect(words).toEqual([
      'start',
      'tool-input-available c',
      'tool-output-available c',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ])
    const progression = loadPreset('vercel-ui')
    expect(words.filter((word) => !isKnown(progression, word.split(' ')[0] ?? ''))).toEqual([])
  })
})
