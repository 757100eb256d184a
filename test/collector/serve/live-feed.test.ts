/** The live feed over real sockets: what a reader sees, what it sees again, and what becomes of one who does not read. */
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LiveFrame } from '../../../contract/live.ts'
import type { RunRow } from '../../../contract/runs.ts'
import { toIso } from '../../../contract/units.ts'
import { openLiveClient, type LiveClient } from './kit/live-client.ts'
import { START, makeFinding, makeRow } from './kit/made-runs.ts'
import { openServe, type TestServe } from './kit/open-serve.ts'
import { waitUntil } from '../../kit/wait-until.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function open(different: { clientsMax?: number } = {}): Promise<TestServe> {
  const serve = await openServe(different)
  cleanups.push(serve.stop)
  return serve
}

async function connect(serve: TestServe, after?: string): Promise<LiveClient> {
  const client = await openLiveClient(serve.address, after)
  cleanups.push(client.close)
  return client
}

async function connectAnew(serve: TestServe): Promise<LiveClient> {
  const client = await connect(serve)
  await waitUntil(() => expect(client.frames).not.toHaveLength(0))
  return client
}

const changesOf = (client: LiveClient) => client.frames.filter((frame) => frame.type === 'changes')
const rowsOf = (client: LiveClient): RunRow[] => changesOf(client).flatMap((frame) => frame.runs)
const lastCursor = (client: LiveClient): string =>
  client.frames.findLast((frame) => frame.type !== 'reset')?.cursor ?? ''

test('a snapshot first, with the troubled and the newest in front, then each change', async () => {
  const serve = await open()
  serve.change(makeRow({ id: 'older', startedAt: toIso(START) }))
  serve.change(makeRow({ id: 'newer', startedAt: toIso(START + 1) }))
  serve.change(makeRow({ id: 'stuck', startedAt: toIso(START - 1), status: 'stalled' }))
  const client = await connect(serve)
  await waitUntil(() => expect(client.frames).not.toHaveLength(0))
  const [snapshot] = client.frames
  expect(snapshot).toMatchObject({ type: 'snapshot', counts: { inFlight: 3, stalled: 1 } })
  expect(snapshot?.type === 'snapshot' && snapshot.runs.map((row) => row.id)).toEqual(['stuck', 'newer', 'older'])

  serve.change(makeRow({ id: 'stuck', rev: 2, status: 'completed' }))
  await waitUntil(() => expect(rowsOf(client)).toContainEqual(expect.objectContaining({ id: 'stuck', rev: 2 })))
  expect(changesOf(client).at(-1)).toMatchObject({ counts: { inFlight: 2, stalled: 0, completedRecently: 1 } })
})

test('findings come with every frame, and as soon as there is one', async () => {
  const serve = await open()
  const client = await connect(serve)
  await waitUntil(() => expect(client.frames).not.toHaveLength(0))
  expect(client.frames[0]).toMatchObject({ type: 'snapshot', findings: [] })
  serve.find(makeFinding())
  await waitUntil(() => expect(changesOf(client).at(-1)).toMatchObject({ findings: [{ id: 'find_1', state: 'open' }] }))
  // A picture may be a moment old; what followed it comes with it.
  const late = await connectAnew(serve)
  await waitUntil(() => expect(late.frames.at(-1)).toMatchObject({ findings: [{ id: 'find_1' }] }))
})

test('a snapshot shows runs of their own trouble before those that a finding explains', async () => {
  const serve = await open()
  serve.change(makeRow({ id: 'explained', status: 'lost', explainedBy: 'find_1', startedAt: toIso(START + 1) }))
  serve.change(makeRow({ id: 'own', status: 'stalled', startedAt: toIso(START) }))
  const [snapshot] = (await connectAnew(serve)).frames
  expect(snapshot?.type === 'snapshot' && snapshot.runs.map((row) => row.id)).toEqual(['own', 'explained'])
})

test('a thousand changes a second arrive as at most four frames a second, and the last word of each run arrives', async () => {
  const serve = await open()
  const client = await connect(serve)
  const began = performance.now()
  let rev = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (let count = 0; count < 20; count += 1) serve.change(makeRow({ id: `run_${rev % 100}`, rev: (rev += 1) }))
      if (rev < 2_000) return
      clearInterval(timer)
      resolve()
    }, 20)
  })
  await waitUntil(() => expect(Math.max(...rowsOf(client).map((row) => row.rev))).toBe(2_000))
  const elapsedSeconds = (performance.now() - began) / 1_000
  expect(changesOf(client).length).toBeLessThanOrEqual(elapsedSeconds * 4 + 1)
  const lastRevs = new Map(rowsOf(client).map((row) => [row.id, row.rev]))
  expect(Math.min(...lastRevs.values())).toBe(1_901)
})

describe('coming back with a cursor', () => {
  test('loses nothing and doubles nothing', async () => {
    const serve = await open()
    const first = await connect(serve)
    const before = await publishInBatches(serve, 0, 3)
    await waitUntil(() => expect(rowsOf(first)).toHaveLength(before))
    const cursor = lastCursor(first)
    await first.close()

    const meanwhile = await publishInBatches(serve, 3, 6)
    const second = await connect(serve, cursor)
    await publishInBatches(serve, 6, 8)
    await waitUntil(() => expect(rowsOf(second).at(-1)?.rev).toBe(8))
    expect(meanwhile).toBe(3)
    expect(second.frames.map((frame) => frame.type)).not.toContain('snapshot')
    expect([...rowsOf(first), ...rowsOf(second)].map((row) => row.rev)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('at the newest position brings nothing but what comes next', async () => {
    const serve = await open()
    const first = await connect(serve)
    await publishInBatches(serve, 0, 2)
    await waitUntil(() => expect(rowsOf(first)).toHaveLength(2))
    const second = await connect(serve, lastCursor(first))
    await publishInBatches(serve, 2, 3)
    await waitUntil(() => expect(rowsOf(second).map((row) => row.rev)).toEqual([3]))
  })

  test.each([
    ['of another process', 'deadbeef.1'],
    ['from the future', null],
    ['that is none', 'what?'],
  ])('%s: a reset and a snapshot', async (_what, cursor) => {
    const serve = await open()
    const probe = await connect(serve)
    await waitUntil(() => expect(probe.frames).not.toHaveLength(0))
    const client = await connect(serve, cursor ?? lastCursor(probe).replace(/\.\d+$/, '.999999'))
    await waitUntil(() => expect(client.frames.map((frame) => frame.type)).toEqual(['reset', 'snapshot']))
  })

  test('that is forgotten: a reset and a snapshot', async () => {
    const serve = await open()
    const first = await connect(serve)
    await publishInBatches(serve, 0, 1)
    await waitUntil(() => expect(rowsOf(first)).toHaveLength(1))
    const cursor = lastCursor(first)
    await first.close()
    // More runs in one flush than can be followed: what changed is forgotten and readers get the whole picture.
    for (let index = 0; index < 6_000; index += 1) serve.change(makeRow({ id: `many_${index}` }))
    await waitUntil(async () => {
      const client = await connect(serve, cursor)
      await waitUntil(() => expect(client.frames.map((frame) => frame.type).slice(0, 2)).toEqual(['reset', 'snapshot']))
    })
  })
})

test('more changes than anyone can follow become a new picture for those who are connected', async () => {
  const serve = await open()
  const client = await connect(serve)
  await waitUntil(() => expect(client.frames).toHaveLength(1))
  serve.change(makeRow({ id: 'first' }))
  await waitUntil(() => expect(rowsOf(client)).toHaveLength(1))
  for (let index = 0; index < 6_000; index += 1) serve.change(makeRow({ id: `many_${index}` }))
  await waitUntil(() =>
    expect(client.frames.map((frame) => frame.type)).toEqual(['snapshot', 'changes', 'reset', 'snapshot']),
  )
  const picture = client.frames.at(-1)
  expect(picture?.type === 'snapshot' && picture.runs.length).toBe(1_000)
  expect(picture).toMatchObject({ counts: { inFlight: 6_001 } })
})

test(
  'a beat tells of life every five seconds, with the server’s time, and whether verdicts can be trusted',
  { timeout: 60_000 },
  async () => {
    const serve = await open()
    const client = await connect(serve)
    serve.ail({ name: 'canary' })
    await waitUntil(() => expect(client.frames.map((frame) => frame.type)).toContain('beat'))
    const beat = client.frames.findLast((frame): frame is LiveFrame & { type: 'beat' } => frame.type === 'beat')
    expect(beat?.isReady).toBe(false)
    expect(Math.abs(Date.parse(beat?.serverTime ?? '') - Date.now())).toBeLessThan(2_000)
  },
)

describe('who is let in', () => {
  test('what a reader sends is ignored; a lot of it ends the connection', async () => {
    const serve = await open()
    const client = await connect(serve)
    client.socket.send('{"type":"subscribe"}')
    serve.change(makeRow())
    await waitUntil(() => expect(rowsOf(client)).toHaveLength(1))
    client.socket.send('x'.repeat(5_000))
    await waitUntil(() => expect(client.closedWith()).toBe(1009))
  })

  test.each([
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['an origin that is none', { origin: 'null' }, 403],
  ])('%s is refused', async (_who, headers, status) => {
    const serve = await open()
    await expect(openLiveClient(serve.address, undefined, headers)).rejects.toThrow(String(status))
  })

  test('the dashboard’s own origin is welcome', async () => {
    const serve = await open()
    const client = await openLiveClient(serve.address, undefined, { origin: serve.address })
    cleanups.push(client.close)
    await waitUntil(() => expect(client.frames).toHaveLength(1))
  })

  test('one reader more than there is room for is told so', async () => {
    const serve = await open({ clientsMax: 2 })
    const first = await connect(serve)
    await connect(serve)
    await expect(openLiveClient(serve.address)).rejects.toThrow('503')
    await first.close()
    await waitUntil(() => expect(serve.feed.clients).toBe(1))
    await connect(serve)
  })

  test('any other WebSocket address is refused with the right one', async () => {
    const serve = await open()
    const socket = new WebSocket(`${serve.address.replace('http', 'ws')}/api/other`)
    await expect(new Promise((_resolve, reject) => socket.once('error', reject))).rejects.toThrow('404')
  })
})

test('stopping closes every reader with "going away"', async () => {
  const serve = await open()
  const client = await connect(serve)
  await serve.stop()
  await waitUntil(() => expect(client.closedWith()).toBe(1001))
})

/** One row per batch: waits until each has been flushed. @returns how many */
async function publishInBatches(serve: TestServe, from: number, to: number): Promise<number> {
  const witness = await openLiveClient(serve.address)
  for (let rev = from + 1; rev <= to; rev += 1) {
    serve.change(makeRow({ id: `run_${rev}`, rev }))
    await waitUntil(() => expect(rowsOf(witness).at(-1)?.rev).toBe(rev))
  }
  await witness.close()
  return to - from
}
