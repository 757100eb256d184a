import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from '../../kit/properties.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Place } from '../../../collector/entry.ts'
import { packSegment } from '../../../collector/keep/packed-segment.ts'
import { openSegmentLog, type SegmentLog, type SegmentLogSettings } from '../../../collector/keep/segment-log.ts'
import { systemClock } from '../../../contract/clock.ts'

const MIB = 1_048_576
const SEGMENT = 2 * MIB

let dir: string
let told: string[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'laststep-packing-'))
  told = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function open(settings: Partial<SegmentLogSettings> = {}): Promise<SegmentLog> {
  const tell = (_details: object, message: string): void => void told.push(message)
  return openSegmentLog({
    dir,
    clock: systemClock,
    segmentBytes: SEGMENT,
    log: { warn: tell, error: tell },
    ...settings,
  })
}

const textOf = (index: number): string => `entry ${index} ${`attribute ${index % 17} `.repeat(3_000)}`

/** Entries of about 40 KB, until `segments` segments are full; the last stays raw. */
async function fill(log: SegmentLog, segments: number): Promise<Place[]> {
  const places: Place[] = []
  for (let index = 0; (places.at(-1)?.segment ?? 0) <= segments; index++) {
    const body = Buffer.from(textOf(index))
    places.push(await log.append({ kind: 'traces', encoding: 'protobuf', receivedAt: 1_000 + index, body }))
  }
  return places
}

async function readAll(log: SegmentLog, after: Place | null = null): Promise<string[]> {
  const texts: string[] = []
  for await (const { entry } of log.read(after)) texts.push(Buffer.from(entry.body).toString())
  return texts
}

const expectedOf = (places: readonly Place[]): string[] => places.map((_place, index) => textOf(index))
const names = (suffix: string): string[] => readdirSync(dir).filter((name) => name.endsWith(suffix))
const packedOf = (segment: number): string => join(dir, `${String(segment).padStart(8, '0')}.segment.zst`)

describe('sealed segments', () => {
  test('are packed beside what is written, and read as before, also after a restart', async () => {
    const log = await open()
    const places = await fill(log, 3)
    await log.packed()
    expect(names('.zst')).toHaveLength(3)
    expect(names('.segment')).toHaveLength(1)
    expect(statSync(packedOf(1)).size).toBeLessThan(SEGMENT / 10)
    expect(log.counts.packedSegments).toBe(3)
    for (const [index, place] of places.entries())
      expect(Buffer.from((await log.readAt(place))?.body ?? []).toString()).toBe(textOf(index))
    expect(await readAll(log)).toEqual(expectedOf(places))
    await log.close()
    const again = await open()
    await again.packed()
    expect(names('.segment')).toEqual([])
    expect(await readAll(again)).toEqual(expectedOf(places))
    for (const at of [0, 1, 60, places.length - 2])
      expect((await readAll(again, places[at] as Place)).length).toBe(places.length - 1 - at)
    expect(told).toEqual([])
    await again.close()
  })

  test('keep every entry, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(400_000), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        async (shapes) => {
          rmSync(dir, { recursive: true, force: true })
          const bodies = shapes.map(([length, byte]) => Buffer.alloc(length, byte))
          const log = await open({ isPacking: false })
          const places: Place[] = []
          for (const body of bodies)
            places.push(await log.append({ kind: 'logs', encoding: 'json', receivedAt: 7, body }))
          await log.close()
          const packed = await open()
          await packed.packed()
          expect(names('.segment')).toEqual([])
          for (const [index, place] of places.entries())
            expect((await packed.readAt(place))?.body.length).toBe(bodies[index]?.length)
          expect(await readAll(packed)).toEqual(bodies.map(String))
          await packed.close()
        },
      ),
      { numRuns: 15 },
    )
    expect(told).toEqual([])
  })

  test('are dropped whole as well, and count with the room they really take', async () => {
    const log = await open()
    const places = await fill(log, 4)
    await log.packed()
    const retention = { now: 1e6, keepForMs: Number.POSITIVE_INFINITY, checkpoint: places.at(-1) as Place }
    // Raw, four of them would be far too much.
    expect(await log.retain({ ...retention, keepBytesMax: 2 * SEGMENT })).toBe(1)
    expect(await log.retain({ ...retention, keepBytesMax: SEGMENT + 2 * statSync(packedOf(4)).size + 99 })).toBe(3)
    expect(names('.zst')).toHaveLength(2)
    await log.close()
  })
})

describe('a segment that was packed is written over', () => {
  /** Appends until `segment` is the active one, packing each as soon as it is full. */
  async function fillSlowly(log: SegmentLog, segments: number): Promise<Place[]> {
    const places: Place[] = []
    for (let index = 0; (places.at(-1)?.segment ?? 0) <= segments; index++) {
      const body = Buffer.from(textOf(index))
      places.push(await log.append({ kind: 'traces', encoding: 'protobuf', receivedAt: 1_000 + index, body }))
      if (places.at(-1)?.segment !== places.at(-2)?.segment) await log.packed()
    }
    return places
  }

  test('and what stood in it before is never read, also when the process is killed in the middle of it', async () => {
    const log = await open()
    const places = await fillSlowly(log, 4)
    expect(names('.spare').length).toBeGreaterThan(0)
    const active = readFileSync(join(dir, '00000005.segment'))
    // The third segment's entries still stand behind those of the fifth.
    expect(active.includes(`entry ${places.findLastIndex(({ segment }) => segment === 3)} `)).toBe(true)
    // What a SIGKILL leaves: the files as they are.
    const killed = mkdtempSync(join(tmpdir(), 'laststep-packing-'))
    cpSync(dir, killed, { recursive: true })
    const again = await open({ dir: killed })
    expect(await readAll(again)).toEqual(expectedOf(places))
    expect(told).toEqual([])
    await again.close()
    await log.close()
    rmSync(killed, { recursive: true })
  })

  test('but not while somebody reads it', async () => {
    const log = await open({ isPacking: false })
    const places = await fill(log, 2)
    await log.close()
    const again = await open()
    const texts: string[] = []
    for await (const { entry } of again.read(null)) {
      if (texts.length === 1) {
        await again.packed()
        await fillSlowly(again, 6)
      }
      texts.push(Buffer.from(entry.body).toString())
    }
    expect(texts.slice(0, places.length)).toEqual(expectedOf(places))
    expect(told).toEqual([])
    await again.close()
  })
})

describe('a process killed while it packs', () => {
  /** Three full segments, all raw, and the places of everything. */
  async function raw(): Promise<Place[]> {
    const log = await open({ isPacking: false })
    const places = await fill(log, 2)
    await log.close()
    return places
  }

  // oxfmt-ignore
  test.each<[string, (segment: string) => Promise<unknown>]>([
    ['before the packed form was whole', async (segment) => writeFileSync(`${segment}.packing`, readFileSync(segment).subarray(0, 999))],
    ['before it had its name',           (segment) => packSegment(1, segment, `${segment}.packing`)],
    ['before the raw form was gone',     (segment) => packSegment(1, segment, `${segment}.zst`)],
  ])('%s: nothing is lost, nothing doubled', async (_when, leave) => {
    const places = await raw()
    await leave(join(dir, '00000001.segment'))
    const log = await open()
    expect(await readAll(log)).toEqual(expectedOf(places))
    await log.packed()
    expect(await readAll(log)).toEqual(expectedOf(places))
    expect(names('.packing')).toEqual([])
    expect(names('.segment')).toEqual([])
    expect(told).toEqual([])
    await log.close()
  })
})

describe('damage', () => {
  function flip(path: string, at: number): void {
    const bytes = readFileSync(path)
    bytes[at] = (bytes[at] ?? 0) ^ 0x10
    writeFileSync(path, bytes)
  }

  async function packed(): Promise<{ log: SegmentLog; places: Place[] }> {
    const log = await open()
    const places = await fill(log, 2)
    await log.packed()
    return { log, places }
  }

  test('in a packed block: the entries of that block are reported, copied aside and never served; all others are', async () => {
    const { log, places } = await packed()
    flip(packedOf(1), Math.floor(statSync(packedOf(1)).size / 2))
    const texts = await readAll(log)
    const missing = places.filter((_place, index) => !texts.includes(textOf(index)))
    expect(missing.length).toBeGreaterThan(0)
    expect(missing.length).toBeLessThan(12)
    expect(missing.every(({ segment }) => segment === 1)).toBe(true)
    expect(texts).toHaveLength(places.length - missing.length)
    expect(await log.readAt(missing[0] as Place)).toBeNull()
    expect(told).toEqual([expect.stringContaining('not those that were written')])
    expect(log.counts.damagedBytes).toBeGreaterThan(0)
    const copies = readdirSync(join(dir, 'quarantine'))
    expect(copies).toEqual([expect.stringMatching(/^00000001-\d+-\d+\.bytes$/)])
    await log.close()
  })

  test('in one of the two heads costs nothing', async () => {
    const { log, places } = await packed()
    const bytes = statSync(packedOf(1)).size
    for (const at of [1, 9, 17, 25, bytes - 2, bytes - 20]) {
      const whole = `${packedOf(1)}.whole`
      copyFileSync(packedOf(1), whole)
      flip(packedOf(1), at)
      expect(await readAll(log)).toEqual(expectedOf(places))
      copyFileSync(whole, packedOf(1))
    }
    expect(told).toEqual([])
    await log.close()
  })

  test('in both heads: the segment is reported and copied aside whole, the others are served', async () => {
    const { log, places } = await packed()
    flip(packedOf(1), 9)
    flip(packedOf(1), statSync(packedOf(1)).size - 20)
    expect(await readAll(log)).toHaveLength(places.filter(({ segment }) => segment !== 1).length)
    expect(await log.readAt(places[0] as Place)).toBeNull()
    expect(readdirSync(join(dir, 'quarantine'))).toHaveLength(1)
    await log.close()
  })

  test('that was there before packing is found while packing, and copied aside as it was', async () => {
    const writer = await open({ isPacking: false })
    const places = await fill(writer, 1)
    await writer.close()
    const damaged = places[3] as Place
    const path = join(dir, '00000001.segment')
    flip(path, damaged.offset + 500)
    const found = readFileSync(path).subarray(damaged.offset, damaged.offset + damaged.length)
    const log = await open()
    await log.packed()
    expect(log.counts.damagedBytes).toBeGreaterThanOrEqual(damaged.length)
    const copy = readFileSync(join(dir, 'quarantine', readdirSync(join(dir, 'quarantine'))[0] ?? ''))
    expect(copy.subarray(0, damaged.length).equals(found)).toBe(true)
    expect(await log.readAt(damaged)).toBeNull()
    expect(await readAll(log)).toEqual(expectedOf(places).filter((_text, index) => index !== 3))
    expect(told).toHaveLength(1)
    await log.close()
  })
})

test('a start reads from its checkpoint on: what is older may be missing altogether', async () => {
  const log = await open()
  const places = await fill(log, 3)
  await log.packed()
  await log.close()
  const checkpoint = places.find(({ segment }) => segment === 3) as Place
  for (const segment of [1, 2]) rmSync(packedOf(segment))
  const again = await open()
  expect(await readAll(again, checkpoint)).toHaveLength(places.length - 1 - places.indexOf(checkpoint))
  expect(told).toEqual([])
  await again.close()
})
