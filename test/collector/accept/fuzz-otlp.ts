/** Seeded fuzz: real requests with bytes flipped, cut, repeated and spliced. Asks only: answered, and in time? */
import * as fc from 'fast-check'
import { MalformedBody } from '../../../collector/accept/protobuf-cursor.ts'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import { readRecords } from '../../../collector/accept/read-records.ts'
import type { Entry } from '../../../collector/entry.ts'
import { forProtobuf, logsRequest, tracesRequest } from './arbitrary-otlp.ts'
import { encode } from './oracle.ts'

export interface FuzzResult {
  read: number
  refused: number
  /** Whatever was thrown that is no `MalformedBody`, and whatever took longer than `SLOW_MS`. */
  failures: string[]
  slowestMs: number
}

/** Of this thread's CPU time, so that a busy machine changes nothing. The bodies hold a few kilobytes. */
const SLOW_MS = 250
const CORPUS = 200

export function fuzz(seed: number, count: number): FuzzResult {
  const random = mulberry32(seed)
  const corpus = makeCorpus(seed)
  const result: FuzzResult = { read: 0, refused: 0, failures: [], slowestMs: 0 }
  for (let round = 0; round < count && result.failures.length < 10; round++) {
    const original = pick(corpus, random)
    const body = mutate(original.body, pick(corpus, random).body, random)
    const entry: Entry = { ...original, body, kind: random() < 0.1 ? 'logs' : original.kind }
    const startedAt = process.threadCpuUsage()
    for (const read of [readEntry, readRecords]) {
      try {
        read(entry)
        result.read += 1
      } catch (error) {
        if (error instanceof MalformedBody) result.refused += 1
        else result.failures.push(`seed ${seed} round ${round} ${entry.encoding}: ${String(error)}`)
      }
    }
    const { user, system } = process.threadCpuUsage(startedAt)
    const took = (user + system) / 1_000
    result.slowestMs = Math.max(result.slowestMs, took)
    if (took > SLOW_MS) result.failures.push(`seed ${seed} round ${round}: ${took.toFixed(0)} ms`)
  }
  return result
}

function makeCorpus(seed: number): Entry[] {
  const half = { numRuns: CORPUS / 2, seed }
  const traces = fc.sample(tracesRequest, half).flatMap((request) => both('traces', request))
  return [...traces, ...fc.sample(logsRequest, half).flatMap((request) => both('logs', request))]
}

function both(kind: 'traces' | 'logs', request: object): Entry[] {
  const protobuf = encode(kind === 'traces' ? 'TracesRequest' : 'LogsRequest', forProtobuf(request) as object)
  return [
    { kind, encoding: 'protobuf', receivedAt: 0, body: protobuf },
    { kind, encoding: 'json', receivedAt: 0, body: Buffer.from(JSON.stringify(request)) },
  ]
}

function mutate(body: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  let bytes = Buffer.from(body)
  const at = (): number => Math.floor(random() * (bytes.length + 1))
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const [from, to] = [at(), at()].toSorted((one, two) => one - two) as [number, number]
    switch (Math.floor(random() * 6)) {
      case 0:
        if (bytes.length > 0) bytes[from % bytes.length] = Math.floor(random() * 256)
        break
      case 1:
        bytes = bytes.subarray(0, from)
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, from), other.subarray(Math.floor(random() * other.length))])
        break
      default:
        bytes = Buffer.concat([bytes.subarray(0, from), pick(EVIL, random), bytes.subarray(from)])
    }
  }
  return bytes
}

/** Lengths without end, groups, long numbers, and what breaks parsers of JSON. */
const EVIL = [
  Buffer.alloc(12, 0xff),
  Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  Buffer.alloc(64, 0x0b),
  Buffer.from('[[[[[[[['),
  Buffer.from('1e999'),
  Buffer.from('\\ud800'),
  Buffer.from('"__proto__":{"x":1},'),
  Buffer.from('99999999999999999999999'),
]

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** A small generator whose whole state is one number, so that a seed replays a failure. */
export function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
