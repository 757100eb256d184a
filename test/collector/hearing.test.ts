import { expect, test } from 'vitest'
import { openHearing } from '../../collector/hearing.ts'
import type { Signal, Source } from '../../collector/signal.ts'
import { TEST_RUN } from '../../collector/test-run.ts'
import { CANARY } from '../../collector/canary-run.ts'
import { minutes, seconds, toIso } from '../../contract/units.ts'
import { START } from '../kit/manual-clock.ts'

const source = (service: string | null): Source => ({
  service,
  version: null,
  environment: null,
  instance: null,
  workingDirectory: null,
  contract: null,
})
const log = (service: string | null): Signal => ({ kind: 'log', source: source(service), traceId: 'a', spanId: null })
const connection = (at: number): Signal => ({
  kind: 'connection',
  source: source('agent'),
  connectionId: 'c',
  state: 'opened',
  at,
  userId: null,
  acks: null,
  stream: null,
  isSubprotocolRefused: false,
  framesLost: 0,
  closeCode: null,
  clientCloseCode: null,
  closeReason: null,
  closedBy: null,
})

// oxfmt-ignore
test.each([
  // what arrives                    signals                                        requests  first          service
  ['a record of somebody',           [log('agent')],                                1,        toIso(START),  'agent'],
  ['one that says not whose it is',  [log(null)],                                   1,        toIso(START),  null],
  ['a request that says nothing',    [],                                            1,        null,          null],
  ['the canary',                     [log(CANARY.service)],                         0,        null,          null],
  ['the test run',                   [log(TEST_RUN.service)],                       0,        null,          null],
] as const)('%s', (_what, signals, requests, firstEventAt, lastService) => {
  const hearing = openHearing(null, () => {})
  hearing.note(signals, START)
  expect(hearing.read()).toMatchObject({ requests, firstEventAt, lastService })
})

test('the first is remembered once; one that was remembered before is not replaced', () => {
  const remembered: number[] = []
  const fresh = openHearing(null, (at) => remembered.push(at))
  fresh.note([log('agent')], START)
  fresh.note([log('agent')], START + 1)
  expect(remembered).toEqual([START])
  const old = openHearing(START - minutes(60), (at) => remembered.push(at))
  old.note([log('agent')], START)
  expect(remembered).toEqual([START])
  expect(old.read()).toMatchObject({ firstEventAt: toIso(START - minutes(60)), lastEventAt: toIso(START) })
})

test('a clock is behind or ahead by what its newest event says; a log says nothing of it', () => {
  const hearing = openHearing(null, () => {})
  hearing.note([connection(START - minutes(2))], START)
  expect(hearing.read().clockBehindMs).toBe(minutes(2))
  hearing.note([connection(START + seconds(30))], START)
  hearing.note([log('agent')], START)
  expect(hearing.read().clockBehindMs).toBe(-seconds(30))
})

test('refusals are counted by reason, each with what was said last, the newest first', () => {
  const hearing = openHearing(null, () => {})
  hearing.refused('malformed', 'it ends too early', START)
  hearing.refused('unknown-type', 'content-type must be application/json', START + 1)
  hearing.refused('malformed', 'a length is too long', START + 2)
  expect(hearing.read().refusals).toEqual([
    { reason: 'malformed', says: 'a length is too long', count: 2, lastAt: toIso(START + 2) },
    { reason: 'unknown-type', says: 'content-type must be application/json', count: 1, lastAt: toIso(START + 1) },
  ])
})
