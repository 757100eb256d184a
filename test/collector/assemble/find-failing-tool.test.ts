/** When failures of a tool are a row, and what breaks one. */
import { expect, test } from 'vitest'
import { findFailingTool } from '../../../collector/assemble/find-failing-tool.ts'
import { BLANK_SPAN } from '../../../collector/assemble/snapshot-form.ts'
import type { TraceSpan } from '../../../collector/assemble/trace.ts'
import { START } from '../../kit/manual-clock.ts'

function failures(count: number, own: Partial<TraceSpan> = {}): TraceSpan[] {
  return Array.from({ length: count }, (_, index) => {
    const at = START + (index + 1) * 1_000
    const ids = { spanId: `s${index + 1}`, phase: 'tool', stepName: 'query', status: 'error' } as const
    return { ...BLANK_SPAN, ...ids, endedAt: at, finishedAt: at, ...own }
  })
}
const other = failures(21, { stepName: 'other' }).slice(20)
const never = -Infinity

// oxfmt-ignore
test.each([
  // failures                              a tool went well at   count
  ['nineteen',                             failures(19),                                       never,            undefined],
  ['twenty',                               failures(20),                                       never,            20],
  ['thirty, and a success before',         failures(30),                                       START,            30],
  ['thirty, and a success after the fifth', failures(30),                                      START + 5_000,    25],
  ['thirty, and a success after the 15th', failures(30),                                       START + 15_000,   undefined],
  ['twenty, and one of another tool',      [...failures(20), ...other],                        never,            undefined],
  ['twenty of a model',                    failures(20, { phase: 'reasoning' }),               never,            undefined],
  ['twenty that were got over',            failures(20, { status: 'ok' }),                     never,            undefined],
  ['twenty in the order of their arrival', failures(20).toReversed(),                          never,            20],
])('%s', (_what, failed, toolWentWellAt, count) => {
  expect(findFailingTool({ failed, toolWentWellAt })?.count).toBe(count)
})

test('says since when, from when it is certain, and the latest', () => {
  const told = { name: 'query', count: 22, since: START + 1_000, provenAt: START + 20_000, spanId: 's22' }
  expect(findFailingTool({ failed: failures(22), toolWentWellAt: never })).toEqual(told)
})
