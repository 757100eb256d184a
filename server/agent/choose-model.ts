/** The model an agent thinks with: the scripted one, or any OpenAI-compatible endpoint. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { Clock } from '../../contract/clock.ts'
import type { Model } from './model.ts'
import { scriptedModel } from './scripted-model.ts'

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
