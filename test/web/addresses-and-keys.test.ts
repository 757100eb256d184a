import { describe, expect, test } from 'vitest'
import { attributeRows } from '../../web/model/attributes.ts'
import { KEYMAP, readKey, USUAL_KEYS, type KeyEntry } from '../../web/model/keymap.ts'
import { api, NOTHING_SELECTED, paths } from '../../web/paths.ts'
import { readPhase, readRunsFilter, readRunView, readSelection, selectionOf } from '../../web/read-address.ts'

describe('addresses', () => {
  test('a filter and a selection survive the way through the address', () => {
    const filter = {
      statuses: ['stalled', 'completed'],
      agent: 'a&b',
      step: '',
      user: 'ü',
      session: 's 1',
      version: '1',
      environment: 'e',
      since: 'now-1h',
      until: '',
      attributes: ['a:is:b:c', 'd&e:any'],
      sort: 'agent',
      order: 'desc',
    } as const
    const path = paths.runs(filter)
    const attributes = new URL(path, 'http://x').searchParams.getAll('attr')
    expect(readRunsFilter(query(path), attributes)).toEqual(filter)
    const selection = { span: '00f067aa0ba902b7', message: 7, connection: null, log: null, process: 'p1' }
    expect(readSelection(query(paths.run('run_1', selection)))).toEqual(selection)
    expect(readPhase(query(paths.live('tool')))).toBe('tool')
  })

  test('how a timeline is looked at survives the way through the address; what makes no sense is left out', () => {
    const view = {
      window: { from: -20, to: 48_145 },
      folded: ['a1', 'b2'],
      onlyProblems: true,
      isFollowing: false,
      tab: 'raw',
      isIdleFolded: true,
      asOf: '2026-11-22T03:04:11.204Z',
    } as const
    expect(readRunView(query(paths.run('run_1', {}, null, view)))).toEqual(view)
    const plain = readRunView({})
    expect(paths.run('run_1', {}, null, plain)).toBe('/runs/run_1')
    expect(readRunView({ t0: '9', t1: '3', follow: 'x', tab: 'x', only: 'x', asof: 'x' })).toEqual(plain)
    expect(readRunView({ t0: '9' })).toEqual(plain)
  })

  test('nothing set, nothing written', () => {
    expect([paths.live(), paths.runs(), paths.run('a/b')]).toEqual(['/live', '/runs', '/runs/a%2Fb'])
  })

  test('an unknown value shows more, never nothing', () => {
    expect(readRunsFilter({ status: 'stalled,exploded' }).statuses).toEqual(['stalled'])
    expect(readPhase({ phase: 'lunch' })).toBeNull()
    expect(readSelection({ msg: '-1', log: 'x' })).toEqual(NOTHING_SELECTED)
  })

  test('the feed speaks TLS when the page does, and resumes from its cursor', () => {
    expect(api.live({ protocol: 'http:', host: 'h:1' }, null)).toBe('ws://h:1/api/live')
    expect(api.live({ protocol: 'https:', host: 'h' }, 'c/9')).toBe('wss://h/api/live?after=c%2F9')
  })

  // oxfmt-ignore
  test.each([
    ['span:00f067aa0ba902b7', { span: '00f067aa0ba902b7' }],
    ['delivery:118',          { message: 118 }],
    ['connection:conn_1',     { connection: 'conn_1' }],
    ['pulse:agent-7f9c',      { process: 'agent-7f9c' }],
    ['log:waiting@2026-11-22T00:00:02.000Z', { log: 1, span: 's1' }],
    ['log:ended@2026-11-22T00:00:03.000Z',   null],
  ])('evidence %s opens its record', (ref, selection) => {
    const log = { severity: 'INFO', event: 'laststep.run', spanId: 's1', attributes: {} }
    const logs = [
      { ...log, at: '2026-11-22T00:00:02.000Z', body: 'run accepted' },
      { ...log, at: '2026-11-22T00:00:02.000Z', body: 'run waiting' },
    ]
    expect(selectionOf(ref, logs)).toEqual(selection)
  })
})

describe('keys', () => {
  test('a chord needs its second key within a second', () => {
    const first = readKey('g', 100, null, USUAL_KEYS)
    expect(first).toEqual({ action: null, prefix: { key: 'g', at: 100 } })
    expect(readKey('l', 900, first.prefix, USUAL_KEYS).action).toBe('go-live')
    expect(readKey('l', 1_200, first.prefix, USUAL_KEYS).action).toBeNull()
  })

  test('one meaning per key', () => {
    const keys = Object.values<KeyEntry>(KEYMAP).flatMap(({ keys, also }) => [keys, ...(also ? [also] : [])])
    expect(new Set(keys).size).toBe(keys.length)
    for (const [action, entry] of Object.entries<KeyEntry>(KEYMAP))
      for (const key of [entry.keys, entry.also])
        if (key !== undefined && !key.includes(' ')) expect(readKey(key, 0, null, USUAL_KEYS).action).toBe(action)
  })
})

test('attributes: what one asks first comes first, the rest by name', () => {
  const rows = attributeRows({ zebra: 1, 'code.line.number': 88, apple: { a: [1, true] }, 'laststep.phase': 'tool' })
  expect(rows.map((row) => `${row.key}=${row.value}`)).toEqual([
    'laststep.phase=tool',
    'code.line.number=88',
    'apple={"a":[1,true]}',
    'zebra=1',
  ])
})

function query(path: string): Record<string, string> {
  return Object.fromEntries(new URL(path, 'http://x').searchParams)
}
