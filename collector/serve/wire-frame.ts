/**
 * A frame of the live feed as its bytes go over the wire (RFC 6455, 5.2), made once however many readers there are, and
 * only when the first of them asks for it.
 */
import { constants, deflateRawSync } from 'node:zlib'
import type { InvestigationFrame, LiveFrame } from '../../contract/live.ts'

export interface WireFrame {
  readonly plain: Buffer
  /** For whoever understands permessage-deflate (RFC 7692) with no context taken over. */
  readonly deflated: Buffer
}

/** The last frame of a text message, and the same with the bit that says that it is compressed. */
const TEXT = 0x81
const TEXT_DEFLATED = 0xc1
/** Less than this is not worth compressing: it goes in one packet. */
const DEFLATE_FROM = 1_024
/** As good as the highest on rows that look alike, and twice as fast. */
const LEVEL = 3
/** Each compressed message ends with these four bytes; they are not sent (RFC 7692, 7.2.1). */
const TAIL_BYTES = 4

export function wireFrame(frame: LiveFrame | InvestigationFrame): WireFrame {
  let text: Buffer | null = null
  let plain: Buffer | null = null
  let deflated: Buffer | null = null
  const textOf = (): Buffer => (text ??= Buffer.from(JSON.stringify(frame)))
  return {
    get plain() {
      return (plain ??= withHead(TEXT, textOf()))
    },
    get deflated() {
      return (deflated ??= textOf().length < DEFLATE_FROM ? this.plain : withHead(TEXT_DEFLATED, deflate(textOf())))
    },
  }
}

function deflate(text: Buffer): Buffer {
  return deflateRawSync(text, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -TAIL_BYTES)
}

/** Servers do not mask. */
function withHead(first: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 2 ** 16 ? 4 : 10)
  head.writeUInt8(first, 0)
  if (length < 126) head.writeUInt8(length, 1)
  else if (length < 2 ** 16) {
    head.writeUInt8(126, 1)
    head.writeUInt16BE(length, 2)
  } else {
    head.writeUInt8(127, 1)
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}
