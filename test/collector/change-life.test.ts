/** The life of an incident: what each decision makes of each state, and what ends a wait. */
import { describe, expect, test } from 'vitest'
import { changeLife, decideReturn, describeLife, type LifeEvent, type Recurrence } from '../../collector/change-life.ts'
import { UNTOUCHED, type IncidentLife } from '../../contract/incidents.ts'
import { hours, toIso } from '../../contract/units.ts'

const NOW = Date.parse('2026-11-22T14:00:00.000Z')
const BEFORE = toIso(NOW - hours(1))
const LATER = toIso(NOW + hours(1))

const open = UNTOUCHED
const touched = { ...UNTOUCHED, since: BEFORE, by: 'ana', assignee: 'ben' }
const acknowledged: IncidentLife = { ...touched, state: 'acknowledged' }
const muted: IncidentLife = { ...touched, state: 'muted', mutedUntil: { kind: 'stalls', more: 5 } }
const resolved: IncidentLife = { ...touched, state: 'resolved', resolvedIn: '1.4.3' }
const regressed: IncidentLife = { ...touched, regressed: { from: '1.4.3', in: '1.4.4', at: BEFORE } }

const ack: LifeEvent = { action: 'acknowledge' }
const mute: LifeEvent = { action: 'mute', until: { kind: 'deploy' } }
const muteUntil = (at: string): LifeEvent => ({ action: 'mute', until: { kind: 'time', at } })
const resolve = (version: string | null): LifeEvent => ({ action: 'resolve', version })
const reopen: LifeEvent = { action: 'reopen' }
const ended: LifeEvent = { action: 'mute-ended' }
const again: LifeEvent = { action: 'came-again', version: '1.4.4' }

// oxfmt-ignore
test.each<[says: string, life: IncidentLife, event: LifeEvent, becomes: string]>([
  // what happens                              in            event               the entry of its history; or why there is none
  ['acknowledged',                             open,         ack,                'acknowledged: open → acknowledged'],
  ['acknowledged twice',                       acknowledged, ack,                'same'],
  ['a muted one acknowledged',                 muted,        ack,                'acknowledged: muted until 5 more stalls → acknowledged'],
  ['a resolved one acknowledged',              resolved,     ack,                'it is resolved: reopen it first'],
  ['muted until a deploy',                     open,         mute,               'muted: open → muted until the next deploy'],
  ['an acknowledged one muted',                acknowledged, mute,               'muted: acknowledged → muted until the next deploy'],
  ['muted until something else',               muted,        mute,               'muted: muted until 5 more stalls → muted until the next deploy'],
  ['muted until a moment',                     open,         muteUntil(LATER),   `muted: open → muted until ${LATER}`],
  ['muted until a moment that is over',        open,         muteUntil(BEFORE),  'mute until a moment that is to come'],
  ['a resolved one muted',                     resolved,     mute,               'it is resolved: reopen it first'],
  ['resolved in a version',                    acknowledged, resolve('1.4.3'),   'resolved: acknowledged → resolved in 1.4.3'],
  ['resolved from now on',                     muted,        resolve(null),      'resolved: muted until 5 more stalls → resolved'],
  ['resolved twice',                           resolved,     resolve('1.4.3'),   'same'],
  ['resolved in another version after all',    resolved,     resolve('1.4.4'),   'resolved: resolved in 1.4.3 → resolved in 1.4.4'],
  ['an open one reopened',                     open,         reopen,             'same'],
  ['an acknowledged one reopened',             acknowledged, reopen,             'reopened: acknowledged → open'],
  ['a resolved one reopened',                  resolved,     reopen,             'reopened: resolved in 1.4.3 → open'],
  ['a mute ended',                             muted,        ended,              'mute-ended: muted until 5 more stalls → open'],
  ['a mute ended that was lifted before',      open,         ended,              'same'],
  ['a mute ended that was resolved before',    resolved,     ended,              'same'],
  ['a resolved one came again',                resolved,     again,              'regressed: resolved in 1.4.3 → open'],
  ['an open one came again',                   open,         again,              'same'],
  ['given to somebody',                        open,         { action: 'assign', to: 'ben' }, 'assigned: null → ben'],
  ['given to whoever has it',                  touched,      { action: 'assign', to: 'ben' }, 'same'],
  ['given back',                               touched,      { action: 'assign', to: null },  'assigned: ben → null'],
])('%s', (_, life, event, becomes) => {
  const change = changeLife(life, event, 'eve', NOW)
  const says = 'refused' in change ? change.refused : 'same' in change ? 'same' : `${change.what}: ${change.from} → ${change.to}`
  expect(says).toBe(becomes)
})

describe('what a state leaves behind', () => {
  const after = (life: IncidentLife, event: LifeEvent, by: string | null = 'eve') => {
    const change = changeLife(life, event, by, NOW)
    return 'life' in change ? change.life : null
  }

  test('who decided and when is told, who looks after it stays, and what it waited for goes', () => {
    const { assignee } = touched
    const since = toIso(NOW)
    expect(after(muted, ack)).toEqual({ ...UNTOUCHED, assignee, state: 'acknowledged', since, by: 'eve' })
    expect(after(resolved, reopen, null)).toEqual({ ...UNTOUCHED, assignee, state: 'open', since, by: null })
    expect(after(acknowledged, { action: 'assign', to: 'eve' })).toEqual({ ...acknowledged, assignee: 'eve' })
  })

  test('one that came again says from which version, until it is resolved anew', () => {
    const came = after(resolved, again, null)
    expect(came?.regressed).toEqual({ from: '1.4.3', in: '1.4.4', at: toIso(NOW) })
    expect(after(came ?? open, ack)?.regressed).toEqual(came?.regressed)
    expect(after(regressed, resolve('1.4.5'))?.regressed).toBeNull()
  })
})

const NOTHING: Recurrence = { stalls: 0, versions: [], wasDeployed: false }
const stalls = (version: string | null, wasKnown: boolean): Recurrence => ({
  ...NOTHING,
  stalls: 1,
  versions: [{ version, wasKnown }],
})
const until = (mutedUntil: NonNullable<IncidentLife['mutedUntil']>): IncidentLife => ({ ...muted, mutedUntil })
const inGeneral: IncidentLife = { ...resolved, resolvedIn: null }

// oxfmt-ignore
test.each<[says: string, life: IncidentLife, since: Recurrence, event: 'mute-ended' | 'came-again' | null]>([
  ['the moment is to come',                          until({ kind: 'time', at: LATER }),      NOTHING,                               null],
  ['the moment has come',                            until({ kind: 'time', at: toIso(NOW) }), NOTHING,                               'mute-ended'],
  ['four of five stalls came',                       muted,                                   { ...NOTHING, stalls: 4 },             null],
  ['five of five stalls came',                       muted,                                   { ...NOTHING, stalls: 5 },             'mute-ended'],
  ['stalls came, and it waits for a deploy',         until({ kind: 'deploy' }),               { ...NOTHING, stalls: 9 },             null],
  ['a deploy came',                                  until({ kind: 'deploy' }),               { ...NOTHING, wasDeployed: true },     'mute-ended'],
  ['a deploy came, and it waits for stalls',         muted,                                   { ...NOTHING, wasDeployed: true },     null],
  ['nothing came of a resolved one',                 resolved,                                NOTHING,                               null],
  ['an old version stalls on',                       resolved,                                stalls('1.4.2', true),                 null],
  ['the version stalls that should not',             resolved,                                stalls('1.4.3', true),                 'came-again'],
  ['a later version stalls',                         resolved,                                stalls('1.4.4', false),                'came-again'],
  ['one that names no version stalls',               resolved,                                stalls(null, true),                    'came-again'],
  ['any version stalls where none was named',        inGeneral,                               stalls('1.4.2', true),                 'came-again'],
  ['an open one waits for nothing',                  open,                                    stalls('1.4.4', false),                null],
  ['an acknowledged one waits for nothing',          acknowledged,                            stalls('1.4.4', false),                null],
])('%s: %s', (_, life, since, event) => {
  expect(decideReturn(life, since, NOW)?.action ?? null).toBe(event)
})

test('one stall more, and five', () => {
  expect(describeLife(until({ kind: 'stalls', more: 1 }))).toBe('muted until one more stall')
  expect(describeLife(muted)).toBe('muted until 5 more stalls')
})
