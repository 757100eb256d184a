import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Refusal } from './answer.ts'
import { createBodyPool } from './body-pool.ts'
import type { BytesInFlight } from './bytes-in-flight.ts'
import { declaredLength, type Compression } from './declared-length.ts'

/** Inflating is the one place where a kilobyte becomes 64 MiB; few at a time keep the sum small. */
const INFLATE_AT_ONCE = 4
const INFLATE_CHUNK = 262_144
/**
 * Gzip tells the length of its last member only, and hardly anybody sends several; more than this beyond it is a bomb
 * that lies, and finding that out for all of its 64 MiB would keep others waiting.
 */
const BEYOND_DECLARED_MAX = 8 * 1_048_576

export interface Body {
  readonly bytes: Buffer
  /** Gives the bytes back to the budget, and their memory to the next body: call it once, when nobody looks at them. */
  release(): void
}

export interface BodyReader {
  /** The body of a request over HTTP, decompressed. */
  read(request: IncomingMessage): Promise<Body>
  /** What a body that is here already becomes. */
  inflate(compression: Compression, raw: Buffer): Promise<Body>
}

/**
 * Read and decompress request bodies.
 * @throws Refusal `too-large` (raw or decompressed), `too-much` (no room now), `malformed`, `unknown-type` (encoding)
 */
export function createBodyReader(bytesMax: number, inFlight: BytesInFlight): BodyReader {
  const inflateInTurn = limitConcurrency(INFLATE_AT_ONCE)
  const limit: Limit = { bytesMax, refusal: tooLarge(bytesMax) }
  const pool = createBodyPool()
  const inflateBody = async (compression: Compression, raw: Buffer): Promise<Body> => {
    const declared = declaredLength(compression, raw)
    if (declared !== null && declared > bytesMax) throw limit.refusal
    // Zstd's own decoder holds a frame to its word.
    const believedMax = compression === 'gzip' && declared !== null ? declared + BEYOND_DECLARED_MAX : bytesMax
    const believed = believedMax < bytesMax ? { bytesMax: believedMax, refusal: LYING } : limit
    return collectInto(takeShare(inFlight), (share) => inflateInTurn(() => inflate(compression, raw, believed, share)))
  }
  return {
    async read(request) {
      const compression = compressionOf(request.headers['content-encoding'])
      const length = Number(request.headers['content-length'] ?? 0)
      if (length > bytesMax) throw limit.refusal
      const room = length > 0 ? pool.take(length) : null
      const read = await collectInto(takeShare(inFlight), (share) => collect(request, limit, share, room))
      const raw = room === null ? read : givingBack(read, () => pool.give(room))
      if (compression === null) return raw
      return inflateBody(compression, raw.bytes).finally(raw.release)
    },
    inflate: inflateBody,
  }
}

/** What one body holds of the bytes in flight. */
interface Share {
  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean
  release(): void
}

function takeShare(inFlight: BytesInFlight): Share {
  let held = 0
  return {
    take(bytes) {
      const hasRoom = inFlight.take(bytes)
      if (hasRoom) held += bytes
      return hasRoom
    },
    release() {
      inFlight.give(held)
      held = 0
    },
  }
}

function givingBack(body: Body, giveBack: () => void): Body {
  return {
    bytes: body.bytes,
    release() {
      body.release()
      giveBack()
    },
  }
}

async function collectInto(share: Share, read: (share: Share) => Promise<Buffer>): Promise<Body> {
  try {
    return { bytes: await read(share), release: share.release }
  } catch (error) {
    share.release()
    throw error
  }
}

function compressionOf(encoding = 'identity'): Compression | null {
  switch (encoding.toLowerCase()) {
    case '':
    case 'identity':
    case 'none':
      return null
    case 'gzip':
      return 'gzip'
    case 'zstd':
      return 'zstd'
    default:
      throw new Refusal('unknown-type', `content-encoding ${encoding} is not known: use none, gzip or zstd`)
  }
}

/**
 * Resolves with everything `source` gives; stops listening, without destroying it, once it is too much.
 * What finds no room is let go of, and counted to its end: only so is it known whether it may come again (no room now)
 * or never (too large).
 */
function collect(
  source: IncomingMessage | Transform,
  limit: Limit,
  share: Share,
  room: Buffer | null = null,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let length = 0
    let hasRoom = true
    const fail = (refusal: Refusal): void => {
      source.off('data', take)
      reject(refusal)
    }
    const take = (chunk: Buffer): void => {
      length += chunk.length
      if (length > limit.bytesMax) return fail(limit.refusal)
      if (hasRoom && share.take(chunk.length)) {
        // The length was told beforehand, and the parser holds the sender to it.
        if (room === null) chunks.push(chunk)
        else chunk.copy(room, length - chunk.length)
        return
      }
      hasRoom = false
      chunks = []
      share.release()
    }
    source.on('data', take)
    let ended = false
    source.once('end', () => {
      ended = true
      if (!hasRoom) return fail(new Refusal('too-much', 'too many bytes in flight; send again in a second'))
      if (room !== null) resolve(room.subarray(0, length))
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length))
    })
    source.once('error', (error) => fail(unreadable(error.message)))
    source.once('close', () => ended || fail(unreadable('it ended too early')))
  })
}

const INFLATERS: Readonly<Record<Compression, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: INFLATE_CHUNK }),
  zstd: () => createZstdDecompress({ chunkSize: INFLATE_CHUNK }),
}

async function inflate(compression: Compression, raw: Buffer, limit: Limit, share: Share): Promise<Buffer> {
  const inflater = INFLATERS[compression]()
  try {
    const inflated = collect(inflater, limit, share)
    inflater.end(raw)
    return await inflated
  } finally {
    inflater.destroy()
  }
}

function unreadable(why: string): Refusal {
  return new Refusal('malformed', `the body cannot be read or decompressed: ${why}`)
}

/** How long a body may become, and what is said of one that becomes longer. */
interface Limit {
  readonly bytesMax: number
  readonly refusal: Refusal
}

const LYING = new Refusal('too-large', 'the body becomes much larger than it says at its end: send it in parts')

function tooLarge(bytesMax: number): Refusal {
  return new Refusal(
    'too-large',
    `the body is larger than ${bytesMax} bytes, as sent or decompressed: send it in parts`,
  )
}

function limitConcurrency(max: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}
