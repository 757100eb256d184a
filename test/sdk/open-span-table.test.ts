import { expect, test } from 'vitest'
import { OpenSpanTable } from '../../sdk/open-span-table.ts'
import { encodeListed } from '../../sdk/pulse-beat.ts'

const TRACE = '5b8efff798038103d269b633813fc60c'
const SPAN = 'eee19b7ec3c1b174'
const PARENT = '00f067aa0ba902b7'

test('another thread sees what was claimed and not what was released', () => {
  const written = new OpenSpanTable()
  const seen = new OpenSpanTable(written.memory)
  const slot = written.claim(TRACE, SPAN, PARENT, [1_795_378_838, 7_000], 'execute_tool search')
  const root = written.claim(TRACE, PARENT, undefined, [1_795_378_838, 0], 'invoke_agent helper')
  expect(seen.list()).toEqual({
    spans: [
      {
        traceId: TRACE,
        spanId: SPAN,
        parentSpanId: PARENT,
        startTime: [1_795_378_838, 7_000],
        name: 'execute_tool search',
      },
      {
        traceId: TRACE,
        spanId: PARENT,
        parentSpanId: null,
        startTime: [1_795_378_838, 0],
        name: 'invoke_agent helper',
      },
    ],
    notListed: 0,
  })
  written.release(slot)
  expect(seen.list().spans.map((span) => span.spanId)).toEqual([PARENT])
  written.release(root)
  expect(seen.list().spans).toEqual([])
})

test.each([
  ['plain text', 'execute_tool search', 'execute_tool search'],
  ['no more than 76 bytes', 'x'.repeat(200), 'x'.repeat(76)],
  ['other alphabets', 'инструмент 検索 🔎', 'инструмент 検索 🔎'],
  ['no half characters at the cut', 'é'.repeat(60), 'é'.repeat(38)],
  ['no name', '', ''],
])('names: %s', (_, name, listed) => {
  const table = new OpenSpanTable()
  table.release(table.claim(TRACE, SPAN, PARENT, [1, 2], 'the name of an earlier span in the same slot'))
  table.claim(TRACE, SPAN, PARENT, [1, 2], name)
  expect(table.list().spans.map((span) => span.name)).toEqual([listed])
})

test('spans beyond the slots are counted, and their end is too', () => {
  const table = new OpenSpanTable()
  const slots = Array.from({ length: 4_100 }, () => table.claim(TRACE, SPAN, undefined, [1, 2], 'span'))
  expect(table.list()).toMatchObject({ notListed: 4 })
  expect(table.list().spans).toHaveLength(4_096)
  for (const slot of slots) table.release(slot)
  expect(table.list()).toEqual({ spans: [], notListed: 0 })
})

test('the pulse writes a span as one line, its name last', () => {
  const table = new OpenSpanTable()
  table.claim(TRACE, SPAN, undefined, [1_795_378_838, 42], 'tool: a:b')
  table.claim(TRACE, SPAN, PARENT, [1_795_378_838, 42], 'x')
  expect(table.list().spans.map(encodeListed)).toEqual([
    `${TRACE}:${SPAN}::1795378838000000042:tool: a:b`,
    `${TRACE}:${SPAN}:${PARENT}:1795378838000000042:x`,
  ])
})
