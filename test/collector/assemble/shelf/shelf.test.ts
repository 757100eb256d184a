/** The parts of the shelf against the simplest things that do the same. */
import * as fc from '../../../kit/properties.ts'
import { describe, expect, test } from 'vitest'
import { hashOf, KeyIndex } from '../../../../collector/assemble/shelf/key-index.ts'
import { MomentHeap } from '../../../../collector/assemble/shelf/moment-heap.ts'
import { Shelf, type Label } from '../../../../collector/assemble/shelf/shelf.ts'
import { Slab } from '../../../../collector/assemble/shelf/slab.ts'
import { StringPool } from '../../../../collector/assemble/shelf/string-pool.ts'
import { ValueReader } from '../../../../collector/assemble/shelf/value-reader.ts'
import { ValueWriter } from '../../../../collector/assemble/shelf/value-writer.ts'

const hex = fc.stringMatching(/^[0-9a-f]{32}$|^[0-9a-f]{16}$/)
const text = fc.oneof(fc.string(), hex, fc.constantFrom('reasoning', 'chat gpt-5', '', '__proto__', 'a\nb', 'a\\nb'))
const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5 }),
  ),
})).value

describe('values', () => {
  test('come back as they were, record after record with one pool', () => {
    fc.assert(
      fc.property(fc.array(fc.array(plain, { maxLength: 8 }), { maxLength: 5 }), (records) => {
        const pool = new StringPool()
        const writer = new ValueWriter(pool)
        const written = records.map((values) => {
          for (const value of values) writer.value(value)
          return Buffer.from(writer.take())
        })
        const read = written.map((bytes, index) => {
          const reader = new ValueReader(bytes, 0, pool)
          return records[index]?.map(() => reader.value())
        })
        expect(read).toEqual(records)
      }),
      { numRuns: 1_000 },
    )
  })

  test('beside their blanks, too', () => {
    const blanks: unknown[] = [null, 0, '', [], {}, false, 'unset', null, null, 7]
    fc.assert(
      fc.property(fc.array(fc.option(plain), { minLength: 10, maxLength: 10 }), (told) => {
        const values = told.map((value, index) => value ?? blanks[index] ?? null)
        const pool = new StringPool()
        const writer = new ValueWriter(pool)
        writer.sparse(values, blanks)
        writer.count(12_345)
        const reader = new ValueReader(Buffer.from(writer.take()), 0, pool)
        expect(reader.sparse(blanks)).toEqual(values)
        expect(reader.count()).toBe(12_345)
      }),
      { numRuns: 1_000 },
    )
  })

  test('take a byte when they are small or were said before, and a bit when they are blank', () => {
    const writer = new ValueWriter(new StringPool())
    const id = '0af7651916cd43dd8448eb211c80319c'
    const sizeOf = (...values: unknown[]) => {
      for (const value of values) writer.value(value)
      return writer.take().length
    }
    expect(sizeOf(5)).toBe(1)
    expect(sizeOf(id)).toBe(18)
    expect(sizeOf(id, id, id)).toBe(20)
    writer.sparse(Array(80).fill(null), Array(80).fill(null))
    expect(writer.take()).toHaveLength(10)
  })

  test('that are no plain data are refused', () => {
    const writer = new ValueWriter(new StringPool())
    for (const value of [1n, () => {}, Symbol('s'), [1n], { a: () => {} }])
      expect(() => writer.value(value)).toThrow(TypeError)
  })

  test('that are broken off are an error', () => {
    const pool = new StringPool()
    const writer = new ValueWriter(pool)
    writer.value(['a', 1.5])
    const bytes = Buffer.from(writer.take())
    for (let length = 0; length < bytes.length; length++)
      expect(() => new ValueReader(bytes.subarray(0, length), 0, pool).value()).toThrow(RangeError)
  })
})

test('a text is given a number when it comes again, and ids do not push it out', () => {
  const pool = new StringPool()
  expect(pool.numberOf('search')).toBeNull()
  expect(pool.numberOf('search')).toBe(0)
  for (let id = 0; id < 20_000; id++) expect(pool.numberOf(`id ${id}`)).toBeNull()
  for (let time = 0; time < 3; time++) expect(pool.numberOf('6f1d2c34-9a7b-4c1e-8f00-1d2e3f405162')).toBeNull()
  expect(pool.numberOf('search')).toBe(0)
  expect(pool.numberOf('x'.repeat(200)) ?? pool.numberOf('x'.repeat(200))).toBeNull()
  expect(pool.textOf(0)).toBe('search')
  expect(() => pool.textOf(1)).toThrow(RangeError)
})

test('the slab keeps what it was given, wherever others come and go', () => {
  const act = fc.oneof(
    fc.record({ puts: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constant(1_200_000)) }),
    fc.record({ takes: fc.nat(50) }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const slab = new Slab()
      const held: { at: number; bytes: Buffer }[] = []
      for (const [index, each] of acts.entries()) {
        if ('puts' in each) {
          const bytes = Buffer.alloc(each.puts, index + 1)
          held.push({ at: slab.put(bytes), bytes })
        } else {
          const [gone] = held.splice(each.takes, 1)
          if (gone !== undefined) slab.giveBack(gone.at, gone.bytes.length)
        }
        for (const { at, bytes } of held) expect(slab.get(at, bytes.length).equals(bytes)).toBe(true)
      }
    }),
    { numRuns: 100 },
  )
})

test('the slab uses again what was given back', () => {
  const slab = new Slab()
  const record = Buffer.alloc(300)
  slab.put(Buffer.alloc(10))
  for (let round = 0; round < 50_000; round++) slab.giveBack(slab.put(record), record.length)
  expect(slab.bytes).toBe(2 ** 20)
})

test('the index finds what a map of sets finds', () => {
  const key = fc.nat(40).map((number) => `key ${number}`)
  const act = fc.record({ adds: fc.boolean(), key, record: fc.nat(6) })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400 }), (acts) => {
      const index = new KeyIndex()
      const model = new Map<string, Set<number>>()
      for (const { adds, key: each, record } of acts) {
        const held = model.get(each) ?? new Set()
        model.set(each, held)
        if (adds === held.has(record)) continue
        if (adds) {
          held.add(record)
          index.add(hashOf(each), record)
        } else {
          held.delete(record)
          index.remove(hashOf(each), record)
        }
        const found = index.find(each)
        expect(found === null ? held.size === 0 : held.has(found)).toBe(true)
      }
      expect(index.size).toBe([...model.values()].reduce((sum, { size }) => sum + size, 0))
    }),
    { numRuns: 300 },
  )
})

test('hashes of a million ids are all different', () => {
  const seen = new Set<bigint>()
  for (let id = 0; id < 1_000_000; id++) {
    const { low, high } = hashOf(`t:${id.toString(16).padStart(32, '0')}`)
    seen.add((BigInt(high) << 32n) | BigInt(low))
  }
  expect(seen.size).toBe(1_000_000)
})

test('the heap gives moments in their order, also when they are moved or called off', () => {
  const act = fc.record({ record: fc.nat(60), at: fc.option(fc.nat(1_000), { freq: 4 }) })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
      const heap = new MomentHeap()
      const model = new Map<number, number>()
      for (const { record, at } of acts) {
        heap.set(record, at)
        if (at === null) model.delete(record)
        else model.set(record, at)
        const least = model.size === 0 ? null : Math.min(...model.values())
        expect(heap.next()).toBe(least)
        if (least !== null) expect(model.get(heap.first() ?? -1)).toBe(least)
      }
      const order: number[] = []
      for (let first = heap.first(); first !== null; first = heap.first()) {
        order.push(heap.next() ?? 0)
        heap.set(first, null)
      }
      expect(order).toEqual([...model.values()].toSorted((a, b) => a - b))
    }),
    { numRuns: 300 },
  )
})

test('the shelf knows its records by key, by process and by moment, and gives numbers again', () => {
  const label = (own: Partial<Label>): Label => {
    return { lookAt: null, instance: null, openDigest: 0, pulsedAt: 0, runs: 1, status: 'running', phase: null, ...own }
  }
  const shelf = new Shelf()
  for (let round = 0; round < 3; round++) {
    const records = Array.from({ length: 3_000 }, (_, number) =>
      shelf.put(
        label({ lookAt: 3_000 - number, instance: number % 2 === 0 ? 'even' : 'odd' }),
        [`k${number}`, `n${number}`],
        Buffer.from(`body ${number}`),
        0,
      ),
    )
    expect(Math.max(...records)).toBe(2_999)
    expect(shelf.next()).toBe(1)
    expect(shelf.first()).toBe(records[2_999])
    expect(shelf.body(shelf.find('n17') ?? -1).toString()).toBe('body 17')
    expect([...shelf.ofInstance('odd')]).toHaveLength(1_500)
    for (const record of shelf.ofInstance('even')) shelf.remove(record)
    expect([shelf.size, shelf.runs, shelf.hasInstance('even'), shelf.find('k2')]).toEqual([1_500, 1_500, false, null])
    expect(shelf.labelOf(shelf.find('k17') ?? -1)).toEqual(label({ lookAt: 2_983, instance: 'odd' }))
    for (const record of shelf.records()) shelf.remove(record)
    expect([shelf.size, shelf.next()]).toEqual([0, null])
  }
})
