import { expect, test } from 'vitest'
import type { Status } from '../../../contract/statuses.ts'
import { decideMessage } from '../../../collector/notify/decide-message.ts'
import type { MessageBody } from '../../../collector/notify/message.ts'
import { START, makeRow, makeVerdict } from '../serve/kit/made-runs.ts'

const linkOf = (runId: string): string => `http://laststep.test/runs/${runId}`

// oxfmt-ignore
test.each([
  // from         to             expected
  [null,          'running',     'nothing-is-wrong'],
  [null,          'stalled',     'run.stalled'],
  [null,          'completed',   'nothing-is-wrong'],
  ['running',     'slow',        'nothing-is-wrong'],
  ['running',     'stalled',     'run.stalled'],
  ['slow',        'stalled',     'run.stalled'],
  ['waiting',     'stalled',     'run.stalled'],
  ['running',     'lost',        'run.stalled'],
  ['stalled',     'stalled',     'already-told'],
  ['stalled',     'lost',        'already-told'],
  ['lost',        'stalled',     'already-told'],
  ['stalled',     'running',     'run.recovered'],
  ['stalled',     'waiting',     'run.recovered'],
  ['stalled',     'completed',   'run.recovered'],
  ['lost',        'completed',   'run.recovered'],
  ['stalled',     'undelivered', 'run.recovered'],
  ['stalled',     'failed',      'ended-without-recovering'],
  ['lost',        'cancelled',   'ended-without-recovering'],
  ['running',     'completed',   'nothing-is-wrong'],
  ['running',     'failed',      'nothing-is-wrong'],
  ['completed',   'undelivered', 'nothing-is-wrong'],
] as const)('from %s to %s: %s', (from, to, expected) => {
  const decision = decide(from, to)
  expect('tell' in decision ? bodyOf(decision.tell.body).type : decision.hold).toBe(expected)
})

test('the message says what, since when, with the verdict, and where to look', () => {
  const { tell } = mustTell(decide('running', 'stalled'))
  const body = bodyOf(tell.body)
  expect(body).toMatchObject({
    type: 'run.stalled',
    timestamp: '2026-11-22T03:00:00.000Z',
    data: { run: { id: 'run_1', status: 'stalled' }, verdict: { status: 'stalled' }, link: linkOf('run_1') },
  })
})

test('deciding again decides the same message; another stall of the run is another message', () => {
  const first = mustTell(decide('running', 'stalled')).tell
  const again = mustTell(decide(null, 'stalled')).tell
  const later = mustTell(decide('running', 'stalled', '2026-11-22T04:00:00.000Z')).tell
  const recovered = mustTell(decide('stalled', 'running')).tell
  expect(again.id).toBe(first.id)
  expect(new Set([first.id, later.id, recovered.id]).size).toBe(3)
})

test('an id is safe in a header, whatever the run calls itself', () => {
  const row = makeRow({ id: 'run\r\nx-evil: 1.2.ü', status: 'stalled' })
  const { tell } = mustTell(
    decideMessage({ from: null, to: 'stalled', run: { row, verdict: makeVerdict(row) } }, linkOf, START),
  )
  expect(tell.id).toMatch(/^msg_[0-9a-f]{32}$/)
})

function decide(from: Status | null, to: Status, since = '2026-11-22T03:00:00.000Z') {
  const row = makeRow({ status: to })
  return decideMessage({ from, to, run: { row, verdict: makeVerdict(row, { since }) } }, linkOf, START)
}

function mustTell(decision: ReturnType<typeof decideMessage>) {
  if ('hold' in decision) throw new Error(`expected a message, held because ${decision.hold}`)
  return decision
}

function bodyOf(text: string): MessageBody {
  return JSON.parse(text) as MessageBody
}
