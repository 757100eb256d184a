/** Receipts that come another way, on a clock that moves only when told to. */
import { beforeEach, expect, test } from 'vitest'
import { minutes } from '../../contract/units.ts'
import type { Connection } from '../../server/connect/connection.ts'
import { createReceipts, type Receipts } from '../../server/connect/receipts.ts'
import { manualClock, type ManualClock } from '../kit/manual-clock.ts'

let clock: ManualClock
let receipts: Receipts
let closes: [string, number][]
let losses: [string, number][]
let acks: string[]

beforeEach(() => {
  clock = manualClock()
  closes = []
  losses = []
  acks = []
  receipts = createReceipts({
    epoch: 'e1',
    clock,
    closed: (...close) => closes.push(close),
    lost: (...loss) => losses.push(loss),
  })
})

function connect(id: string): { connection: Connection; key: string } {
  const connection: Connection = {
    id,
    userId: 'ada',
    say: () => {},
    send: () => {},
    acknowledge: ({ run_id, up_to }) => void acks.push(`${id} ${run_id} ${up_to}`),
    close: () => {},
    drop: () => {},
    gone: Promise.resolve(),
  }
  return { connection, key: receipts.open(connection).replace('/receipts/', '') }
}

const ack = (up_to: number, epoch = 'e1') => ({ type: 'ack', epoch, run_id: 'r1', up_to })
const take = (key: string, entries: unknown) => receipts.take(key, JSON.stringify(entries))?.code ?? 'taken'

// oxfmt-ignore
test.each([
  // posted                                             answer      acks            closes
  [[ack(3)],                                            'taken',    ['c1 r1 3'],    []],
  [[ack(3, 'another instance')],                        'taken',    [],             []],
  [[ack(3), { type: 'closed', code: 1006 }],            'taken',    ['c1 r1 3'],    [['c1', 1006]]],
  [[{ type: 'closed', code: 99 }, { type: 'closed' }],  'taken',    [],             []],
  [[null, 1, 'ack', { type: 'cancel', run_id: 'r1' }],  'taken',    [],             []],
  [{ type: 'ack' },                                     'invalid',  [],             []],
] as const)('%j: %s', (posted, answer, expectedAcks, expectedCloses) => {
  expect(take(connect('c1').key, posted)).toBe(answer)
  expect(acks).toEqual(expectedAcks)
  expect(closes).toEqual(expectedCloses)
})

test('a key speaks for its own connection only, and nobody can guess one', () => {
  const [a, b] = [connect('a'), connect('b')]
  take(b.key, [ack(1)])
  expect(acks).toEqual(['b r1 1'])
  expect(a.key).toMatch(/^[0-9a-f-]{36}$/)
  expect(take('a', [ack(1)])).toBe('not-found')
})

test('a connection that is gone is answered for two minutes more', () => {
  const { connection, key } = connect('c1')
  receipts.close(connection)
  clock.pass(minutes(2) - 1)
  expect(take(key, [ack(1)])).toBe('taken')
  clock.pass(1)
  expect(take(key, [ack(2)])).toBe('not-found')
})

test('those that are gone are bounded: the oldest are forgotten first, and none that is there', () => {
  const there = connect('there')
  const gone = Array.from({ length: 1_500 }, (_, index) => connect(`c${index}`))
  for (const { connection } of gone) receipts.close(connection)
  expect(take(gone[499]?.key ?? '', [])).toBe('not-found')
  expect(take(gone[500]?.key ?? '', [])).toBe('taken')
  expect(take(there.key, [])).toBe('taken')
})

// oxfmt-ignore
test.each([
  // heard  posted                          lost
  [0,       { type: 'sent', count: 1 },     [['c1', 1]]],
  [1,       { type: 'sent', count: 3 },     [['c1', 2]]],
  [1,       { type: 'sent', count: 1 },     []],
  [2,       { type: 'sent', count: 1 },     []],
  [0,       { type: 'sent', count: 'one' }, []],
  [0,       { type: 'asked', count: 1 },    []],
] as const)('%d heard, the client says %j', (heard, entry, expected) => {
  const { connection, key } = connect('c1')
  for (let frame = 0; frame < heard; frame++) receipts.heard(connection)
  expect(take(key, [entry])).toBe('taken')
  expect(losses).toEqual(expected)
})
