/** The compressions whose bodies say how long they become. */
export type Compression = 'gzip' | 'zstd'

/**
 * How long a compressed body says it becomes; null when it does not say. A bomb that says so is refused without being
 * inflated. One that lies is found by inflating it, a little further than it says.
 */
export function declaredLength(compression: Compression, raw: Buffer): number | null {
  return compression === 'gzip' ? lengthInGzip(raw) : lengthInZstd(raw)
}

const GZIP_MAGIC = 0x8b1f
/** Deflate makes no more than 1,032 bytes of one. */
const GZIP_RATIO_MAX = 1_032

/**
 * RFC 1952, ISIZE: the last four bytes, the length modulo 2^32, of the last member where there are several. What the
 * body could not become at all is no length but the end of something broken.
 */
function lengthInGzip(raw: Buffer): number | null {
  if (raw.length < 18 || raw.readUInt16LE(0) !== GZIP_MAGIC) return null
  const length = raw.readUInt32LE(raw.length - 4)
  return length <= raw.length * GZIP_RATIO_MAX ? length : null
}

const ZSTD_MAGIC = 0xfd2fb528

/** RFC 8878, 3.1.1.1: the first frame's `Frame_Content_Size`, whose own size is told by the two top bits of a flag. */
function lengthInZstd(raw: Buffer): number | null {
  if (raw.length < 18 || raw.readUInt32LE(0) !== ZSTD_MAGIC) return null
  const flags = raw.readUInt8(4)
  const isSingleSegment = (flags & 0x20) !== 0
  const dictionaryIdBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes
  switch (flags >> 6) {
    case 0:
      return isSingleSegment ? raw.readUInt8(at) : null
    case 1:
      return raw.readUInt16LE(at) + 256
    case 2:
      return raw.readUInt32LE(at)
    default:
      return raw.length < at + 8 ? null : Number(raw.readBigUInt64LE(at))
  }
}
