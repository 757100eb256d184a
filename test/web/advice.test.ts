import { describe, expect, test } from 'vitest'
import type { RunDetail } from '../../contract/runs.ts'
import type { Confidence, Status } from '../../contract/statuses.ts'
import { minutes } from '../../contract/units.ts'
import { adviseOn } from '../../web/model/advice.ts'
import { makeRun } from './kit/make-run.ts'

const NOW = Date.UTC(2026, 10, 22, 3, 4, 0)

function judged(confidence: Confidence, status: Status = 'stalled', ref: string | null = null): RunDetail {
  const run = makeRun({ id: 'run_01', status, now: NOW, age: minutes(5), quiet: minutes(4) })
  return { ...run, verdict: { ...run.verdict, confidence, evidence: [{ text: 'a record', ref }] } }
}

// oxfmt-ignore
describe('what would make a verdict surer', () => {
  test.each([
    // resting on                         advises
    [judged('T1'),                        null],
    [judged('T2'),                        'whether its process is alive. Add the pulse'],
    [judged('T2', 'lost', 'pulse:pod-1'), null],
    [judged('T3'),                        'sends spans only when they end. Add Laststep’s SDK to see the step while it hangs'],
    [judged('T3', 'completed'),           'sends spans only when they end. Add'],
    [judged('T4'),                        'sends no spans'],
  ])('%#', (run, words) => {
    const advice = adviseOn(run)
    if (words === null) expect(advice).toBeNull()
    else expect(`${advice?.lack} ${advice?.remedy}`).toContain(words)
  })
})

test('nothing to install brings back a record that was lost on its way', () => {
  const run = judged('T3')
  const spans = run.spans.map((span) => ({ ...span, endedAt: null, openState: 'unreported' as const }))
  expect(adviseOn({ ...run, spans })).toBeNull()
})

test('the lines carry the service’s own name, quoted', () => {
  const codes = adviseOn({ ...judged('T3'), service: 'the "best" agents' })?.lines.map(({ code }) => code)
  expect(codes).toEqual([
    expect.stringContaining(String.raw`serviceName: "the \"best\" agents"`),
    expect.stringContaining(String.raw`service_name="the \"best\" agents"`),
  ])
})
