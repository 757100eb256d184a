import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDesk, type Desk } from '../../../collector/keep/desk.ts'

let dir: string
let desk: Desk

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'laststep-desk-'))
  desk = openDesk(dir)
})
afterEach(() => {
  desk.close()
  rmSync(dir, { recursive: true, force: true })
})

const message = (id: string, createdAt: number) => ({ id, body: `{"id":"${id}"}`, createdAt })
const ids = (now: number): string[] => desk.due(now).map(({ id }) => id)

test('a message is due from its creation on, the oldest first, until it is told', () => {
  desk.put(message('late', 20))
  desk.put(message('early', 10))
  expect(ids(9)).toEqual([])
  expect(ids(10)).toEqual(['early'])
  expect(ids(25)).toEqual(['early', 'late'])
  desk.told('early', 26)
  expect(ids(30)).toEqual(['late'])
  expect(desk.nextDue()).toBe(20)
  desk.told('late', 31)
  expect(desk.nextDue()).toBeNull()
})

test('an id is kept once, told or not', () => {
  desk.put(message('one', 10))
  desk.put({ ...message('one', 11), body: 'another' })
  expect(desk.due(99)).toMatchObject([{ id: 'one', body: '{"id":"one"}', createdAt: 10, attempts: 0 }])
  desk.told('one', 12)
  desk.put(message('one', 13))
  expect(ids(99)).toEqual([])
})

test('a failure counts and puts it off; for ever if need be', () => {
  desk.put(message('one', 10))
  desk.retry('one', 50, 'refused')
  expect(ids(49)).toEqual([])
  expect(desk.due(50)).toMatchObject([{ attempts: 1 }])
  desk.retry('one', Number.POSITIVE_INFINITY, 'gave up')
  expect(ids(Number.MAX_VALUE)).toEqual([])
  expect(desk.nextDue()).toBe(Number.POSITIVE_INFINITY)
})

test('everything is still there after a restart', () => {
  desk.put(message('told', 10))
  desk.put(message('waiting', 11))
  desk.told('told', 12)
  desk.retry('waiting', 40, 'refused')
  desk.close()
  desk = openDesk(dir)
  desk.put(message('told', 13))
  expect(desk.due(40)).toMatchObject([{ id: 'waiting', attempts: 1 }])
})

test('what was told or given up is forgotten in time; what waits never is', () => {
  for (const id of ['told', 'gave-up', 'waiting']) desk.put(message(id, 10))
  desk.told('told', 11)
  desk.retry('gave-up', Number.POSITIVE_INFINITY, 'no')
  desk.forget(100)
  expect(ids(100)).toEqual(['waiting'])
  desk.put(message('told', 200))
  expect(ids(200)).toEqual(['waiting', 'told'])
})

test('groups are saved with their messages, all of it or nothing, and are there after a restart', () => {
  const groups = new Map<string, string | null>([['f1', 'one']])
  const members = new Map<string, string | null>([
    ['run_1', 'a'],
    ['run_2', 'b'],
  ])
  desk.saveGroups({ groups, members, messages: [message('m1', 10)] })
  const broken = { id: 'm2', body: null as unknown as string, createdAt: 11 }
  expect(() => desk.saveGroups({ groups: new Map([['f1', 'two']]), members: new Map(), messages: [broken] })).toThrow()
  desk.saveGroups({ groups: new Map(), members: new Map([['run_2', null]]), messages: [message('m1', 12)] })
  desk.close()
  desk = openDesk(dir)
  expect(desk.groups()).toEqual({ groups: new Map([['f1', 'one']]), members: new Map([['run_1', 'a']]) })
  expect(ids(99)).toEqual(['m1'])
})

test('the first event ever is remembered once', () => {
  expect(desk.firstEventAt()).toBeNull()
  desk.saveFirstEvent(10)
  desk.saveFirstEvent(20)
  desk.close()
  desk = openDesk(dir)
  expect(desk.firstEventAt()).toBe(10)
})
