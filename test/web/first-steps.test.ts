/** How far somebody is who connects their first agent: decided from what the collector heard. */
import { describe, expect, test } from 'vitest'
import type { Hearing } from '../../contract/setup.ts'
import { TEST_RUN_SERVICE } from '../../contract/setup.ts'
import { hours, minutes, seconds, toIso } from '../../contract/units.ts'
import { checkFirstSteps, firstRun, formatWait, judgeProgress } from '../../web/model/first-steps.ts'
import { formatDisk, formatReach, judgeFullness } from '../../web/model/retention.ts'
import { LANGUAGES, readLanguage, writeSteps } from '../../web/model/snippets.ts'
import { makeSetup } from '../kit/made-setup.ts'
import { START } from '../kit/manual-clock.ts'
import { makeRun, toRow } from './kit/make-run.ts'

const days = (count: number) => hours(24 * count)
const NOW = START + minutes(5)
const row = (id: string, age: number, service = 'agent') => ({ ...toRow(makeRun({ id, now: NOW, age })), service })
const RUN = row('run_1', seconds(9))

// oxfmt-ignore
test.each([
  // first event   run     waited           progress
  [null,           null,   0,               'waiting'],
  [null,           null,   seconds(59),     'waiting'],
  [null,           null,   seconds(60),     'checking'],
  [null,           null,   minutes(9.9),    'checking'],
  [null,           null,   minutes(10),     'quiet'],
  [toIso(START),   null,   0,               'heard'],
  [toIso(START),   null,   minutes(20),     'heard'],
  [toIso(START),   RUN,    minutes(20),     'connected'],
  [null,           RUN,    0,               'connected'],
] as const)('first event %s, run %j, waited %d ms', (firstEventAt, run, waited, progress) => {
  expect(judgeProgress({ ...makeSetup().hearing, firstEventAt }, run, waited)).toBe(progress)
})

test('the newest run of anybody is the first; the test run is nobody’s', () => {
  expect(firstRun([row('old', seconds(90)), RUN, row('test', 1, TEST_RUN_SERVICE)])?.id).toBe('run_1')
  expect(firstRun([row('test', 1, TEST_RUN_SERVICE)])).toBeNull()
})

test('a wait is told in minutes and seconds', () => {
  expect([0, seconds(41), minutes(10), hours(2)].map(formatWait)).toEqual(['00:00', '00:41', '10:00', '120:00'])
})

describe('what may be wrong', () => {
  const check = (index: number, hearing: Partial<Hearing>, host = '127.0.0.1') =>
    checkFirstSteps({ ...makeSetup(hearing), host, isReachable: host !== '127.0.0.1' }, NOW)[index]
  const refusal = (count: number, ago: number) => ({
    reason: 'malformed',
    says: 'a length is too long',
    count,
    lastAt: toIso(NOW - ago),
  })

  // oxfmt-ignore
  test.each([
    // check  what was heard                                                      host         fine    says
    [0,       {},                                                                 '127.0.0.1', false,  'Nothing has come to port 4318 (HTTP) or 4317 (gRPC)'],
    [0,       {},                                                                 '0.0.0.0',   false,  'Nothing has come to port 4318'],
    [0,       { requests: 2, refusals: [refusal(3, 0)] },                         '127.0.0.1', true,   '5 requests came'],
    [1,       {},                                                                 '127.0.0.1', true,   'Nothing was refused'],
    [1,       { refusals: [refusal(3, seconds(12))] },                            '127.0.0.1', false,  '3 refused, the last 12 s ago.'],
    [1,       { refusals: [refusal(1, seconds(1)), refusal(1, 0)] },              '127.0.0.1', false,  'and 1 other reason'],
    [2,       {},                                                                 '127.0.0.1', null,   'not known before its first event'],
    [2,       { clockBehindMs: seconds(3) },                                      '127.0.0.1', true,   'agrees with ours'],
    [2,       { clockBehindMs: minutes(3) },                                      '127.0.0.1', false,  'at most 3 m 00 s behind'],
    [2,       { clockBehindMs: -minutes(3) },                                     '127.0.0.1', false,  '3 m 00 s ahead'],
    [3,       {},                                                                 '127.0.0.1', null,   'shows with the first event'],
    [3,       { firstEventAt: toIso(START), lastEventAt: toIso(NOW - seconds(4)), lastService: 'shop' }, '127.0.0.1', false, 'the last 4 s ago, from shop'],
  ] as const)('check %d: %j on %s', (index, hearing, host, ok, says) => {
    const found = check(index, hearing, host)
    expect(found?.ok).toBe(ok)
    expect(found?.says).toContain(says)
  })

  test('what to do is said: the address it listens on, or the words the sender got', () => {
    expect(check(0, {})?.hint).toContain('--host 0.0.0.0')
    expect(check(0, {}, '0.0.0.0')?.hint).not.toContain('--host')
    expect(check(1, { refusals: [refusal(1, 0)] })?.hint).toContain('a length is too long')
  })
})

describe('snippets', () => {
  test.each(LANGUAGES)('%s: three steps, with the address of this collector and no other', (language) => {
    const steps = writeSteps(language, 'http://lab.example:14318')
    expect(steps).toHaveLength(3)
    const code = steps.map((step) => step.code?.text ?? '').join('\n')
    expect(code).toContain('http://lab.example:14318')
    expect(code).not.toContain('127.0.0.1')
  })

  test('a language nobody knows is Node.js', () => {
    expect([readLanguage({ language: 'python' }), readLanguage({ language: 'cobol' }), readLanguage({})]).toEqual([
      'python',
      'node',
      'node',
    ])
  })
})

describe('what is kept', () => {
  const GIB = 2 ** 30
  const kept = (bytes: number, age: number | null) => ({
    forMs: days(14),
    bytesMax: 10 * GIB,
    bytes,
    since: age === null ? null : toIso(NOW - age),
  })

  // oxfmt-ignore
  test.each([
    // bytes       since        share  a day    first    reaches back
    [0,            null,        0,     null,    null,    null],
    [GIB,          minutes(30), 0.1,   null,    null,    null],
    [GIB,          days(2),     0.1,   GIB / 2, 'age',   days(14)],
    [5 * GIB,      days(1),     0.5,   5 * GIB, 'room',  days(2)],
    [12 * GIB,     days(2),     1,     6 * GIB, 'room',  days(10 / 6)],
  ] as const)('%d bytes since %s', (bytes, age, share, bytesPerDay, first, reachMs) => {
    const found = judgeFullness(kept(bytes, age), NOW)
    expect(found.share).toBe(share)
    expect(found.first).toBe(first)
    if (bytesPerDay === null) expect(found.bytesPerDay).toBeNull()
    else expect(found.bytesPerDay).toBeCloseTo(bytesPerDay, -3)
    if (reachMs === null) expect(found.reachMs).toBeNull()
    else expect(found.reachMs).toBeCloseTo(reachMs, -2)
  })

  test('sizes and ages as people say them', () => {
    expect([0, 900, 64 * 2 ** 20, 3.14 * GIB, 500 * GIB].map(formatDisk)).toEqual([
      '0 B',
      '900 B',
      '64.0 MiB',
      '3.1 GiB',
      '500 GiB',
    ])
    expect([hours(1), hours(6), days(1), days(14)].map(formatReach)).toEqual(['1 hour', '6 hours', '1 day', '14 days'])
  })
})
