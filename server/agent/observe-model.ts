/**
 * A model call as a step of the run: a span that stays open while the stream does, a count of pieces of the answer as
 * its progress, and `agent_thinking` while text comes.
 */
import { wrapLanguageModel } from 'ai'
import type { Span } from '@opentelemetry/api'
import type { Clock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { RunScope } from '../run-scope.ts'
import type { Model, ModelChunk } from './model.ts'

/** Thinking is told in pieces people can follow, not token by token. */
const TELL_EVERY_MS: Millis = 300

export function observeModel(model: Model, scope: RunScope, clock: Clock): Model {
  let calls = 0
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      wrapStream: ({ doStream }) =>
        new Promise((resolve, reject) => {
          const begun = scope.sabotage.beforeModel(++calls, scope.signal)
          void begun.then(() => callModel(model.modelId, doStream, resolve, scope, clock)).catch(reject)
        }),
    },
  })
}

type StreamResult = Awaited<ReturnType<Model['doStream']>>

/** Hands the stream on at once; the phase lasts until the stream has ended. */
function callModel(
  name: string,
  doStream: () => PromiseLike<StreamResult>,
  handOn: (result: StreamResult) => void,
  scope: RunScope,
  clock: Clock,
): Promise<void> {
  return scope.phase('reasoning', name, async (span) => {
    await scope.sabotage.callModel()
    const result = await doStream()
    const { observed, ended } = observeStream(result.stream, scope, span, clock)
    handOn({ ...result, stream: observed })
    await ended
  })
}

/** @returns the same chunks, and a promise that settles with the stream's end, its failure or the run's cancellation */
function observeStream(stream: ReadableStream<ModelChunk>, scope: RunScope, span: Span, clock: Clock) {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  scope.signal.addEventListener('abort', () => reject(scope.signal.reason), { once: true })
  return { observed: ReadableStream.from(observe()), ended }

  async function* observe() {
    const thinking = createThinking(scope, span, clock)
    let count = 0
    try {
      for await (const chunk of scope.sabotage.listen(stream)) {
        await scope.sabotage.beforeChunk(++count)
        if (chunk.type === 'error') reject(chunk.error)
        // A thought shows the model at work, by `agent_thinking`; progress is a piece of the answer.
        if (chunk.type === 'text-delta') scope.progress(span)
        if (chunk.type === 'reasoning-delta' || chunk.type === 'text-delta') thinking.add(chunk.delta)
        if (chunk.type === 'reasoning-end' || chunk.type === 'text-end') thinking.tell()
        yield chunk
      }
    } catch (error) {
      reject(error)
      throw error
    } finally {
      resolve()
    }
  }
}

function createThinking(scope: RunScope, span: Span, clock: Clock) {
  let untold = ''
  let toldAt = -Infinity
  const tell = () => {
    if (untold === '') return
    scope.notifier.emit('agent_thinking', { text: untold }, span)
    untold = ''
    toldAt = clock.now()
  }
  return {
    tell,
    add(text: string) {
      untold += text
      if (clock.now() - toldAt >= TELL_EVERY_MS) tell()
    },
  }
}
