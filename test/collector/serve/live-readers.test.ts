/**
 * Readers of the live feed that are slow, many or far away, over real sockets and on a clock that a test turns: nothing is
 * queued for anyone, nothing is lost, and no reader is sent more than it can take.
 */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIVE_TOO_SLOW, type LiveFrame } from '../../../contract/live.ts'
import type { RunRow } from '../../../contract/runs.ts'
import { toIso } from '../../../contract/units.ts'
import { wireFrame } from '../../../collector/serve/wire-frame.ts'
import { manualClock, START, type ManualClock } from '../../kit/manual-clock.ts'
import { waitUntil } from '../../kit/wait-until.ts'
import { openLiveClient, type LiveClient } from './kit/live-client.ts'
import { makeRow } from './kit/made-runs.ts'
import { openServe, type TestServe } from './kit/open-serve.ts'

const FLUSH_MS = 250

let clock: ManualClock
let serve: TestServe
const clients: LiveClient[] = []

beforeEach(async () => {
  clock = manualClock()
  serve = await openServe({ clock })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate()
  await serve.stop()
})

async function connect(after?: string, perMessageDeflate: boolean | object = true): Promise<LiveClient> {
  const client = await openLiveClient(serve.address, after, {}, perMessageDeflate)
  clients.push(client)
  if (after === undefined) await waitUntil(() => expect(client.frames).not.toHaveLength(0))
  return client
}

const changesOf = ({ frames }: LiveClient) => frames.filter((frame) => frame.type === 'changes')
const rowsOf = (client: LiveClient): RunRow[] => changesOf(client).flatMap(({ runs }) => runs)
const lastCursor = ({ frames }: LiveClient): string => frames.findLast((frame) => frame.type !== 'reset')?.cursor ?? ''

/** One batch, read by `witness`. */
async function batch(witness: LiveClient, ...rows: readonly RunRow[]): Promise<void> {
  for (const row of rows) serve.change(row)
  const read = changesOf(witness).length
  clock.pass(FLUSH_MS)
  await waitUntil(() => expect(changesOf(witness).length).toBeGreaterThan(read))
}

describe('a reader that does not read', () => {
  test('is sent nothing more after two seconds, and then one frame that says how things are by then', async () => {
    const [witness, sleeper] = [await connect(), await connect()]
    sleeper.socket.pause()
    for (let rev = 1; rev <= 30; rev++)
      await batch(witness, makeRow({ id: 'busy', rev }), makeRow({ id: `run_${rev}`, rev }))
    expect(serve.feed.clients).toBe(2)
    sleeper.socket.resume()
    await waitUntil(() => expect(rowsOf(sleeper).at(-1)?.rev).toBe(30))

    // A ping is at most a second away, and its answer may take two: twelve batches, and the one that followed the ping.
    expect(changesOf(witness)).toHaveLength(30)
    const read = changesOf(sleeper)
    expect(read.length).toBeLessThanOrEqual(14)
    expect(read.at(-1)?.cursor).toBe(changesOf(witness).at(-1)?.cursor)
    // Of each run the newest, and no run is missing.
    expect(
      read
        .at(-1)
        ?.runs.filter(({ id }) => id === 'busy')
        .map(({ rev }) => rev),
    ).toEqual([30])
    expect(new Set(rowsOf(sleeper).map(({ id }) => id)).size).toBe(31)
    expect(sleeper.frames.map(({ type }) => type)).not.toContain('reset')
    // And it keeps up again.
    await batch(witness, makeRow({ id: 'after', rev: 31 }))
    await waitUntil(() => expect(rowsOf(sleeper).at(-1)?.id).toBe('after'))
  })

  test('is closed after ten seconds, the others notice nothing, and it may come back where it was', async () => {
    const [witness, sleeper] = [await connect(), await connect()]
    await batch(witness, makeRow({ id: 'before', rev: 1 }))
    await waitUntil(() => expect(rowsOf(sleeper)).toHaveLength(1))
    sleeper.socket.pause()
    for (let rev = 2; rev <= 60 && serve.feed.tooSlow === 0; rev++)
      await batch(witness, makeRow({ id: `run_${rev}`, rev }))
    expect([serve.feed.tooSlow, serve.feed.clients]).toEqual([1, 1])
    clock.pass(2_000)
    sleeper.socket.resume()
    await waitUntil(() => expect([LIVE_TOO_SLOW, 1006]).toContain(sleeper.closedWith()))

    const back = await connect(lastCursor(sleeper))
    const told = () => [...rowsOf(sleeper), ...rowsOf(back)].map(({ id }) => id)
    await waitUntil(() => expect(told()).toEqual(rowsOf(witness).map(({ id }) => id)))
    expect(back.frames).toHaveLength(1)
  })

  test('and lacks more than a picture holds begins with a new picture', async () => {
    const [witness, sleeper] = [await connect(), await connect()]
    sleeper.socket.pause()
    for (let turn = 0; turn < 36; turn++) {
      const rows = Array.from({ length: 60 }, (_, index) => makeRow({ id: `run_${turn}_${index}` }))
      await batch(witness, ...rows)
    }
    sleeper.socket.resume()
    await waitUntil(() => expect(sleeper.frames.slice(-2).map(({ type }) => type)).toEqual(['reset', 'snapshot']))
    expect(lastCursor(sleeper)).toBe(lastCursor(witness))
  })
})

describe('a flood', () => {
  test('does not hold up what went wrong, and the rest comes as fast as may be', async () => {
    const reader = await connect()
    for (let index = 0; index < 3_000; index++)
      serve.change(makeRow({ id: `fine_${index}`, startedAt: toIso(START + index) }))
    serve.change(makeRow({ id: 'stuck', status: 'stalled', startedAt: toIso(START - 1_000) }))
    clock.pass(0)
    await waitUntil(() => expect(changesOf(reader)).toHaveLength(1))
    const [first] = changesOf(reader)
    expect(first?.runs[0]?.id).toBe('stuck')
    expect(first?.runs).toHaveLength(1_000)

    for (let batches = 1; rowsOf(reader).length < 3_001 && batches < 40; batches++) {
      clock.pass(FLUSH_MS)
      await waitUntil(() => expect(changesOf(reader).length).toBeGreaterThan(batches))
    }
    expect(new Set(rowsOf(reader).map(({ id }) => id)).size).toBe(3_001)
    expect(
      Math.max(
        ...changesOf(reader)
          .slice(1)
          .map(({ runs }) => runs.length),
      ),
    ).toBe(100)
  })

  test('that goes on costs a reader no more than 64 kB a second', async () => {
    // Ids that have nothing in common, as real ones: what repeats would be packed too well.
    const idOf = (what: string): string => createHash('sha256').update(what).digest('hex').slice(0, 32)
    const madeRow = (index: number): RunRow =>
      makeRow({
        id: `run_${idOf(`run ${index}`)}`,
        traceId: idOf(`trace ${index}`),
        userId: `user_${index % 97}`,
        lastProgressAt: toIso(START + index * 7),
        startedAt: toIso(START + index * 3),
        step: {
          phase: 'tool',
          name: `tool_${index % 13}`,
          spanId: idOf(`span ${index}`).slice(16),
          since: toIso(START + index * 7),
          code: { file: `src/tools/tool_${index % 13}.ts`, line: 40 + (index % 13), function: 'call' },
        },
      })
    const reader = await connect()
    let made = 0
    const secondsOfFlood = 12
    for (let turn = 0; turn < secondsOfFlood * 4; turn++) {
      for (let index = 0; index < 1_000; index++) serve.change(madeRow(made++))
      const heard = reader.frames.length
      clock.pass(FLUSH_MS)
      await waitUntil(() => expect(reader.frames.length).toBeGreaterThan(heard))
    }
    const bytes = reader.frames.reduce((sum, frame) => sum + wireFrame(frame).deflated.length, 0)
    // The first thousand rows at once are no rate.
    const [burst] = changesOf(reader)
    const rate = (bytes - wireFrame(burst ?? { type: 'reset' }).deflated.length) / secondsOfFlood
    console.log(`a flood of 4,000 changed runs a second: ${(rate / 1_000).toFixed(1)} kB/s a reader`)
    expect(rate).toBeLessThan(64_000)
    expect(reader.frames.filter(({ type }) => type === 'snapshot').length).toBeGreaterThan(2)
  })
})

describe('however a reader takes its frames', () => {
  test.each([
    ['compressed, as browsers do', true],
    ['plain', false],
    ['compressed with a smaller window, which it is not given', { serverMaxWindowBits: 9 }],
  ])('%s: it reads the same', async (_how, perMessageDeflate) => {
    const [browser, other] = [await connect(), await connect(undefined, perMessageDeflate)]
    expect(other.socket.extensions).toBe(perMessageDeflate === true ? 'permessage-deflate' : '')
    // With the beat, heads of all three lengths: below 126 bytes, below 64 KiB, and more.
    await batch(browser, makeRow({ agent: 'Ägypten 🚀' }))
    await batch(browser, ...Array.from({ length: 300 }, (_, index) => makeRow({ id: `run_${index}` })))
    clock.pass(5_000)
    const lastOf = (frames: readonly LiveFrame[]) => frames.at(-1)?.type
    await waitUntil(() => expect([lastOf(browser.frames), lastOf(other.frames)]).toEqual(['beat', 'beat']))
    expect(other.frames.slice(1)).toEqual(browser.frames.slice(1))
    expect(rowsOf(other)).toHaveLength(301)
  })

  test('a hundred readers are all told, and only those who are there', async () => {
    const readers = await Promise.all(Array.from({ length: 100 }, () => connect()))
    for (const gone of readers.slice(0, 30)) await gone.close()
    await waitUntil(() => expect(serve.feed.clients).toBe(70))
    serve.change(makeRow({ id: 'for all' }))
    clock.pass(FLUSH_MS)
    for (const reader of readers.slice(30)) await waitUntil(() => expect(rowsOf(reader)).toHaveLength(1))
    expect(readers.slice(0, 30).flatMap(rowsOf)).toEqual([])
  })
})
