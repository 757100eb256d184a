import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from '../../kit/properties.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Entry, Place } from '../../../collector/entry.ts'
import { openSegmentLog, type SegmentLog, type SegmentLogSettings } from '../../../collector/keep/segment-log.ts'
import { Unavailable } from '../../../collector/unavailable.ts'
import { systemClock } from '../../../contract/clock.ts'

const SEGMENT = 64 * 1_024

let dir: string
let told: string[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'laststep-log-'))
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

function entry(text: string, receivedAt = 1_700_000_000_000.25): Entry {
  return { kind: 'traces', encoding: 'protobuf', receivedAt, body: Buffer.from(text) }
}

async function readAll(log: SegmentLog, after: Place | null = null): Promise<string[]> {
  const texts: string[] = []
  for await (const { entry } of log.read(after)) texts.push(Buffer.from(entry.body).toString())
  return texts
}

const segments = (): string[] => readdirSync(dir).filter((name) => name.endsWith('.segment'))
const pathOf = (place: Place): string => join(dir, `${String(place.segment).padStart(8, '0')}.segment`)

describe('what is appended', () => {
  test('is read back in order, whatever it is, also after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            kind: fc.constantFrom('traces', 'logs', 'gap'),
            encoding: fc.constantFrom('protobuf', 'json'),
            receivedAt: fc.double({ min: 0, max: 4e12, noNaN: true }).map((at) => at + 0),
            body: fc.uint8Array({ maxLength: 40_000 }),
          }) as fc.Arbitrary<Entry>,
          { maxLength: 8 },
        ),
        async (entries) => {
          rmSync(dir, { recursive: true, force: true })
          const log = await open()
          const places = await Promise.all(entries.map((entry) => log.append(entry)))
          const same = (found: Entry | null, index: number): void => {
            expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual({
              ...entries[index],
              body: Buffer.from(entries[index]?.body ?? []),
            })
          }
          for (const [index, place] of places.entries()) same(await log.readAt(place), index)
          await log.close()
          const again = await open()
          let index = 0
          for await (const read of again.read(null)) {
            expect(read.place).toEqual(places[index])
            same(read.entry, index)
            index += 1
          }
          expect(index).toBe(entries.length)
          await again.close()
        },
      ),
      { numRuns: 40 },
    )
    expect(told).toEqual([])
  })

  test('is read from any place on', async () => {
    const log = await open()
    const places: Place[] = []
    for (let index = 0; index < 300; index++) places.push(await log.append(entry(`${index} ${'x'.repeat(500)}`)))
    expect(new Set(places.map(({ segment }) => segment)).size).toBeGreaterThan(2)
    for (const index of [0, 1, 150, 298, 299]) {
      expect((await readAll(log, places[index] as Place)).length).toBe(299 - index)
    }
    await log.close()
  })

  test('shares commits: a thousand at once need few', async () => {
    const log = await open({ segmentBytes: 4 * 1_048_576 })
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => log.append(entry(String(index)))))
    expect(log.counts).toMatchObject({ entries: 1_000, failedCommits: 0 })
    expect(log.counts.commits).toBeLessThan(20)
    await log.close()
  })

  test('may be larger than a segment', async () => {
    const log = await open()
    const place = await log.append(entry('x'.repeat(3 * SEGMENT)))
    await log.append(entry('small'))
    expect((await log.readAt(place))?.body.length).toBe(3 * SEGMENT)
    expect(await readAll(log)).toHaveLength(2)
    await log.close()
  })

  test('is refused when too many bytes wait, and taken again when they do not', async () => {
    const log = await open({ queueBytesMax: 10_000 })
    const first = log.append(entry('x'.repeat(9_000)))
    await expect(log.append(entry('x'.repeat(2_000)))).rejects.toBeInstanceOf(Unavailable)
    await first
    await log.append(entry('x'.repeat(2_000)))
    expect(log.counts).toMatchObject({ refused: 1, entries: 2 })
    await log.close()
  })

  test('takes no more disk than it needs once its segment is sealed', async () => {
    const log = await open()
    const place = await log.append(entry('x'.repeat(100)))
    await log.close()
    expect(statSync(pathOf(place)).size).toBe(128)
  })
})

describe('damage', () => {
  /** Six entries, the log closed. */
  async function written(): Promise<Place[]> {
    const log = await open()
    const places: Place[] = []
    for (let index = 0; index < 6; index++) places.push(await log.append(entry(`entry ${index} ${'·'.repeat(50)}`)))
    await log.close()
    return places
  }

  function flip(place: Place, at: number): void {
    const bytes = readFileSync(pathOf(place))
    bytes[place.offset + at] = (bytes[place.offset + at] ?? 0) ^ 0x10
    writeFileSync(pathOf(place), bytes)
  }

  test.each([
    ['its magic', 0],
    ['its checksum', 4],
    ['its length', 8],
    ['its length, to something huge', 11],
    ['its kind', 12],
    ['its time', 20],
    ['its body', 30],
  ])('a byte flipped in %s: that entry is reported and never served, all others are', async (_what, at) => {
    const places = await written()
    const damaged = places[2] as Place
    flip(damaged, at)
    const log = await open()
    const texts = await readAll(log)
    expect(texts.map((text) => text.slice(0, 7))).toEqual(['entry 0', 'entry 1', 'entry 3', 'entry 4', 'entry 5'])
    expect(await log.readAt(damaged)).toBeNull()
    expect(told.join()).toContain('not those that were written')
    expect(log.counts.damagedBytes).toBeGreaterThanOrEqual(damaged.length)
    await log.close()
  })

  test('in an older segment is found as well, its last entry included', async () => {
    const places = await written()
    flip(places[5] as Place, 30)
    const later = await open()
    // The tail of the last segment cannot be told from one that was never finished: it is cut, and said so.
    expect(told).toEqual(['cut an unfinished tail off the log'])
    await later.append(entry('after'))
    await later.close()
    flip(places[4] as Place, 30)
    told = []
    const log = await open()
    expect(await readAll(log)).toHaveLength(5)
    expect(told.join()).toContain('not those that were written')
    await log.close()
  })

  test.each([1, 10, 23, 24, 60])('a tail torn %i bytes into a frame is cut, and writing goes on', async (kept) => {
    const places = await written()
    const last = places[5] as Place
    truncateSync(pathOf(last), last.offset + kept)
    const log = await open()
    expect(await readAll(log)).toHaveLength(5)
    await log.append(entry('after'))
    expect((await readAll(log)).at(-1)).toBe('after')
    await log.close()
    const again = await open()
    expect(await readAll(again)).toHaveLength(6)
    await again.close()
  })

  test('zeros behind the last entry are no damage: that is what a killed process leaves', async () => {
    const places = await written()
    truncateSync(pathOf(places[0] as Place), SEGMENT)
    const log = await open()
    expect(await readAll(log)).toHaveLength(6)
    expect(told).toEqual([])
    await log.close()
  })

  test('a frame inside a body is not taken for one, even behind damage', async () => {
    const log = await open()
    const place = await log.append(entry('inner'))
    const frame = readFileSync(pathOf(place)).subarray(place.offset, place.offset + 32)
    const outer = await log.append({ ...entry(''), body: Buffer.concat([frame, frame]) })
    await log.append(entry('last'))
    await log.close()
    flip(outer, 16)
    const again = await open()
    expect(await readAll(again)).toEqual(['inner', 'last'])
    await again.close()
  })
})

describe('retention', () => {
  async function filled(): Promise<{ log: SegmentLog; places: Place[] }> {
    const log = await open()
    const places: Place[] = []
    // One segment each second.
    for (let second = 0; second < 6; second++)
      places.push(await log.append(entry('x'.repeat(SEGMENT - 100), second * 1_000 + 1)))
    return { log, places }
  }
  const everything = { now: 0, keepForMs: Number.POSITIVE_INFINITY, keepBytesMax: Number.POSITIVE_INFINITY }

  test('drops whole segments that are too old', async () => {
    const { log, places } = await filled()
    const oldest = await log.retain({ ...everything, now: 10_000, keepForMs: 7_500, checkpoint: places[5] as Place })
    expect(oldest).toBe(3)
    expect(segments()).toHaveLength(4)
    expect(await log.readAt(places[0] as Place)).toBeNull()
    expect(await readAll(log)).toHaveLength(4)
    expect(told).toEqual([])
    await log.close()
  })

  test('drops the oldest when there are too many bytes', async () => {
    const { log, places } = await filled()
    const oldest = await log.retain({ ...everything, keepBytesMax: 3 * SEGMENT, checkpoint: places[5] as Place })
    expect(oldest).toBe(4)
    await log.close()
  })

  test('never drops what the newest checkpoint has not seen, nor anything without a checkpoint', async () => {
    const { log, places } = await filled()
    const greedy = { now: 1e15, keepForMs: 0, keepBytesMax: 0 }
    expect(await log.retain({ ...greedy, checkpoint: null })).toBe(1)
    expect(await log.retain({ ...greedy, checkpoint: places[2] as Place })).toBe(3)
    expect(await log.retain({ ...greedy, checkpoint: places[5] as Place })).toBe(6)
    expect(await readAll(log)).toHaveLength(1)
    await log.close()
  })

  test('goes on after a restart: the age of a segment is in its own first entry', async () => {
    const { log } = await filled()
    await log.close()
    const again = await open()
    const place = await again.append(entry('new', 9_000))
    expect(await again.retain({ ...everything, now: 10_000, keepForMs: 7_500, checkpoint: place })).toBe(3)
    await again.close()
  })
})
