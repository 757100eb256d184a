/** Open spans in the clothes of finished ones: which span each stands for, read from both encodings. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readRecords } from '../../../collector/accept/read-records.ts'
import { undisguised } from '../../../collector/accept/undo-disguise.ts'
import { mergeSpans } from '../../../collector/serve/merge-spans.ts'
import { HEARSAY, type SpanSignal } from '../../../collector/signal.ts'
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../collector/contracts.ts'
import { START } from '../../kit/manual-clock.ts'
import { attributesOf, readSpans, type Fields } from './read-both.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = '00f067aa0ba902b7'
const OTHER = '53995c3f42cd8ad8'
const NOBODY = '0000000000000000'

/** A span that seems to have run from 1 s to 2 s after the epoch. */
const finished = (fields: Fields, own: object = {}): object => ({
  traceId: TRACE,
  spanId: SPAN,
  parentSpanId: PARENT,
  name: 'chat gpt-5',
  startTimeUnixNano: '1000000000',
  endTimeUnixNano: '2000000000',
  attributes: attributesOf(fields),
  ...own,
})

type Wanted = Partial<SpanSignal> | null
const open = (own: Partial<SpanSignal>): Wanted => ({ endedAt: null, startedAt: 1_000, ...own })

// oxfmt-ignore
test.each<[string, object, Wanted]>([
  // what is sent                             the record                                                                                      the signal
  ['no disguise',                             finished({}),                                                                                   { spanId: SPAN, parentSpanId: PARENT, endedAt: 2_000, seq: 0 }],
  ['no end',                                  finished({}, { endTimeUnixNano: '0' }),                                                         open({ spanId: SPAN, parentSpanId: PARENT, seq: 0 })],
  ['an end before the start',                 finished({}, { endTimeUnixNano: '5' }),                                                         open({ spanId: SPAN, seq: 0 })],
  ['Logfire, pending',                        finished({ 'logfire.span_type': 'pending_span', 'logfire.pending_parent_id': OTHER }),          open({ spanId: PARENT, parentSpanId: OTHER, seq: 0 })],
  ['Logfire, pending at the root',            finished({ 'logfire.span_type': 'pending_span', 'logfire.pending_parent_id': NOBODY }),         open({ spanId: PARENT, parentSpanId: null })],
  ['Logfire, pending, parent untold',         finished({ 'logfire.span_type': 'pending_span' }),                                              open({ spanId: PARENT, parentSpanId: null })],
  ['Logfire, pending for nobody',             finished({ 'logfire.span_type': 'pending_span' }, { parentSpanId: '' }),                        null],
  ['Logfire, an ordinary span',               finished({ 'logfire.span_type': 'span' }),                                                      { spanId: SPAN, endedAt: 2_000 }],
  ['trigger.dev, partial',                    finished({ '$span.partial': true, '$span.span_id': OTHER }),                                    open({ spanId: OTHER, parentSpanId: PARENT, seq: 0 })],
  ['trigger.dev, partial of nothing',         finished({ '$span.partial': true }),                                                            null],
  ['trigger.dev, whole',                      finished({ '$span.partial': false, '$span.span_id': OTHER }),                                   { spanId: SPAN, endedAt: 2_000 }],
  ['Datadog, third version',                  finished({ '_dd.partial_version': 3 }),                                                         open({ spanId: SPAN, seq: 3 })],
  ['Datadog, final',                          finished({ '_dd.partial_version': 0 }),                                                         { spanId: SPAN, endedAt: 2_000 }],
  ['a collector on the way gave up',          finished({ 'partial.gc': true }),                                                               open({ spanId: SPAN, seq: 2_000, stopReason: 'a collector on its way stopped waiting' })],
])('%s', (_what, record, wanted) => {
  const signals = readSpans([record])
  if (wanted === null) expect(signals).toEqual([])
  else expect(signals).toMatchObject([{ kind: 'span', traceId: TRACE, name: 'chat gpt-5', ...wanted }])
})

describe('the spans around a span', () => {
  const uuid = (id: string) => `00000000-0000-0000-${id.slice(0, 4)}-${id.slice(4)}`
  const around = { kind: 'span', traceId: TRACE, endedAt: null, seq: HEARSAY.ofDescendant }
  const root = { ...around, spanId: OTHER, parentSpanId: null, name: 'invoke_agent research' }
  const inner = { ...around, spanId: PARENT, parentSpanId: OTHER, name: 'step 1' }
  const names = ['invoke_agent research', 'step 1']

  // oxfmt-ignore
  test.each<[string, Fields, readonly object[]]>([
    // whose form        attributes                                                                                                          beside the span itself
    ['our own',          { 'laststep.span.ids_path': [OTHER, PARENT], 'laststep.span.path': names, 'laststep.span.starts_path': ['500000000', '700000000'] }, [{ ...root, startedAt: 500 }, { ...inner, startedAt: 700 }]],
    ['TraceRoot’s',      { 'traceroot.span.ids_path': [OTHER, PARENT], 'traceroot.span.path': names, 'traceroot.span.starts_path': ['500000000', 'soon'] }, [{ ...root, startedAt: 500 }, { ...inner, startedAt: 1_000 }]],
    ['Laminar’s UUIDs',  { 'lmnr.span.ids_path': [uuid(OTHER), uuid(PARENT), uuid(SPAN)], 'lmnr.span.path': [...names, 'chat gpt-5'] },         [{ ...root, startedAt: 1_000 }, { ...inner, startedAt: 1_000 }]],
    ['ids alone',        { 'lmnr.span.ids_path': [uuid(OTHER)] },                                                                                [{ ...root, name: '' }]],
    ['no ids',           { 'laststep.span.ids_path': ['me', NOBODY], 'laststep.span.path': names },                                              []],
    ['names alone',      { 'laststep.span.path': names },                                                                                        []],
  ])('%s', (_what, fields, ancestors) => {
    expect(readSpans([finished(fields)])).toMatchObject([{ spanId: SPAN, endedAt: 2_000 }, ...ancestors])
  })

  const path = { 'laststep.span.ids_path': [PARENT], 'laststep.span.path': ['invoke_agent research'] }
  const agent = (own: object) =>
    finished({ 'gen_ai.agent.name': 'scout' }, { spanId: PARENT, parentSpanId: '', name: 'invoke_agent scout', ...own })

  test.each([
    ['a final record', agent({}), 'completed', 'T3'],
    ['a partial record', agent({ endTimeUnixNano: '0' }), 'running', 'T2'],
  ])('give way to %s of their own, whichever comes first', (_what, own, status, confidence) => {
    for (const records of [
      [own, finished(path)],
      [finished(path), own],
    ])
      expect(judged(records)).toEqual([{ agent: 'scout', status, confidence }])
  })

  test('are no proof that the run still runs', () => {
    expect(judged([finished(path)])).toEqual([{ agent: 'research', status: 'running', confidence: 'T3' }])
  })
})

function judged(records: readonly object[]): object[] {
  const progression = loadPreset('laststep')
  const book = openRunBook({
    contracts: openContracts([progression]),
    judge: (each, now) => judgeRun(each, progression, now),
    changed: () => {},
  })
  for (const record of records) book.apply(readSpans([record]), START)
  return [...book.rows()].map(({ facts, verdict: { status, confidence } }) => ({
    agent: facts.agent,
    status,
    confidence,
  }))
}

test("a run page shows a disguised span as the span it stands for, as Logfire's recording has them", () => {
  const file = join(import.meta.dirname, '..', '..', 'corpus', 'logfire', 'hung-in-tool.json')
  const { requests } = JSON.parse(readFileSync(file, 'utf8')) as { requests: { body: unknown }[] }
  const spans = requests.flatMap(({ body }) => {
    const bytes = Buffer.from(JSON.stringify(body))
    return undisguised(readRecords({ kind: 'traces', encoding: 'json', receivedAt: START, body: bytes })).spans
  })
  const open = mergeSpans(spans).filter(({ last }) => last.endedAt === null)
  expect(open.map(({ last }) => last.name)).toEqual(['invoke_agent support', 'execute_tool search_orders'])
  // Each is inside the one before, and not beside a shadow of itself.
  expect(open[1]?.parentSpanId).toBe(open[0]?.last.spanId)
})
