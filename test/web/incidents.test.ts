import { describe, expect, test } from 'vitest'
import type { Deploy } from '../../contract/deploys.ts'
import { UNTOUCHED } from '../../contract/incidents.ts'
import { hours, minutes, seconds, toIso } from '../../contract/units.ts'
import { labelOf } from '../../web/model/format.ts'
import {
  drawTrend,
  firstSeen,
  incidentSentence,
  stallLength,
  stepOf,
  tagOf,
  versionWords,
} from '../../web/model/incidents.ts'
import { incidentAsMarkdown } from '../../web/model/markdown.ts'
import { paths } from '../../web/paths.ts'
import { readStallsFilter } from '../../web/read-address.ts'
import { makeDeploy } from '../kit/made-deploy.ts'
import { makeIncident } from './kit/make-incident.ts'

const NOW = Date.parse('2026-11-22T14:30:00.000Z')
const deploy = (at: number): Deploy => makeDeploy({ at: toIso(at) })

describe('an incident in words', () => {
  // oxfmt-ignore
  test.each([
    // standing, stalls, users   the sentence
    [0,         1,      0,       'Runs stood still in tool › search_orders, once'],
    [0,         41,     38,      'Runs stood still in tool › search_orders, 41 times for 38 users'],
    [1,         41,     1,       '1 run stands still in tool › search_orders, 41 times for 1 user'],
    [3,         3,      3,       '3 runs stand still in tool › search_orders, 3 times for 3 users'],
  ])('%d of %d stand, %d users: %s', (standing, stalls, users, says) => {
    const { lead, step, rest } = incidentSentence(makeIncident({ standing, stalls, users }))
    expect(`${lead} ${step}${rest}`).toBe(says)
  })

  // oxfmt-ignore
  test.each([
    // how long after the deploy   is said
    [null,                         '14:02'],
    [seconds(40),                  '14:02, 40 s after 1.4.2'],
    [minutes(6) + seconds(59),     '14:02, 6 min after 1.4.2'],
    [hours(5) + minutes(59),       '14:02, 5 h after 1.4.2'],
  ])('first seen %s ms after a deploy: %s', (after, says) => {
    const firstAt = Date.parse('2026-11-22T14:02:00.000Z')
    // Read in the zone of whoever runs the tests.
    const local = firstSeen({ firstAt: toIso(firstAt), deploy: after === null ? null : deploy(firstAt - after) }, NOW)
    expect(local.replace(/^\d\d:\d\d/, '14:02')).toBe(says)
  })

  test('label, step, tag and versions', () => {
    expect(labelOf('4f2a09c1d2e3f405')).toBe('STL-4F2A09')
    expect([stepOf({ phase: 'finalise', step: null }), stepOf({ phase: null, step: null })]).toEqual([
      'finalise',
      'nowhere in particular',
    ])
    const life = UNTOUCHED
    expect(tagOf({ tag: 'new', deploy: deploy(NOW), life })).toBe('new in 1.4.2')
    expect(tagOf({ tag: 'new', deploy: null, life })).toBe('new')
    expect(tagOf({ tag: 'ongoing', deploy: deploy(NOW), life })).toBeNull()
    const regressed = { from: '1.3.9', in: '1.4.0', at: toIso(NOW) }
    expect(tagOf({ tag: 'regressed', deploy: null, life: { ...life, regressed } })).toBe('regressed from 1.3.9')
    expect(tagOf({ tag: 'regressed', deploy: null, life: { ...life, regressed: { ...regressed, from: null } } })).toBe(
      'regressed',
    )
    expect(
      versionWords([
        { version: '1.4.2', stalls: 38 },
        { version: null, stalls: 3 },
      ]),
    ).toBe('1.4.2 38× · no version 3×')
  })

  test('a stall that lasts ages, one that is over has a length', () => {
    const stall = { runId: 'r', version: null, userId: null, run: null, beganAt: toIso(NOW - minutes(2)) }
    expect(stallLength({ ...stall, endedAt: null }, NOW)).toBe('2 m 00 s, still')
    expect(stallLength({ ...stall, endedAt: toIso(NOW - minutes(1)) }, NOW)).toBe('1 m 00 s')
  })

  test('its Markdown names the fingerprint, the cause, the code and the runs, in UTC', () => {
    const text = incidentAsMarkdown(makeIncident({}), 'http://h/stalls/x')
    for (const part of [
      'STL-4F2A09',
      'tool-silent',
      'src/tools/search.ts:88',
      '| run_7 | 1.4.2 | u_1 |',
      'http://h/stalls/x',
    ])
      expect(text).toContain(part)
  })
})

describe('a day as bars', () => {
  test('a single stall is small, a flood fills the height, deploys stand where they were', () => {
    const trend = Array.from({ length: 48 }, () => 0)
    trend[0] = 1
    const from = NOW - hours(24)
    expect(drawTrend(trend, from, [deploy(NOW - hours(12))])).toMatchObject({
      bars: [{ x: 0, height: 0.25 }],
      deploys: [{ at: 0.5, version: '1.4.2' }],
      says: expect.stringContaining('1 stall in 24 h, most (1)'),
    })
    trend[47] = 40
    expect(drawTrend(trend, from, []).bars).toEqual([
      { x: 0, height: 0.12 },
      { x: 47 / 48, height: 1 },
    ])
    expect(
      drawTrend(
        trend.map(() => 0),
        from,
        [],
      ),
    ).toEqual({ bars: [], deploys: [], says: 'none in 24 h' })
  })
})

test('the question survives the way through the address; an unknown word asks for more', () => {
  const filter = {
    state: 'resolved',
    isStanding: true,
    agent: 'a&b',
    environment: '',
    version: '1',
    step: 'tool › x',
    sort: 'users',
  } as const
  const query = Object.fromEntries(new URL(paths.stalls(filter), 'http://h').searchParams)
  expect(readStallsFilter(query)).toEqual(filter)
  expect(paths.stalls({ sort: 'last', state: null, isStanding: false })).toBe('/stalls')
  expect(readStallsFilter({ state: 'odd', sort: 'colour' })).toMatchObject({ state: null, sort: 'last' })
  // A link of before.
  expect(readStallsFilter({ state: 'standing' })).toMatchObject({ state: null, isStanding: true })
})
