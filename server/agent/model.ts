/** The model an agent thinks with: the scripted one, or any OpenAI-compatible endpoint. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel } from 'ai'
import type { Clock } from '../../contract/clock.ts'
import { scriptedModel } from './scripted-model.ts'

export type Model = Extract<LanguageModel, { specificationVersion: 'v4' }>
export type ModelCall = Parameters<Model['doStream']>[0]
export type ModelChunk =
  Awaited<ReturnType<Model['doStream']>> extends { stream: ReadableStream<infer Chunk> } ? Chunk : never

export interface ModelEndpoint {
  readonly url: string
  readonly key: string | null
  readonly name: string
}

/** @param endpoint null for the scripted model */
export function chooseModel(endpoint: ModelEndpoint | null, clock: Clock): Model {
  if (endpoint === null) return scriptedModel(clock)
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: endpoint.url,
    ...(endpoint.key === null ? {} : { apiKey: endpoint.key }),
  })
  return provider(endpoint.name)
}
