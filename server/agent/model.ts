/** A language model in the words of the AI SDK, whichever it is. */
import type { LanguageModel } from 'ai'

export type Model = Extract<LanguageModel, { specificationVersion: 'v4' }>
export type ModelCall = Parameters<Model['doStream']>[0]
export type ModelChunk =
  Awaited<ReturnType<Model['doStream']>> extends { stream: ReadableStream<infer Chunk> } ? Chunk : never
