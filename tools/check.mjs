/**
 * `npm test` and `npm run check`: exactly what CI checks, in the order in which a failure is cheapest to find.
 * With arguments (`npm test -- journeys`) only the tests they name. Plain JavaScript for Node 20.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { NODE, ROOT, buildDashboard, installPackages, setUp } from './setup.mjs'

const bin = (name, ...path) => [NODE, join(ROOT, 'node_modules', name, ...path)]

/** Each step: what it is, the command, and what mends it. The import rule is among the tests (architecture). */
const STEPS = [
  { name: 'types', command: [...bin('typescript', 'bin', 'tsc'), '-p', '.'], mend: 'npm run types' },
  { name: 'types of the dashboard', command: [...bin('typescript', 'bin', 'tsc'), '-p', 'web'], mend: 'npm run types' },
  { name: 'lint', command: [...bin('oxlint', 'bin', 'oxlint'), '--deny-warnings'], mend: 'npm run lint -- --fix' },
  { name: 'format', command: [...bin('oxfmt', 'bin', 'oxfmt'), '--check', '.'], mend: 'npm run format' },
]

const only = process.argv.slice(2)
setUp()
installPackages('test/sdk/otel-2', "packages of OpenTelemetry's 2.x line, to test against")
if (only.length === 0) for (const step of STEPS) run(step)
buildDashboard()
process.exit(runTests(only))

function run({ name, command, mend }) {
  const started = process.hrtime.bigint()
  const [program, ...args] = command
  const result = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: environment() })
  if (result.status !== 0) {
    process.stderr.write(`check: ${name} failed. To look or mend: ${mend}\n`)
    process.exit(1)
  }
  process.stderr.write(`check: ${name} ok (${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s)\n`)
}

/** Run vitest, then print the counts on a line of their own, as CI systems read them. */
function runTests(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'laststep-test-'))
  const report = join(folder, 'report.json')
  const result = spawnSync(
    NODE,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...filters,
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: environment() },
  )
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8'))
    const skipped = counts.numPendingTests + counts.numTodoTests
    process.stdout.write(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${skipped} skipped\n`)
  } catch {
    process.stderr.write('check: the test runner left no report\n')
  }
  rmSync(folder, { recursive: true, force: true })
  return result.status ?? 1
}

/** Programs started by tests find the pinned Node first. */
function environment() {
  return { ...process.env, PATH: join(ROOT, 'node_modules', '.bin') + delimiter + process.env.PATH }
}
