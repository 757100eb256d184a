/** The desk's investigations, beside what they ask of the outbox. */
import { afterAll, expect, test } from 'vitest'
import { openDesk } from '../../../collector/keep/desk.ts'
import { temporaryFolder } from '../../kit/programs.ts'

const desk = openDesk(temporaryFolder('sheets'))
afterAll(() => desk.close())

const about = (fingerprint: string, runId: string): string =>
  JSON.stringify({ type: 'run.stalled', data: { run: { id: runId }, group: { fingerprint, count: 1 } } })

test('alerts of an incident, or of a run, are those whose receiver said yes, in the order in which he did', () => {
  const messages = [
    ['m1', about('4f2a', 'run_1')],
    ['m2', about('4f2a', 'run_2')],
    ['m3', about('19c0', 'run_3')],
    ['m4', about('4f2a', 'run_4')],
    ['m5', JSON.stringify({ type: 'source.silent', data: { finding: {}, group: { fingerprint: 'beef', count: 1 } } })],
  ] as const
  for (const [id, body] of messages) desk.put({ id, body, createdAt: 1 })
  for (const [id, at] of [
    ['m2', 5],
    ['m1', 7],
    ['m3', 6],
    ['m5', 8],
  ] as const)
    desk.told(id, at)
  const told = (fingerprint: string | null, runId: string | null) =>
    desk.investigations.told({ fingerprint, runId }).map(({ body, toldAt }) => [JSON.parse(body).data.run?.id, toldAt])
  expect(told('4f2a', null)).toEqual([
    ['run_2', 5],
    ['run_1', 7],
  ])
  expect(told(null, 'run_3')).toEqual([['run_3', 6]])
  expect(told('4f2a', 'run_3')).toEqual([
    ['run_2', 5],
    ['run_3', 6],
    ['run_1', 7],
  ])
  expect(told(null, null)).toEqual([])
})

test('a revision that is there already is not written over, and nothing of the attempt is kept', () => {
  const sheet = { first: '{}', row: 'new', fingerprint: null, runId: null }
  const no = desk.investigations.create(null, () => sheet)
  desk.investigations.append(no, 2, 'mine', 'edited')
  expect(() => desk.investigations.append(no, 2, 'theirs', 'edited again')).toThrow()
  expect(desk.investigations.read(no)).toEqual({ first: '{}', entries: ['mine'] })
  expect(desk.investigations.list({})).toEqual(['edited'])
})
