/**
 * What packing a sealed segment gives and costs: `node bench/packing.ts`. Bodies are made of ids and times that repeat
 * nowhere and of attributes whose words follow the usual curve, 30 KB an entry.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Place } from '../collector/entry.ts'
import { openSegmentLog } from '../collector/keep/segment-log.ts'
import { systemClock } from '../contract/clock.ts'

const MIB = 1_048_576
const ENTRY_BYTES = 30_000
const READS = 500
const WORDS = Array.from({ length: 4_000 }, (_, index) =>
  randomBytes(6)
    .toString('base64')
    .slice(0, 3 + (index % 5)),
)

const dir = mkdtempSync(join(tmpdir(), 'laststep-packing-'))
try {
  const bodies = Array.from({ length: 1_500 }, makeBody)
  compareBlocks(Buffer.concat(bodies))
  await readPacked(bodies)
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function makeBody(): Buffer {
  const spans: Buffer[] = []
  for (let bytes = 0; bytes < ENTRY_BYTES;) {
    const words = (): string =>
      Array.from({ length: 6 }, () => WORDS[Math.floor(Math.random() ** 2 * WORDS.length)]).join(' ')
    const attributes = Array.from({ length: 14 }, (_, index) => `app.request.attribute_${index}=${words()}`)
    const span = Buffer.concat([randomBytes(24), Buffer.from(attributes.join('\n')), randomBytes(6)])
    spans.push(span)
    bytes += span.length
  }
  return Buffer.concat(spans)
}

function compareBlocks(raw: Buffer): void {
  print(['block KiB', 'level', 'ratio', 'pack MiB/s', 'one read ms'])
  for (const block of [64, 256, 1_024])
    for (const level of [1, 3]) {
      const startedAt = systemClock.now()
      const packed: Buffer[] = []
      for (let at = 0; at < raw.length; at += block * 1_024)
        packed.push(
          zstdCompressSync(raw.subarray(at, at + block * 1_024), {
            params: { [constants.ZSTD_c_compressionLevel]: level },
          }),
        )
      const packMs = systemClock.now() - startedAt
      for (const piece of packed) zstdDecompressSync(piece)
      const readMs = (systemClock.now() - startedAt - packMs) / packed.length
      const bytes = packed.reduce((sum, piece) => sum + piece.length, 0)
      print([
        block,
        level,
        (raw.length / bytes).toFixed(2),
        (raw.length / MIB / (packMs / 1_000)).toFixed(0),
        readMs.toFixed(2),
      ])
    }
}

async function readPacked(bodies: readonly Buffer[]): Promise<void> {
  const log = await openSegmentLog({ dir, clock: systemClock, log: console })
  const places: Place[] = []
  while ((places.at(-1)?.segment ?? 0) < 3)
    for (const body of bodies)
      places.push(await log.append({ kind: 'traces', encoding: 'protobuf', receivedAt: systemClock.now(), body }))
  await log.packed()
  const old = places.filter(({ segment }) => segment === 1)
  const took: number[] = []
  for (let read = 0; read < READS; read++) {
    const startedAt = systemClock.now()
    await log.readAt(old[Math.floor(Math.random() * old.length)] as Place)
    took.push(systemClock.now() - startedAt)
  }
  took.sort((one, other) => one - other)
  const at = (share: number): string => (took[Math.floor(share * (READS - 1))] ?? 0).toFixed(2)
  console.log(
    `\na segment of 64 MiB takes ${(statSync(join(dir, '00000001.segment.zst')).size / MIB).toFixed(1)} MiB; ` +
      `an entry is read from it in ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  )
  await log.close()
}

function print(cells: readonly (string | number)[]): void {
  console.log(cells.map((cell) => String(cell).padStart(12)).join(''))
}
