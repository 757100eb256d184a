/** Of a run with more spans than one answer holds: what is told, and what is said of the rest. */
import { describe, expect, test } from 'vitest'
import { ATTR } from '../../../contract/attributes.ts'
import { makeDetail } from '../../../collector/serve/make-detail.ts'
import { SPANS_MAX } from '../../../collector/serve/pick-spans.ts'
import { detailOf, makeSpan, meaning, RUN } from './kit/made-records.ts'
import { START } from './kit/made-runs.ts'

test('of too many spans the quoted, the open, the failed and the steps stay, with the spans above them', () => {
  const plumbing = Array.from({ length: SPANS_MAX + 500 }, (_, index) =>
    makeSpan({ spanId: `p${index}`, endedAt: START + 1, startedAt: START }),
  )
  const worthSeeing = [
    makeSpan({ spanId: 'root', startedAt: START + 9, endedAt: START + 99 }),
    makeSpan({ spanId: 'open', parentSpanId: 'root', startedAt: START + 10 }),
    makeSpan({ spanId: 'failed', startedAt: START + 11, endedAt: START + 12, status: 'error' }),
    makeSpan({ spanId: 'step', startedAt: START + 12, endedAt: START + 13, attributes: { [ATTR.phase]: 'reasoning' } }),
  ]
  const quoted = makeSpan({ spanId: 'quoted', startedAt: START + 14, endedAt: START + 15 })
  const verdict = { ...RUN.verdict, evidence: [{ text: 'the run span ended', ref: 'span:quoted' }] }
  const { spans, spansTotal } = detailOf([...plumbing, ...worthSeeing, quoted], [], [], { ...RUN, verdict })
  expect(spansTotal).toBe(SPANS_MAX + 505)
  expect(spans).toHaveLength(SPANS_MAX)
  expect(spans.slice(-5).map((span) => span.spanId)).toEqual(['root', 'open', 'failed', 'step', 'quoted'])
})

describe('a run with more spans than one answer holds', () => {
  const TOTAL = SPANS_MAX * 3
  const spans = [
    makeSpan({ spanId: 'root', startedAt: START, endedAt: START + TOTAL }),
    makeSpan({ spanId: 'below', parentSpanId: 'root', startedAt: START + 1, endedAt: START + 2 }),
    ...Array.from({ length: TOTAL - 2 }, (_, index) =>
      makeSpan({
        spanId: `q${index}`,
        parentSpanId: 'below',
        name: 'GET orders',
        startedAt: START + 2 + index,
        endedAt: START + 2 + index + (index < 100 ? 900 : 80),
      }),
    ),
  ]
  const told = (wish: Parameters<typeof makeDetail>[5]) => makeDetail(RUN, { spans, logs: [] }, [], meaning, [], wish)
  const last = `q${TOTAL - 3}`

  test('has the one asked for and what stands above it, with those around it', () => {
    expect(told({ span: null, around: null }).spans.map(({ spanId }) => spanId)).not.toContain(last)
    const { spans: some, spansTotal } = told({ span: last, around: null })
    expect([some.length, spansTotal]).toEqual([SPANS_MAX, TOTAL])
    const ids = new Set(some.map(({ spanId }) => spanId))
    for (const id of ['root', 'below', last, `q${TOTAL - 1_000}`]) expect(ids).toContain(id)
  })

  test('has those around a moment, as many before it as after it', () => {
    const ids = new Set(told({ span: null, around: TOTAL / 2 }).spans.map(({ spanId }) => spanId))
    for (const by of [-1_200, 0, 1_200]) expect(ids).toContain(`q${TOTAL / 2 + by}`)
    expect(ids).not.toContain(last)
    // A moment after the end is that of the last.
    expect(told({ span: null, around: TOTAL * 9 }).spans.map(({ spanId }) => spanId)).toContain(last)
  })

  test('says in groups what it left out', () => {
    expect(told({ span: null, around: null }).leftOut).toEqual([
      { parentSpanId: 'below', name: 'GET orders', count: TOTAL - SPANS_MAX, p95Ms: 80 },
    ])
  })

  test('has every one when all are asked for', () => {
    const { spans: every, leftOut } = told('all')
    expect([every.length, leftOut]).toEqual([TOTAL, []])
  })
})
