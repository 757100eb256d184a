/** The stall lab from outside: a handful of its modes, by real processes and sockets. `npx laststep lab` plays them all. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { NODE, ROOT } from '../kit/programs.ts'

interface Report {
  readonly isOk: boolean
  readonly outcomes: readonly {
    readonly mode: { readonly id: string; readonly name: string }
    readonly run: { readonly verdict: { readonly evidence: readonly { readonly text: string }[] } } | null
    readonly finding: { readonly name: string; readonly trouble: string } | null
    readonly tookMs: number
    readonly problems: readonly string[]
  }[]
  readonly healthyRuns: number
  readonly falseFlags: readonly string[]
}

const lab = (...words: string[]) =>
  promisify(execFile)(NODE, [join(ROOT, 'tools', 'laststep.ts'), 'lab', ...words], { cwd: ROOT })

test('seven faults are judged as the catalogue says, and no healthy run beside them is flagged', async () => {
  const ofConnections = ['hung-auth', 'handshake-race']
  const names = [
    ...ofConnections,
    'silent-rejection',
    'removed-singleton',
    'factory-import-error',
    'false-completion',
    'cut-by-proxy',
  ]
  const { stdout } = await lab('--json', '--users', '2', ...names)
  const report = JSON.parse(stdout) as Report
  expect(report.outcomes.map(({ mode, problems }) => [mode.name, problems])).toEqual([
    ['hung-auth', []],
    ['handshake-race', []],
    ['silent-rejection', []],
    ['removed-singleton', []],
    ['factory-import-error', []],
    ['false-completion', []],
    ['cut-by-proxy', []],
  ])
  expect(report.falseFlags).toEqual([])
  expect(report.healthyRuns).toBeGreaterThan(1)
  expect(report.isOk).toBe(true)
  const [hung, race, , singleton] = report.outcomes
  expect([hung?.finding, race?.finding]).toMatchObject([
    { name: 'connections to lab-F04-hung-auth in lab', trouble: 'are not authenticated within 6 s' },
    { trouble: "fail with 1011, the server's own error, before they are ready" },
  ])
  // The line that threw, and none of those in between.
  expect(singleton?.run?.verdict.evidence[0]?.text).toMatch(
    /^KeyError: 'orchestrator_available' .* at server\/orchestrate\/create-execution-orchestrator\.ts:\d+/,
  )
})

test('its words are checked, and its list is the catalogue', async () => {
  await expect(lab('F99')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no failure mode is called "F99"; laststep lab --list names them all'),
  })
  const { stdout } = await lab('--list')
  const ids = stdout.match(/^F\d\d/gm) ?? []
  expect(new Set(ids).size).toBe(61)
})
