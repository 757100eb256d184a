/** Records what is sent over a response of `node:http`, or of the compatibility API of `node:http2`. */
import type { RecordedStream } from './record-stream.ts'

/** What is used of `ServerResponse`. */
export interface NodeResponse {
  readonly req?: { readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> }
  write(...values: never[]): boolean
  end(...values: never[]): unknown
  destroy(...values: never[]): unknown
  on(event: 'finish' | 'close', listener: () => void): unknown
}

type Callback = (error?: Error | null) => void

interface LooseResponse {
  readonly socket?: { readonly readableEnded?: boolean; readonly errored?: Error | null } | null
  write(chunk: unknown, encoding?: unknown, callback?: Callback): boolean
  end(chunk?: unknown, encoding?: unknown, callback?: Callback): unknown
  destroy(error?: Error): unknown
  on(event: 'finish' | 'close', listener: () => void): unknown
}

export function recordResponse(response: NodeResponse, stream: RecordedStream): void {
  const loose = response as unknown as LooseResponse
  const write = loose.write.bind(response)
  const end = loose.end.bind(response)
  const destroy = loose.destroy.bind(response)
  // Gone from the response when it is closed.
  const { socket } = loose
  let isEnding = false
  let isDestroyed = false
  let reason: string | undefined

  loose.write = (chunk, encoding, callback) => {
    // What ends a response may write its last piece by this very method.
    const piece = isEnding ? null : pieceOf(chunk, encoding)
    const messages = piece === null ? [] : stream.offer(piece)
    if (messages.length === 0) return write(chunk, encoding, callback)
    const done = typeof encoding === 'function' ? (encoding as Callback) : callback
    const written: Callback = (error) => {
      // Any other error means that the connection is gone, and what that means is told with its close.
      if (!error || isAfterEnd(error)) stream.settle(messages, error)
      done?.(error)
    }
    return typeof encoding === 'function' ? write(chunk, undefined, written) : write(chunk, encoding, written)
  }

  loose.end = (chunk, encoding, callback) => {
    const piece = isEnding ? null : pieceOf(chunk, encoding)
    if (piece !== null) stream.offer(piece)
    if (!isEnding) stream.offerEnd()
    isEnding = true
    return end(chunk, encoding, callback)
  }

  loose.destroy = (error) => {
    isDestroyed = true
    reason ??= error?.message
    return destroy(error)
  }

  let isFinished = false
  response.on('finish', () => {
    isFinished = true
    stream.finish()
  })
  response.on('close', () => {
    if (isFinished || isDestroyed) return stream.close('server', reason)
    // The other side's end or error is on the socket; without either it was this side that took it down.
    const isTheirs = socket?.readableEnded === true || (socket?.errored ?? null) !== null
    stream.close(socket ? (isTheirs ? 'client' : 'server') : null)
  })
}

/** The server's own mistake: the response goes on without this piece. */
function isAfterEnd(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_STREAM_WRITE_AFTER_END'
}

/** Null for what the response itself is going to refuse. */
function pieceOf(chunk: unknown, encoding: unknown): Uint8Array | string | null {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk !== 'string') return null
  return typeof encoding === 'string' && !/^utf-?8$/i.test(encoding)
    ? Buffer.from(chunk, encoding as BufferEncoding)
    : chunk
}
