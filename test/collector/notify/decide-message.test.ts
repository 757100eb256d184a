/** What is told of a group, and when: a table of how a group can be. */
import { expect, test } from 'vitest'
import { asTold, decideMessage, isDone } from '../../../collector/notify/decide-message.ts'
import type { IncidentState } from '../../../contract/incidents.ts'
import { fingerprintOfRun } from '../../../collector/fingerprint.ts'
import { subjectOfRun, type StallGroup } from '../../../collector/notify/stall-group.ts'
import { writeMessage } from '../../../collector/notify/write-message.ts'
import type { RunRow } from '../../../contract/runs.ts'
import type { Cause, Status } from '../../../contract/statuses.ts'
import { toIso } from '../../../contract/units.ts'
import { makeDeploy } from '../../kit/made-deploy.ts'
import { START, makeRow, makeVerdict } from '../serve/kit/made-runs.ts'

const at = (minutes: number) => START + minutes * 60_000

const row = makeRow({ status: 'stalled', cause: 'model-silent' })
function group(own: Partial<StallGroup> = {}): StallGroup {
  return {
    fingerprint: 'f1',
    firstSeenAt: toIso(START),
    quietAt: null,
    count: 1,
    standing: 1,
    recovered: 0,
    users: ['u_1'],
    keys: ['run_1'],
    first: { kind: 'run', run: row, verdict: makeVerdict(row) },
    version: 0,
    told: null,
    turns: [],
    ...own,
  }
}
const told = { state: 'standing', count: 1, at: at(0) } as const
const over = { state: 'over', count: 1, at: at(2) } as const
const quiet = { standing: 0, quietAt: toIso(at(1)) }

// oxfmt-ignore
test.each<[string, StallGroup, number, string, number | null]>([
  // group                                        how it is                                                          minute  decision                   look again
  ['the first stands still',                      group(),                                                           0,      'begun',                   null],
  ['it was told',                                 group({ told, turns: [at(0)] }),                                   9,      'already-told',            null],
  ['two more, soon after',                        group({ told, turns: [at(0)], count: 3, standing: 3 }),            4.9,    'told-lately',             5],
  ['two more, five minutes after',                group({ told, turns: [at(0)], count: 3, standing: 3 }),            5,      'grown',                   null],
  ['all moved on',                                group({ told, turns: [at(0)], ...quiet, recovered: 1 }),           1,      'over',                    null],
  ['some of them failed',                         group({ told, turns: [at(0)], ...quiet, count: 3, recovered: 1 }), 1,      'over',                    null],
  ['all of them failed',                          group({ told, turns: [at(0)], ...quiet }),                         1,      'ended-without-recovering', null],
  ['it came and went before it was told',         group({ ...quiet, recovered: 1 }),                                 1,      'nothing-is-wrong',        null],
  ['its end was told',                            group({ told: over, turns: [at(0), at(2)], ...quiet }),            3,      'nothing-is-wrong',        null],
  ['it stands still again',                       group({ told: over, turns: [at(0), at(2)] }),                      3,      'begun',                   null],
  ['and moves on again',                          group({ told, turns: [at(0), at(2), at(3)], ...quiet, recovered: 1 }), 4,  'told-too-often',          60],
  ['and is still well after an hour',             group({ told, turns: [at(0), at(2), at(3)], ...quiet, recovered: 1 }), 60, 'over',                    null],
  ['and stands still when the hour is over',      group({ told, turns: [at(0), at(2), at(3)] }),                     60,     'already-told',            null],
])('%s', (_what, held, minute, decision, lookAgain) => {
  const decided = decideMessage(held, at(minute), 'open')
  expect(decided.tell ?? decided.hold).toBe(decision)
  expect(decided.lookAgainAt ?? null).toBe(lookAgain === null ? null : at(lookAgain))
})

// oxfmt-ignore
test.each<[string, StallGroup, IncidentState, string]>([
  ['one stands still',                        group(),                                                               'acknowledged', 'acknowledged'],
  ['one stands still',                        group(),                                                               'muted',        'muted'],
  ['one stands still, of an old version',     group(),                                                               'resolved',     'resolved'],
  ['it was told, and grew',                   group({ told, turns: [at(0)], count: 9, standing: 9 }),                'acknowledged', 'acknowledged'],
  ['it was told, and grew',                   group({ told, turns: [at(0)], count: 9, standing: 9 }),                'muted',        'muted'],
  ['it was told, and all moved on',           group({ told, turns: [at(0)], ...quiet, recovered: 1 }),               'acknowledged', 'over'],
  ['it was told, and all moved on',           group({ told, turns: [at(0)], ...quiet, recovered: 1 }),               'muted',        'over'],
  ['it was not told, and all moved on',       group({ ...quiet, recovered: 1 }),                                     'muted',        'nothing-is-wrong'],
  ['it was not told, and is open again',      group({ count: 9, standing: 9 }),                                      'open',         'begun'],
  ['it was told, grew, and is open again',    group({ told, turns: [at(0)], count: 9, standing: 9 }),                'open',         'grown'],
])('%s: %s', (_what, held, state, decision) => {
  const decided = decideMessage(held, at(30), state)
  expect(decided.tell ?? decided.hold).toBe(decision)
})

test('a run that flaps all day is told of three times an hour', () => {
  let held = group({ standing: 0 })
  const heard: number[] = []
  for (let minute = 0; minute < 24 * 60; minute++) {
    const isStanding = minute % 2 === 0
    const now = group({ ...held, standing: isStanding ? 1 : 0, recovered: isStanding ? 0 : 1 })
    const { tell } = decideMessage(now, at(minute), 'open')
    if (tell !== undefined) heard.push(minute)
    held = tell === undefined ? now : asTold(now, tell, at(minute))
  }
  const most = Math.max(...heard.map((from) => heard.filter((minute) => minute >= from && minute < from + 60).length))
  expect(most).toBe(3)
})

// oxfmt-ignore
test.each<[string, StallGroup, number, boolean]>([
  ['one that stands still',                 group({ told, turns: [at(0)] }),                            9_999, false],
  ['one whose end is not told yet',         group({ told, turns: [at(0)], ...quiet, recovered: 1 }),    9_999, false],
  ['one whose end was told lately',         group({ told: over, turns: [at(0), at(2)], ...quiet }),     61,    false],
  ['one whose end was told an hour ago',    group({ told: over, turns: [at(0), at(2)], ...quiet }),     62,    true],
  ['one that failed, an hour later',        group({ told, turns: [at(0)], ...quiet }),                  60,    true],
])('%s is forgotten: %j at minute %d', (_what, held, minute, isForgotten) => {
  expect(isDone(held, at(minute))).toBe(isForgotten)
})

// oxfmt-ignore
test.each<[string, Partial<RunRow>, boolean]>([
  ['another run',        { id: 'run_2', userId: 'u_2', traceId: null, startedAt: toIso(at(9)) },                            true],
  ['another process',    { service: 'other', version: '2' },                                                                true],
  ['another agent',      { agent: 'billing' },                                                                              false],
  ['another environment', { environment: 'production' },                                                                    false],
  ['another cause',      { cause: 'loop-blocked' },                                                                         false],
  ['another step',       { step: { phase: 'tool', name: 'gpt-5', spanId: null, since: toIso(START), code: null } },         false],
  ['the same step since another moment', { step: { phase: 'reasoning', name: 'gpt-5', spanId: 's', since: toIso(at(1)), code: null } }, true],
  ['the same step in other code', { step: { phase: 'reasoning', name: 'gpt-5', spanId: null, since: toIso(START), code: { file: 'a.ts', line: 3, function: null } } }, false],
])('the fingerprint of %s is the same: %j %s', (_what, different, isSame) => {
  expect(fingerprintOfRun({ ...row, ...different }) === fingerprintOfRun(row)).toBe(isSame)
})

// oxfmt-ignore
test.each<[Status, string | null, Cause | null, string]>([
  ['stalled',     null,     null, 'standing'],
  ['lost',        null,     null, 'standing'],
  ['lost',        'find_1', null, 'explained'],
  ['slow',        null,     null, 'recovered'],
  ['running',     null,     null, 'recovered'],
  ['waiting',     null,     null, 'recovered'],
  ['completed',   null,     null, 'recovered'],
  ['undelivered', null,     null, 'recovered'],
  ['failed',      null,     null, 'ended'],
  ['cancelled',   null,     null, 'ended'],
  ['lost',        null,     'process-lost', 'standing'],
  ['lost',        null,     'telemetry-lost', 'ended'],
])('a run that is %s, explained by %s, for the cause %s, counts as %s', (status, explainedBy, cause, state) => {
  const run = makeRow({ status, explainedBy, cause })
  expect(subjectOfRun(run, makeVerdict(run), (fingerprint) => fingerprint).state).toBe(state)
})

test('the message says what, since when, with the first run and its verdict, how many, and where to look', () => {
  const { body } = writeMessage(
    group({ count: 3, standing: 2, keys: ['run_1', 'run_2'] }),
    'begun',
    'http://l.test',
    makeDeploy({ version: '1.4.2' }),
    at(1),
  )
  expect(JSON.parse(body)).toMatchObject({
    type: 'run.stalled',
    timestamp: '2026-11-22T03:00:00.000Z',
    data: {
      run: { id: 'run_1', status: 'stalled' },
      verdict: { status: 'stalled' },
      link: 'http://l.test/runs/run_1',
      group: {
        fingerprint: 'f1',
        version: 1,
        count: 3,
        standing: 2,
        users: 1,
        firstSeenAt: '2026-11-22T03:00:00.000Z',
        runs: [
          { id: 'run_1', link: 'http://l.test/runs/run_1' },
          { id: 'run_2', link: 'http://l.test/runs/run_2' },
        ],
      },
      deploy: { service: 'shop', version: '1.4.2' },
    },
  })
})

test('an id stays the same for a version of a group, and is safe in a header, whatever a run calls itself', () => {
  const evil = makeRow({ id: 'run\r\nx-evil: 1.2.ü', status: 'stalled' })
  const held = group({ keys: [evil.id], first: { kind: 'run', run: evil, verdict: makeVerdict(evil) } })
  const { id } = writeMessage(held, 'begun', 'http://l.test', null, at(1))
  expect(id).toMatch(/^msg_[0-9a-f]{32}$/)
  expect(writeMessage(held, 'begun', 'http://l.test', makeDeploy(), at(9)).id).toBe(id)
  expect(writeMessage(asTold(held, 'begun', at(1)), 'over', 'http://l.test', null, at(9)).id).not.toBe(id)
})
