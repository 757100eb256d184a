/**
 * Records what an agent sends over HTTP one way: Server-Sent Events, and lines of JSON. AG-UI, the UI message stream of
 * the Vercel AI SDK and the stream of the OpenAI Responses API are such streams. What is sent, and when, stays the
 * server's business.
 *
 * Nothing on such a stream says that it arrived. What the client says by another request is believed: its receipts, and
 * the `Last-Event-ID` with which an `EventSource` is back.
 */
import { readClientFrame } from '../contract/frames.ts'
import { createDeliveryRecorder } from './delivery-recorder.ts'
import { numberMessages } from './number-messages.ts'
import { recordBody } from './record-body.ts'
import { recordResponse, type NodeResponse } from './record-response.ts'
import { recordStream, type StreamDescription } from './record-stream.ts'
import type { Reporter } from './reporter.ts'
import { rememberStreams } from './stream-memory.ts'

export interface RecordHttpStreamsOptions {
  /** The instance that gives the seqs, as the frames say it; the reporter's instance id unless given. */
  readonly epoch?: string
}

export interface HttpStreams {
  /**
   * Before anything is sent.
   * @returns what to send from now on: a Node response is itself, a web `Response` or its body is another
   */
  record<R extends NodeResponse>(response: R, description?: StreamDescription): R
  record(response: Response, description?: StreamDescription): Response
  record(body: ReadableStream<Uint8Array>, description?: StreamDescription): ReadableStream<Uint8Array>
  /**
   * What a client posted: an `ack`, or an array of them, as docs/PROTOCOL.md, 1.5 has them.
   * @param userId who posted it: acknowledges streams of this user alone
   * @returns false when it cannot be read
   */
  acknowledge(posted: string, userId?: string): boolean
}

export function recordHttpStreams(reporter: Reporter, options: RecordHttpStreamsOptions = {}): HttpStreams {
  const epoch = options.epoch ?? reporter.instanceId
  const recorder = createDeliveryRecorder(reporter, { epoch })
  const memory = rememberStreams(reporter.clock)
  const context = { reporter, recorder, numbers: numberMessages(), memory }

  function record(sent: NodeResponse | Response | ReadableStream<Uint8Array>, description: StreamDescription = {}) {
    if (sent instanceof ReadableStream) return recordBody(sent, recordStream(context, description))
    if (sent instanceof Response) {
      if (sent.body === null) return sent
      const { status, statusText, headers } = sent
      return new Response(recordBody(sent.body, recordStream(context, description)), { status, statusText, headers })
    }
    if (typeof sent.write !== 'function' || typeof sent.end !== 'function')
      throw new TypeError('laststep: record needs a response of node:http, a Response or a ReadableStream')
    const lastEventId = sent.req?.headers['last-event-id']
    const known = typeof lastEventId === 'string' ? { lastEventId } : {}
    recordResponse(sent, recordStream(context, { ...known, ...description }))
    return sent
  }

  return {
    record: record as HttpStreams['record'],
    acknowledge(posted, userId) {
      const frames = readAcks(posted)
      for (const frame of frames ?? []) if (frame.epoch === epoch) memory.acknowledge(frame, userId)
      return frames !== null
    },
  }
}

/** Null when anything in it is no ack. */
function readAcks(posted: string) {
  let parsed: unknown
  try {
    parsed = JSON.parse(posted)
  } catch {
    return null
  }
  const frames = [parsed].flat().map((each) => readClientFrame(JSON.stringify(each)))
  const acks = frames.filter((frame) => 'type' in frame && frame.type === 'ack')
  return acks.length === frames.length ? acks : null
}
