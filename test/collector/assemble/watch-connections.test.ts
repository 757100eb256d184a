/** Connections in the book: what does not change what is found, what is forgotten, and what ten thousand at once cost. */
import { expect, test } from 'vitest'
import { connectionJudge } from '../../../collector/assess/judge-connection.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { openRunBook, type RunBook } from '../../../collector/assemble/run-book.ts'
import type { FailingFindingFacts } from '../../../collector/connection.ts'
import { openContracts } from '../../../collector/contracts.ts'
import type { ConnectionSignal, Signal } from '../../../collector/signal.ts'
import type { ConnectionState } from '../../../contract/deliveries.ts'
import { hours, minutes, seconds, type Instant } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import * as fc from '../../kit/properties.ts'
import { restoreBook } from '../../kit/restore-book.ts'
import { deliverySignal, SOURCE } from './signals.ts'

const contracts = openContracts([loadPreset('laststep')])

function open(): { book: RunBook; found: FailingFindingFacts[] } {
  const found: FailingFindingFacts[] = []
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: () => {},
    connections: { ...connectionJudge(contracts.of), found: (finding) => void found.push(finding) },
  })
  return { book, found }
}

function record(connectionId: string, state: ConnectionState, own: Partial<ConnectionSignal> = {}): ConnectionSignal {
  return {
    kind: 'connection',
    source: SOURCE,
    connectionId,
    state,
    at: START,
    userId: null,
    acks: null,
    stream: null,
    isSubprotocolRefused: false,
    framesLost: 0,
    closeCode: null,
    clientCloseCode: null,
    closeReason: null,
    closedBy: null,
    ...own,
  }
}

const refused = (id: string) => record(id, 'closed', { closeCode: 4401, closedBy: 'server' })
const names = (count: number, prefix = 'c') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** Eighteen that fail in four ways, four that come in, and all that is told of them within a second. */
const STORY: readonly Signal[] = [
  ...names(4, 'refused').flatMap((id) => [record(id, 'opened'), refused(id)]),
  ...names(5, 'thrown').flatMap((id) => [
    record(id, 'opened'),
    record(id, 'authenticated', { userId: 'ada' }),
    record(id, 'closed', { closeCode: 1011, closedBy: 'server', closeReason: 'Need to call accept first' }),
  ]),
  ...names(3, 'broken').flatMap((id) => [
    record(id, 'opened', { isSubprotocolRefused: true }),
    record(id, 'ready'),
    record(id, 'closed', { closeCode: 1006, closedBy: 'network' }),
  ]),
  ...names(6, 'hung').map((id) => record(id, 'opened')),
  ...names(4, 'well').flatMap((id) => [
    record(id, 'opened'),
    record(id, 'authenticated'),
    record(id, 'ready'),
    record(id, 'closed', { closeCode: 1000, closedBy: 'server' }),
  ]),
]

function tell(entries: readonly (readonly Signal[])[]) {
  const { book, found } = open()
  for (const signals of entries) book.apply(signals, START)
  book.advance(START + hours(1))
  return { findings: [...book.findings()], found }
}

test('the order in which records come, how they are packed, and that some come twice changes nothing', () => {
  const expected = tell([STORY])
  expect(expected.found.map(({ failure, connections, state }) => [failure, connections, state])).toEqual([
    ['subprotocol-mismatch', 3, 'open'],
    ['auth-refused', 4, 'open'],
    ['handshake-failed', 5, 'open'],
    ['auth-hung', 6, 'open'],
    ['auth-refused', 4, 'over'],
    ['handshake-failed', 5, 'over'],
    ['subprotocol-mismatch', 3, 'over'],
    ['auth-hung', 6, 'over'],
  ])
  const order = fc.shuffledSubarray([...STORY], { minLength: STORY.length })
  fc.assert(
    fc.property(order, fc.subarray([...STORY]), fc.integer({ min: 1, max: 12 }), (records, again, size) => {
      const all = [...records, ...again]
      const entries = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
        all.slice(at * size, (at + 1) * size),
      )
      const played = tell(entries)
      const byId = (list: readonly FailingFindingFacts[]) =>
        list.toSorted((a, b) => (`${a.id}${a.rev}` < `${b.id}${b.rev}` ? -1 : 1))
      expect(byId(played.found)).toEqual(byId(expected.found))
      expect(played.findings).toEqual(expected.findings)
    }),
    { numRuns: 60 },
  )
})

test('a book that is written out and read back at any moment finds the same', () => {
  const moments = [0, 500, 1_000, 5_000, 10_000, 30_000, 600_000, 700_000].map((ms) => START + ms)
  const plain = open()
  let restarted = open()
  const found: FailingFindingFacts[] = []
  for (const at of moments) {
    const entry = at === START ? STORY : [record('late', 'opened')]
    for (const each of [plain.book, restarted.book]) each.apply(entry, at)
    found.push(...restarted.found)
    const next = open()
    restoreBook(next.book, restarted.book.snapshot())
    restarted = next
    expect([...restarted.book.findings()]).toEqual([...plain.book.findings()])
  }
  expect(found).toEqual(plain.found)
})

test('a connection over which messages of a run went was ready, though nobody said so', () => {
  const { book, found } = open()
  const ids = names(3)
  book.apply(
    ids.map((id) => record(id, 'opened')),
    START,
  )
  book.apply(
    ids.map((connectionId) => deliverySignal({ connectionId })),
    START + seconds(1),
  )
  book.advance(START + minutes(1))
  expect(found).toEqual([])
})

test('what a service counts is its own: another service, another environment', () => {
  const { book, found } = open()
  const of = (own: object) => ({ source: { ...SOURCE, ...own } })
  const sources = [of({}), of({ service: 'search' }), of({ environment: 'production' })]
  for (const [index, source] of sources.entries())
    book.apply(
      names(2, `s${index}`).flatMap((id) => [
        { ...record(id, 'opened'), ...source },
        { ...refused(id), ...source },
      ]),
      START,
    )
  book.advance(START + seconds(5))
  expect(found).toEqual([])
  book.apply(
    [
      { ...record('one more', 'opened'), ...sources[2] },
      { ...refused('one more'), ...sources[2] },
    ],
    START + seconds(5),
  )
  book.advance(START + seconds(10))
  expect(found).toMatchObject([{ environment: 'production', connections: 3 }])
})

test('ten thousand that are refused are told of as often as their records came together, and are forgotten a day later', () => {
  const { book, found } = open()
  for (let batch = 0; batch < 10; batch++) {
    const ids = names(1_000, `b${batch}-`)
    const at: Instant = START + batch * 250
    book.apply(
      ids.flatMap((id) => [record(id, 'opened'), refused(id)]),
      at,
    )
  }
  book.advance(START + hours(1))
  expect(found.map(({ connections }) => connections)).toEqual([
    ...Array.from({ length: 10 }, (_, batch) => (batch + 1) * 1_000),
    10_000,
  ])
  expect(found.map(({ rev }) => rev)).toEqual(Array.from({ length: 11 }, (_, index) => index + 1))
  expect(new Set(found.map(({ id }) => id)).size).toBe(1)
  book.apply(
    names(3, 'next-').flatMap((id) => [record(id, 'opened'), refused(id)]),
    START + hours(26),
  )
  book.advance(START + hours(27))
  expect([...book.findings()].map(({ since }) => since)).toEqual([START + hours(26) + seconds(1)])
})
