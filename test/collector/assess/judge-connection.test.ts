/** When a connection counts as failed, and as what; how many make a trouble; how a trouble ends. */
import { describe, expect, test } from 'vitest'
import { CONNECTION_FAILURES } from '../../../contract/findings.ts'
import type { ConnectionCircumstances, FailingFindingFacts } from '../../../collector/connection.ts'
import { isTrouble, judgeConnection, judgeFailing } from '../../../collector/assess/judge-connection.ts'
import { makeFinding } from '../../../collector/assess/make-finding.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { START } from '../../kit/manual-clock.ts'
import { connection, instance } from './facts.ts'

const laststep = loadPreset('laststep')
const untimed = { budgets: { ...laststep.budgets, ready: { ...laststep.budgets.ready, stalledMs: null } } }
const at = (seconds: number) => START + seconds * 1_000

const opened = connection({ authenticatedAt: null, readyAt: null, counted: null })
const authenticated = { ...opened, authenticatedAt: START }
const by = (closedBy: 'client' | 'server' | 'network' | null, closeCode: number | null, own: object = {}) => {
  return { ...opened, closedAt: START, closedBy, closeCode, ...own }
}
const deaf = { gaps: [{ from: at(5), lengthMs: 600_000, reason: 'down' as const }] }

// oxfmt-ignore
test.each<[string, ConnectionCircumstances['connection'], number, string | null, number | null, Partial<ConnectionCircumstances>?]>([
  // what                                        facts                                                   after   failed as               look again
  ['ready',                                      { ...opened, readyAt: at(1) },                          99,     null,                   null],
  ['ready, then closed by the server',           by('server', 1011, { readyAt: START }),                 99,     null,                   null],
  ['ready, and what was said before never came', { ...opened, readyAt: START, framesLost: 1 },           99,     'frames-lost',          null],
  ['open, within the time',                      opened,                                                 9.9,    null,                   10],
  ['open, the time has passed',                  opened,                                                 10,     'auth-hung',            null],
  ['authenticated, within the time',             authenticated,                                          9.9,    null,                   10],
  ['authenticated, the time has passed',         authenticated,                                          10,     'never-ready',          null],
  ['its beginning was not heard',                { ...opened, isOpeningTold: false },                    99,     null,                   null],
  ['a response that thinks about its first word',{ ...opened, stream: 'http' },                          99,     null,                   null],
  ['in time but for our own gap',                opened,                                                 664.9,  null,                   665, deaf],
  ['over time when the grace has passed',        opened,                                                 665,    'auth-hung',            null, deaf],
  ['its process is gone as well',                opened,                                                 10,     null,                   null, { instance: instance({ pulseAt: START }) }],
  ['its process says goodbye',                   opened,                                                 10,     null,                   null, { instance: instance({ pulseAt: at(9), stopped: true }) }],
  ['its process lives',                          opened,                                                 10,     'auth-hung',            null, { instance: instance({ pulseAt: at(9) }) }],
  ['closed, what came before may be on its way', by('server', 4401),                                     0.9,    null,                   1],
  ['refused',                                    by('server', 4401),                                     1,      'auth-refused',         null],
  ['refused for breaking a policy',              by('server', 1008),                                     1,      'auth-refused',         null],
  ['refused, says IANA',                         by('server', 3000),                                     1,      'auth-refused',         null],
  ['refused, and nobody says by whom',           by(null, 4403),                                         1,      'auth-refused',         null],
  ['thrown out once it was authenticated',       by('server', 1008, { authenticatedAt: START }),         1,      'closed-early',         null],
  ["the server's own error",                     by('server', 1011),                                     1,      'handshake-failed',     null],
  ["the server's own error, later",              by('server', 1011, { authenticatedAt: START }),         1,      'handshake-failed',     null],
  ['closed as if all were well',                 by('server', 1000),                                     1,      'closed-as-well',       null],
  ['closed without a code',                      by('server', 1005),                                     1,      'closed-as-well',       null],
  ['closed with 1000, and nobody says by whom',  by(null, 1000),                                         1,      null,                   null],
  ['too many',                                   by('server', 1013),                                     1,      'limit-reached',        null],
  ['too many, in words of HTTP',                 by('server', 4429),                                     1,      'limit-reached',        null],
  ['broken, its subprotocols refused',           by('network', 1006, { isSubprotocolRefused: true }),    1,      'subprotocol-mismatch', null],
  ['broken, though the server was ready by then', by('network', 1006, { isSubprotocolRefused: true, readyAt: START }), 1, 'subprotocol-mismatch', null],
  ['broken later, its client did not mind',      by('network', 1006, { isSubprotocolRefused: true, readyAt: START, closedAt: at(10) }), 99, null,    null],
  ['broken later and not ready',                 by('network', 1006, { isSubprotocolRefused: true, closedAt: at(10) }), 99, 'closed-early', null],
  ['broken',                                     by('network', 1006),                                    1,      'closed-early',         null],
  ['ended without a close frame by the server',  by('server', 1006),                                     1,      'closed-early',         null],
  ['the server restarts',                        by('server', 1012),                                     1,      null,                   null],
  ['the server goes away',                       by('server', 1001),                                     1,      null,                   null],
  ['the client changed its mind',                by('client', 1000),                                     1,      null,                   null],
  ['the client closed its page',                 by('client', 1001, { closedAt: at(4.9) }),              99,     null,                   null],
  ['the client gave up',                         by('client', 1000, { closedAt: at(5) }),                6,      'auth-hung',            null],
  ['the client gave up, authenticated',          by('client', 1000, { closedAt: at(5), authenticatedAt: at(1) }), 6, 'never-ready',     null],
])('%s', (_what, facts, after, failure, lookAgain, around = {}) => {
  const judged = judgeConnection({ connection: facts, instance: null, gaps: [], ...around }, laststep, at(after))
  expect(judged).toMatchObject({ failure, lookAgainAt: lookAgain === null ? null : at(lookAgain) })
})

test('a contract that allows no particular time sets no deadline', () => {
  const judge = (facts: ConnectionCircumstances['connection']) =>
    judgeConnection({ connection: facts, instance: null, gaps: [] }, untimed, at(9_999))
  expect(judge(opened)).toEqual({ failure: null, limit: null, lookAgainAt: null })
  expect(judge(by('server', 1011)).failure).toBe('handshake-failed')
})

// oxfmt-ignore
test.each([
  ['two of two',              2,   2,   false],
  ['three of three',          3,   3,   true],
  ['three of fifteen',        3,   15,  true],
  ['three of sixteen',        3,   16,  false],
  ['a hundred of a thousand', 100, 1e3, false],
])('%s', (_what, failed, all, expected) => {
  expect(isTrouble({ failed, all })).toBe(expected)
})

// oxfmt-ignore
test.each([
  // what                                 after   ready after   state         look again
  ['nobody was ready since',              599.9,  null,         'open',       600],
  ['nobody tries any more',               600,    null,         'over',       null],
  ['somebody is ready, failures are new', 59.9,   1,            'open',       60],
  ['somebody is ready, and none failed',  60,     1,            'recovered',  null],
  ['somebody is ready at last',           300,    300,          'recovered',  null],
])('%s', (_what, after, ready, state, lookAgain) => {
  const finding = { lastFailedAt: START, readyAt: ready === null ? null : at(ready) }
  expect(judgeFailing(finding, [], at(after))).toEqual({ state, lookAgainAt: lookAgain === null ? null : at(lookAgain) })
})

describe('in words', () => {
  const finding = (own: Partial<FailingFindingFacts>): FailingFindingFacts => ({
    kind: 'connections-failing',
    id: 'find_1',
    rev: 1,
    state: 'open',
    service: 'checkout',
    environment: 'staging',
    failure: 'auth-refused',
    closeCode: null,
    since: START,
    endedAt: null,
    closeReason: null,
    connections: 3,
    lastFailedAt: START,
    readyAt: null,
    openConnections: 2,
    limit: null,
    instances: [],
    lookAt: null,
    ...own,
  })

  test.each(CONNECTION_FAILURES)('%s is a sentence', (failure) => {
    const { name, ...made } = makeFinding(finding({ failure, closeCode: 1006 }))
    if (made.kind !== 'connections-failing') throw new Error('expected a finding about connections')
    expect(`${name} ${made.trouble}`).toMatch(/^connections to checkout in staging (are|break|fail|end|lose) [^.]+$/)
    expect(made.trouble).not.toContain('null')
  })

  test.each([
    [{ service: null }, 'connections to a service without a name in staging'],
    [{ environment: null }, 'connections to checkout'],
  ])('%j', (own, name) => {
    expect(makeFinding(finding(own)).name).toBe(name)
  })
})
