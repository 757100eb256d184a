/** The two languages OpenAI-compatible clients speak. A dialect reads what was asked and words the reply. */

export interface ModelRequest {
  readonly model: string
  readonly stream?: boolean
  /** Chat Completions nests what Responses writes flat. */
  readonly tools?: readonly { readonly name?: string; readonly function?: { readonly name: string } }[]
  readonly messages?: readonly { readonly tool_calls?: readonly { readonly function: { readonly name: string } }[] }[]
  readonly input?: string | readonly { readonly type?: string; readonly name?: string }[]
}

export interface Dialect {
  readonly path: string
  /** Names of the tools the model may call. */
  offered(request: ModelRequest): string[]
  /** Names of the tools it has called already. */
  called(request: ModelRequest): string[]
  answer(model: string, text: string): Message
  call(model: string, tool: string): Message
  /** The reply as server-sent events, where a recorder asks for them. */
  events?(message: Message): string[]
}

/** A whole reply, as the service writes it. */
type Message = Readonly<Record<string, unknown>>

const CALL = { id: 'call_1', arguments: '{"customer":"u-1"}' }

const chatCompletions: Dialect = {
  path: '/chat/completions',
  offered: ({ tools = [] }) => tools.flatMap((tool) => tool.function?.name ?? []),
  called: ({ messages = [] }) =>
    messages.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => call.function.name)),
  answer: (model, text) => completion(model, { role: 'assistant', content: text }, 'stop'),
  call: (model, tool) => {
    const call = { id: CALL.id, type: 'function', function: { name: tool, arguments: CALL.arguments } }
    return completion(model, { role: 'assistant', content: null, tool_calls: [call] }, 'tool_calls')
  },
  events: (message) => {
    const { choices, ...rest } = message as ReturnType<typeof completion>
    const chunk = { ...rest, object: 'chat.completion.chunk' }
    const deltas = choices.flatMap(({ message: { tool_calls: calls = [], ...delta }, finish_reason }) => [
      {
        index: 0,
        delta: { ...delta, ...(calls.length > 0 && { tool_calls: calls.map(numbered) }) },
        finish_reason: null,
      },
      { index: 0, delta: {}, finish_reason },
    ])
    const chunks = deltas.map((choice) => `data: ${JSON.stringify({ ...chunk, usage: null, choices: [choice] })}`)
    return [...chunks, `data: ${JSON.stringify({ ...chunk, choices: [] })}`, 'data: [DONE]']
  },
}

const responses: Dialect = {
  path: '/responses',
  offered: ({ tools = [] }) => tools.flatMap(({ name = [] }) => name),
  called: ({ input = [] }) => {
    if (typeof input === 'string') return []
    return input.flatMap(({ type, name = [] }) => (type === 'function_call' ? name : []))
  },
  answer: (model, text) => {
    const content = [{ type: 'output_text', text, annotations: [] }]
    return response(model, { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content })
  },
  call: (model, tool) => {
    return response(model, {
      type: 'function_call',
      id: 'fc_1',
      call_id: CALL.id,
      name: tool,
      arguments: CALL.arguments,
    })
  },
}

export const DIALECTS: readonly Dialect[] = [chatCompletions, responses]

interface ChatMessage {
  readonly role: string
  readonly content: string | null
  readonly tool_calls?: readonly object[]
}

function completion(model: string, message: ChatMessage, finish_reason: string) {
  const usage = { prompt_tokens: 40, completion_tokens: 8, total_tokens: 48 }
  const choices = [{ index: 0, message, finish_reason }]
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1_700_000_000, model, choices, usage }
}

function response(model: string, item: object) {
  const usage = {
    input_tokens: 40,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 8,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 48,
  }
  const created = { id: 'resp_1', object: 'response', created_at: 1_700_000_000, status: 'completed' }
  return { ...created, model, output: [item], usage, error: null, tools: [], metadata: {} }
}

const numbered = (call: object, index: number) => ({ index, ...call })
