/**
 * Records what is read from the body of a web `Response`. Its pieces pass through unchanged and only when they are asked
 * for; whoever asks for the next one has handed the last one on.
 */
import type { Delivery } from './delivery-recorder.ts'
import type { RecordedStream } from './record-stream.ts'

export function recordBody(body: ReadableStream<Uint8Array>, stream: RecordedStream): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let last: readonly Delivery[] = []
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stream.settle(last)
        last = []
        try {
          const { done, value } = await reader.read()
          if (done) {
            stream.offerEnd()
            stream.finish()
            stream.close('server')
            controller.close()
          } else {
            last = value instanceof Uint8Array ? stream.offer(value) : []
            controller.enqueue(value)
          }
        } catch (error) {
          stream.close('server', error instanceof Error ? error.message : String(error))
          throw error
        }
      },
      cancel(reason) {
        stream.close('client')
        return reader.cancel(reason)
      },
    },
    // Nothing is read ahead: the piece asked for last is the only one on its way.
    { highWaterMark: 0 },
  )
}
