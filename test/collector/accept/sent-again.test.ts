/** Clients may send again what was taken already (a lost answer, a retry): it must change nothing. */
import { expect, test } from 'vitest'
import { readEntry } from '../../../collector/accept/read-entry.ts'
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { openContracts } from '../../../collector/contracts.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { START } from '../../kit/manual-clock.ts'
import { spanJson, spanRequest, TRACE } from './conformance/bodies.ts'

const progression = loadPreset('laststep')

/** What the book says of the run after these requests, arrived in one moment. */
function seenAfter(requests: readonly { encoding: 'protobuf' | 'json'; body: Buffer }[]) {
  const judge: Parameters<typeof openRunBook>[0]['judge'] = (each, now) => judgeRun(each, progression, now)
  const book = openRunBook({ contracts: openContracts([progression]), judge, changed: () => {} })
  for (const { encoding, body } of requests) book.apply(readEntry({ kind: 'traces', encoding, body }).signals, START)
  const run = book.find(TRACE)
  if (run === null) throw new Error('no run')
  const { facts, verdict, row } = run
  const { rev: _rev, ...shown } = row
  const { rev: _factsRev, ...known } = facts
  return { size: book.size, shown, known, verdict }
}

const run = { key: 'gen_ai.operation.name', value: { stringValue: 'invoke_agent' } }
const agent = { key: 'gen_ai.agent.name', value: { stringValue: 'research' } }
const tool = {
  traceId: Buffer.from(TRACE, 'hex'),
  spanId: Buffer.alloc(8, 7),
  parentSpanId: Buffer.from('eee19b7ec3c1b174', 'hex'),
  name: 'execute_tool search',
  startTimeUnixNano: '1544712660400000001',
}
const started = {
  encoding: 'protobuf',
  body: spanRequest({ name: 'invoke_agent', attributes: [run, agent], endTimeUnixNano: '0' }, [tool]),
} as const
const ended = {
  encoding: 'protobuf',
  body: spanRequest({ name: 'invoke_agent', attributes: [run, agent] }, [
    { ...tool, endTimeUnixNano: '1544712660500000001' },
  ]),
} as const
const endedInJson = {
  encoding: 'json',
  body: Buffer.from(spanJson({ name: 'invoke_agent', attributes: [run, agent] })),
} as const

// oxfmt-ignore
test.each([
  ['an open run, twice',                         [started, started],                       [started]],
  ['a finished run, three times',                [started, ended, ended, ended],           [started, ended]],
  ['all of it, again from the start',            [started, ended, started, ended],         [started, ended]],
  ['the end once more, in the other encoding',   [started, ended, endedInJson],            [started, ended]],
])('%s', (_what, sent, once) => {
  expect(seenAfter(sent)).toEqual(seenAfter(once))
})

test('the two stories differ: the comparison can fail', () => {
  expect(seenAfter([started])).not.toEqual(seenAfter([started, ended]))
})
