import { describe, expect, test } from 'vitest'
import { decideGate, type GateFacts } from '../../../tools/gate/decide-gate.ts'
import type { Report } from '../../../tools/gate/report.ts'
import { writeAnnotations } from '../../../tools/gate/write-annotations.ts'
import { writeJunit } from '../../../tools/gate/write-junit.ts'
import { writeMarkdown } from '../../../tools/gate/write-markdown.ts'
import { writeText } from '../../../tools/gate/write-text.ts'
import { madeRow, madeRows } from './made-rows.ts'

const THRESHOLDS = { minRuns: 2, completion: 1, delivery: 1, maxOpen: 0, maxDrop: null }
const report = (facts: GateFacts): Report => {
  return { outcome: decideGate(facts, THRESHOLDS), subject: 'runs of the last 15m', dashboard: 'http://d' }
}
const code = { file: 'server/search.ts', line: 12, function: 'search' }
const step = { phase: 'tool', name: 'search', code } as const
const STALLED = Array.from({ length: 7 }, (_, n) => madeRow(`s${n}`, { status: 'stalled', step, cause: 'tool-silent' }))
const FAILED = report({
  rows: [...STALLED, ...madeRows('3 completed')],
  before: { version: '1.0', rows: madeRows('4 completed') },
  doubts: [],
  gaps: [],
})
const PASSED = report({ rows: madeRows('3 completed'), before: null, doubts: [], gaps: [] })
/** Names that others chose, to look like something of ours. */
const EVIL = report({
  rows: [
    madeRow('a/b?c#d)', {
      status: 'failed',
      agent: 'x | y\n::error::gone <script>alert(1)</script> [link](http://evil) `z` & "q" \u0000\u001b[31m',
      step: { phase: 'tool', name: 'n', code: { ...code, file: 'a,b:c\n::set-output::x' } },
    }),
  ],
  before: null,
  doubts: [],
  gaps: [],
})

describe('at a terminal', () => {
  test('a failed gate names checks, kinds of failure with line and links, and before and after', () => {
    const lines = writeText(FAILED).split('\n')
    expect(lines).toContain('  ✗ completion  3 of 10 (30 %), 100 % needed')
    expect(lines).toContain('  ✓ delivery    3 of 3 (100 %), 100 % needed')
    expect(lines).toContain('7 runs: assistant · stalled in tool › search · tool-silent, at server/search.ts:12')
    expect(lines.filter((line) => line.startsWith('  http://d/runs/s'))).toHaveLength(5)
    expect(lines).toContain('  and 2 more')
    expect(lines).toContain('completion    100 %  30 %')
    expect(lines.at(-1)).toBe('FAILED: completion')
  })

  test('a passed one says so last', () => expect(writeText(PASSED).split('\n').at(-1)).toBe('PASSED'))

  test('runs that are not known are named', () => {
    const text = writeText(
      report({ rows: madeRows('3 completed, 1 running, 1 slow?'), before: null, doubts: [], gaps: [] }),
    )
    expect(text).toMatch(
      /^2 not known:\n {2}http:\/\/d\/runs\/run_1_0 {2}running\n {2}http:\/\/d\/runs\/run_2_0 {2}slow, unconfirmed$/m,
    )
    expect(text).toContain('FAILED: open, confirmed')
  })

  test('a name with a line break stays in its line', () => {
    for (const line of writeText(EVIL).split('\n')) expect(line).not.toMatch(/^::|\p{Cc}/u)
  })
})

describe('as JUnit', () => {
  test('each check is a case, and each kind of failure that failed one', () => {
    const text = writeJunit(FAILED)
    expect(text).toContain('<testsuites tests="8" failures="2">')
    expect(text).toContain(
      '<testcase classname="laststep.gate" name="completion"><failure message="3 of 10 (30 %), 100 % needed">',
    )
    expect(text).toContain(
      '<failure message="7 × assistant · stalled in tool › search · tool-silent at server/search.ts:12">',
    )
    expect(text.match(/http:\/\/d\/runs\/s/g)).toHaveLength(7)
    expect(writeJunit(PASSED)).toContain('failures="0"')
    expect(writeJunit(PASSED)).not.toContain('<failure')
  })

  test('is well-formed whatever the runs are called', () => {
    const text = writeJunit(EVIL)
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(text).toContain('&lt;script&gt;')
    // What is left of it without its tags has no sign of its own.
    expect(text.replaceAll(/<\/?[a-z-]+(?: [a-z]+="[^"<]*")*\/?>|<\?xml[^?]*\?>/g, '')).not.toMatch(/[<>"]/)
  })
})

describe('as Markdown', () => {
  test('has the checks, what failed with links, and before and after', () => {
    const text = writeMarkdown(FAILED)
    expect(text).toContain('## Laststep gate: failed')
    expect(text).toContain('| ❌ | completion | 3 of 10 (30 %), 100 % needed |')
    expect(text).toContain('`server/search.ts:12`')
    expect(text).toContain('[s0](http://d/runs/s0)')
    expect(text).toContain('| completion | 100 % | 30 % |')
    expect(writeMarkdown(PASSED)).toContain('## Laststep gate: passed')
  })

  test('names make no markup and no cells', () => {
    const rows = writeMarkdown(EVIL)
      .split('\n')
      .filter((line) => line.startsWith('| 1 |'))
    expect(rows).toHaveLength(1)
    const [row = ''] = rows
    expect(row.split(/(?<!\\)\|/)).toHaveLength(6)
    expect(row).not.toContain('<script>')
    expect(row).toContain('\\[link\\](http:\\//evil)')
    expect(row).toContain('(http://d/runs/a%2Fb%3Fc%23d%29)')
  })
})

describe('as annotations of a GitHub job', () => {
  test('a check is one, and a kind of failure is one at its line', () => {
    expect(writeAnnotations(FAILED)).toEqual([
      '::error title=Laststep gate%3A completion::3 of 10 (30 %25), 100 %25 needed',
      '::error file=server/search.ts,line=12,title=Laststep gate::assistant · stalled in tool › search · tool-silent: http://d/runs/s0 and 6 more',
    ])
    expect(writeAnnotations(PASSED)).toEqual(['::notice title=Laststep gate::passed: runs of the last 15m'])
  })

  test('no name begins a command of its own or another property', () => {
    const lines = writeAnnotations(EVIL)
    for (const line of lines) {
      expect(line).not.toContain('\n')
      expect(line).toMatch(/^::error [^:]*::/)
    }
    expect(lines.at(-1)).toContain('file=a%2Cb%3Ac%0A%3A%3Aset-output%3A%3Ax,line=12')
  })
})
