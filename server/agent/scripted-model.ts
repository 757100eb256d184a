/**
 * A language model without a network: it thinks aloud, calls the tools the request's words ask for, one at a time, and
 * answers from their results. The same request always gets the same words in the same rhythm.
 */
import { sleep, type Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { Model, ModelCall, ModelChunk } from './model.ts'
import { phraseAnswer, type ToolOutput } from './phrase-answer.ts'
import { planToolCalls } from './plan-tool-calls.ts'

export const SCRIPTED_MODEL = 'scripted-1'

const WORDS_PER_CHUNK = 2
/** A chunk comes 20 to 60 ms after the one before, as from a hosted model. */
const PAUSE_MIN_MS: Millis = 20
const PAUSE_SPREAD_MS: Millis = 41

export function scriptedModel(clock: Clock): Model {
  return {
    specificationVersion: 'v4',
    provider: 'laststep',
    modelId: SCRIPTED_MODEL,
    supportedUrls: {},
    doStream: async (call) => ({ stream: ReadableStream.from(speak(call, clock)) }),
    doGenerate: () => Promise.reject(new Error(`${SCRIPTED_MODEL} only streams`)),
  }
}

async function* speak(call: ModelCall, clock: Clock): AsyncGenerator<ModelChunk> {
  const prompt = readPrompt(call)
  const plan = planToolCalls(prompt.request, prompt.instructions, prompt.tools)
  const next = plan[prompt.results.length]
  yield { type: 'stream-start', warnings: [] }
  yield { type: 'reasoning-start', id: 'thinking' }
  const thought = next ? next.thought : `The results are in, so I can answer: "${prompt.request.slice(0, 80)}".`
  for await (const delta of chunksOf(thought, call, clock)) yield { type: 'reasoning-delta', id: 'thinking', delta }
  yield { type: 'reasoning-end', id: 'thinking' }
  if (next) {
    const toolCallId = `call_${prompt.results.length + 1}`
    yield { type: 'tool-call', toolCallId, toolName: next.tool, input: JSON.stringify(next.input) }
  } else {
    yield { type: 'text-start', id: 'answer' }
    for await (const delta of chunksOf(phraseAnswer(prompt.request, prompt.results), call, clock))
      yield { type: 'text-delta', id: 'answer', delta }
    yield { type: 'text-end', id: 'answer' }
  }
  yield {
    type: 'finish',
    finishReason: { unified: next ? 'tool-calls' : 'stop', raw: undefined },
    usage: {
      inputTokens: { ...NOT_COUNTED, total: countTokens(prompt.request) },
      outputTokens: { ...NOT_COUNTED, total: countTokens(thought) },
    },
  }
}

const NOT_COUNTED = {
  noCache: undefined,
  cacheRead: undefined,
  cacheWrite: undefined,
  text: undefined,
  reasoning: undefined,
}

/** Four characters make about one token of English. */
function countTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

interface Prompt {
  readonly instructions: string
  readonly request: string
  readonly tools: readonly string[]
  /** What the tools gave since the last request, in order. */
  readonly results: readonly ToolOutput[]
}

function readPrompt({ prompt, tools = [] }: ModelCall): Prompt {
  const asked = prompt.findLastIndex((message) => message.role === 'user')
  const instructions = prompt.flatMap((message) => (message.role === 'system' ? [message.content] : []))
  return {
    instructions: instructions.join('\n'),
    request: textOf(prompt[asked]),
    tools: tools.map(({ name }) => name),
    results: prompt.slice(asked + 1).flatMap(outputsOf),
  }
}

type PromptMessage = ModelCall['prompt'][number]

function textOf(message: PromptMessage | undefined): string {
  if (message?.role !== 'user') return ''
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}

function outputsOf(message: PromptMessage): ToolOutput[] {
  if (message.role !== 'tool') return []
  const results = message.content.filter((part) => part.type === 'tool-result')
  return results.map(({ toolName, output }) => ({
    tool: toolName,
    output: 'value' in output ? output.value : output.type,
  }))
}

async function* chunksOf(text: string, { abortSignal }: ModelCall, clock: Clock): AsyncGenerator<string> {
  const words = text.split(/(?<=\s)/)
  for (let first = 0; first < words.length; first += WORDS_PER_CHUNK) {
    const chunk = words.slice(first, first + WORDS_PER_CHUNK).join('')
    // Pseudo-random, yet the same for the same text.
    await sleep(clock, PAUSE_MIN_MS + ((first * 31 + text.length * 17) % PAUSE_SPREAD_MS))
    abortSignal?.throwIfAborted()
    yield chunk
  }
}
