/** `laststep gate` from outside: runs of two versions of the reference runtime, healthy and broken, and a real collector. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minutes } from '../../contract/units.ts'
import type { Report } from '../../tools/gate/report.ts'
import { connectUser, fetchToken, type UserClient } from '../../tools/user-client.ts'
import { getRun, waitForRun } from '../kit/laststep-api.ts'
import {
  startCollectorProgram,
  startRuntimeProgram,
  temporaryFolder,
  type CollectorProgram,
  type RuntimeProgram,
} from '../kit/programs.ts'
import { runLaststep } from '../kit/run-laststep.ts'

const FOLDER = temporaryFolder('gate')
const QUICK = join(import.meta.dirname, 'quick.yaml')
const HEALTHY_RUNS = 6
const PATIENCE = minutes(1)

let collector: CollectorProgram
let oldVersion: RuntimeProgram
let newVersion: RuntimeProgram
/** Runs of the new version that went wrong, by how. */
const broken = new Map<string, string>()
let deaf: UserClient

beforeAll(async () => {
  collector = await startCollectorProgram(join(FOLDER, 'data'), ['--contract', QUICK])
  // On a busy machine a pulse is late, and a process whose pulses are missing is lost.
  const as = (version: string) => ['--pulse-ms', '5000', '--environment', 'staging', '--service-version', version]
  oldVersion = await startRuntimeProgram(collector.otlpHttp, as('1.0'))
  newVersion = await startRuntimeProgram(collector.otlpHttp, as('1.1'))

  const before = await connect(oldVersion, 'ada')
  const asked = Array.from({ length: HEALTHY_RUNS }, () => before.ask('What is 6 * 7?'))
  for (const runId of await Promise.all(asked)) await before.waitForEnd(runId, PATIENCE)
  await before.close()

  const after = await connect(newVersion, 'grace')
  for (const fault of ['removed-singleton', 'hung-tool', 'half-open-model', 'skipped-terminal'])
    broken.set(fault, await after.ask('What is 6 * 7?', { fault }))
  await after.waitForEnd(await after.ask('What is 6 * 7?'), PATIENCE)
  deaf = await connect(newVersion, 'barbara')
  broken.set('deaf client', await deaf.ask('What is 6 * 7?'))
  deaf.stopReading()
  for (const [how, id] of broken) {
    const status = how === 'deaf client' ? 'undelivered' : 'stalled'
    await waitForRun(collector.dashboard, id, (run) => run.status === status, PATIENCE)
  }
}, 3 * PATIENCE)

afterAll(async () => {
  deaf?.drop()
  await Promise.all([oldVersion?.stop(), newVersion?.stop()])
  await collector?.stop()
})

const gate = (...args: string[]) => gateWith({}, ...args)
const gateWith = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  runLaststep(['gate', '--collector', collector.dashboard, '--environment', 'staging', ...args], env)

describe('a healthy version', () => {
  test('passes', async () => {
    const { status, stdout, stderr } = await gate('--release', '1.0', '--min-runs', String(HEALTHY_RUNS))
    expect(stdout).toContain(`✓ runs        ${HEALTHY_RUNS} decided, ${HEALTHY_RUNS} needed`)
    expect(stdout).toContain(`✓ completion  ${HEALTHY_RUNS} of ${HEALTHY_RUNS} (100 %)`)
    expect(stdout).toContain(`✓ delivery    ${HEALTHY_RUNS} of ${HEALTHY_RUNS} (100 %)`)
    expect(stdout.trimEnd()).toMatch(/PASSED$/)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('fails when it has too few runs', async () => {
    const { status, stdout } = await gate('--release', '1.0')
    expect(stdout).toContain(`✗ runs        ${HEALTHY_RUNS} decided, 20 needed`)
    expect(stdout).toContain('FAILED: runs')
    expect(status).toBe(1)
  })

  test('of which nothing is in the window has no run', async () => {
    const { status, stdout } = await gate('--since', '2020-01-01T00:00:00Z', '--release', '0.9', '--min-runs', '0')
    expect(stdout).toContain('✗ completion  no run')
    expect(status).toBe(1)
  })
})

describe('a version with faults', () => {
  test('fails, and each run is named with step, cause, line and a link that leads to it', async () => {
    const { status, stdout } = await gate('--release', '1.1', '--min-runs', '1')
    expect(status).toBe(1)
    expect(stdout).toContain('✗ completion  2 of 6 (33.3 %), 100 % needed')
    expect(stdout).toContain('✗ delivery    1 of 2 (50 %), 100 % needed')
    // oxfmt-ignore
    const rows = [
      ['removed-singleton', /assistant · stalled in started.* · exception-swallowed, at server\/orchestrate\/create-execution-orchestrator\.ts:\d+/],
      ['hung-tool',         /assistant · stalled in tool › calculator · tool-silent, at server\/\S+\.ts:\d+/],
      ['half-open-model',   /assistant · stalled in reasoning › .+ · model-silent, at server\/\S+\.ts:\d+/],
      ['skipped-terminal',  /assistant · stalled in terminal · terminal-skipped/],
      ['deaf client',       /assistant · completed, not delivered · unreceived/],
    ] as const
    for (const [how, title] of rows) {
      const id = broken.get(how) ?? ''
      const link = `${collector.dashboard}/runs/${id}`
      const group = stdout.split('\n\n').find((part) => part.includes(link))
      expect(group, how).toMatch(title)
      expect((await getRun(collector.dashboard, id)).id).toBe(id)
    }
  })

  test('passes by thresholds that allow it, and what failed is still named', async () => {
    const { status, stdout } = await gate(
      '--release',
      '1.1',
      '--min-runs',
      '6',
      '--completion',
      '0.33',
      '--delivery',
      '0.5',
    )
    expect(stdout).toContain('tool-silent')
    expect(stdout.trimEnd()).toMatch(/PASSED$/)
    expect(status).toBe(0)
  })

  test('is set against the one before, whose runs are not judged', async () => {
    const args = ['--compare-to', '1.0', '--min-runs', '6', '--completion', '0.3', '--delivery', '0.5']
    const { status, stdout } = await gate(...args)
    expect(stdout).toContain('✓ comparison  completion is lower by 66.6 % and delivery is lower by 50 % than 1.0')
    expect(stdout).toMatch(/^runs decided\s+6\s+6$/m)
    expect(stdout).toMatch(/^completion\s+100 %\s+33\.3 %$/m)
    expect(stdout).toMatch(/^new\s+assistant · stalled in tool › calculator · tool-silent$/m)
    expect(status).toBe(0)
    const strict = await gate(...args, '--max-drop', '0.01')
    expect(strict.stdout).toContain('FAILED: comparison')
    expect(strict.status).toBe(1)
    const nobody = await gate('--release', '1.0', '--compare-to', '0.7', '--min-runs', '1')
    expect(nobody.stdout).toContain('✗ comparison  no decided run of version 0.7: nothing to compare with')
    expect(nobody.status).toBe(1)
  })

  test('is told to a CI: JUnit, Markdown, the summary of a GitHub job and annotations at their lines', async () => {
    const [junit, markdown, summary] = ['gate.xml', 'gate.md', 'summary.md'].map((name) => join(FOLDER, name))
    writeFileSync(summary!, '# What came before\n')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }
    const files = ['--junit', junit!, '--markdown', markdown!, '--json']
    const { status, stdout, stderr } = await gateWith(env, '--release', '1.1', '--min-runs', '1', ...files)
    expect(status).toBe(1)
    const { outcome } = JSON.parse(stdout) as Report
    expect(outcome.failures.flatMap(({ runs }) => runs.map(({ id }) => id)).sort()).toEqual([...broken.values()].sort())

    const xml = readFileSync(junit!, 'utf8')
    expect(xml).toContain('<testcase classname="laststep.gate" name="completion"><failure message="2 of 6 (33.3 %)')
    const text = readFileSync(markdown!, 'utf8')
    for (const id of broken.values()) {
      expect(xml).toContain(`/runs/${id}`)
      expect(text).toContain(`(${collector.dashboard}/runs/${id})`)
    }
    expect(readFileSync(summary!, 'utf8')).toBe(`# What came before\n${text}`)
    expect(stderr).toMatch(/^::error title=Laststep gate%3A completion::2 of 6/m)
    expect(stderr).toMatch(
      /^::error file=server\/orchestrate\/create-execution-orchestrator\.ts,line=\d+,title=Laststep gate::/m,
    )
  })

  test('a passing gate leaves files as well, without a failure in them', async () => {
    const junit = join(FOLDER, 'passed.xml')
    const { status } = await gate('--release', '1.0', '--min-runs', '1', '--junit', junit)
    expect(readFileSync(junit, 'utf8')).toContain('failures="0"')
    expect(status).toBe(0)
  })
})

describe('runs that are not decided yet', () => {
  test('are waited for, and counted by what became of them', async () => {
    const user = await connect(newVersion, 'edsger')
    const runId = await user.ask('What is 6 * 7?', { agent: 'analyst', fault: 'hung-tool' })
    await waitForRun(collector.dashboard, runId, ({ agent }) => agent === 'analyst')
    const { status, stdout } = await gate('--agent', 'analyst', '--min-runs', '1', '--wait', '10m')
    expect(stdout).toContain('✓ open        0 not decided yet')
    expect(stdout).toMatch(new RegExp(`1 run: analyst · stalled in tool.*\\n.*/runs/${runId}`))
    expect(status).toBe(1)
    await user.close()
  })
})

describe('what cannot be seen fails', () => {
  test('a collector that is not there, also in the report of a CI', async () => {
    const junit = join(FOLDER, 'unreachable.xml')
    const { status, stdout } = await runLaststep(['gate', '--collector', 'http://127.0.0.1:9', '--junit', junit])
    expect(stdout).toMatch(/✗ collector {3}http:\/\/127\.0\.0\.1:9 cannot be reached/)
    expect(readFileSync(junit, 'utf8')).toContain('cannot be reached')
    expect(status).toBe(1)
  })

  test('the OTLP port instead of the dashboard’s', async () => {
    const { status, stdout } = await runLaststep(['gate', '--collector', collector.otlpHttp])
    expect(stdout).toContain('port 4319 unless told otherwise')
    expect(status).toBe(1)
  })
})

describe('the words of the call', () => {
  test('each mistake is a line that says what to write', async () => {
    // oxfmt-ignore
    const args = ['--collector', '127.0.0.1', '--since', 'yesterday', '--min-runs', 'many', '--completion', '101', '--delivery', 'most',
                  '--max-open', '-1', '--max-drop', '0.1', '--wait', 'long', '--token-file', '/nowhere']
    const { status, stdout, stderr } = await runLaststep(['gate', ...args])
    const lines = stderr.trim().split('\n')
    for (const flag of [
      'collector',
      'since',
      'min-runs',
      'completion',
      'delivery',
      'max-open',
      'max-drop',
      'wait',
      'token-file',
    ])
      expect(lines.filter((line) => line.startsWith(`laststep: --${flag} `))).toHaveLength(1)
    expect(lines).toHaveLength(9)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  test('--help has examples, says what fails, and the exit codes', async () => {
    const { status, stdout } = await runLaststep(['gate', '--help'])
    for (const part of ['Examples:', '--min-runs 20', 'What is not known fails', 'Exit codes: 0 passed'])
      expect(stdout).toContain(part)
    expect(status).toBe(0)
  })
})

describe('a run that stays open', () => {
  // With the budgets of the product a silent tool is no stall for five minutes.
  let patient: CollectorProgram
  let runtime: RuntimeProgram
  let runId: string
  const ask = (...args: string[]) =>
    runLaststep(['gate', '--collector', patient.dashboard, '--min-runs', '0', '--wait', '0s', ...args])

  beforeAll(async () => {
    patient = await startCollectorProgram(join(FOLDER, 'patient'))
    runtime = await startRuntimeProgram(patient.otlpHttp, ['--pulse-ms', '500'])
    const user = await connect(runtime, 'ken')
    runId = await user.ask('What is 6 * 7?', { fault: 'hung-tool' })
    await waitForRun(patient.dashboard, runId, ({ step }) => step?.phase === 'tool')
  })
  afterAll(async () => {
    await runtime?.stop()
    await patient?.stop()
  })

  test('fails the gate, unless some may be open, and is named', async () => {
    const strict = await ask()
    expect(strict.stdout).toContain('✗ open        1 not decided yet, 0 allowed')
    expect(strict.stdout).toMatch(new RegExp(`1 not known:\\n.*/runs/${runId} {2}running$`, 'm'))
    expect(strict.status).toBe(1)
    const lenient = await ask('--max-open', '1')
    expect(lenient.stdout).toContain('✓ open        1 not decided yet, 1 allowed')
    expect(lenient.stdout).not.toContain('not known')
  })

  test('of which nothing came since the collector was down is unconfirmed, and fails the gate', async () => {
    const [http, otlp] = [patient.dashboard, patient.otlpHttp].map((address) => new URL(address).port)
    await patient.kill()
    await runtime.kill()
    const ports = ['--http-port', http!, '--otlp-http-port', otlp!]
    patient = await startCollectorProgram(join(FOLDER, 'patient'), ports)
    expect(await getRun(patient.dashboard, runId)).toMatchObject({ isUnconfirmed: true })
    const { status, stdout } = await ask('--max-open', '1')
    expect(stdout).toContain('✗ confirmed   of 1 run nothing came since Laststep last did not hear')
    expect(stdout).toMatch(/Laststep did not hear from \S+ to \S+ \(down\)/)
    expect(stdout).toMatch(new RegExp(`/runs/${runId} {2}\\S+, unconfirmed`))
    expect(status).toBe(1)
  })
})

async function connect(to: RuntimeProgram, user: string): Promise<UserClient> {
  const client = await connectUser({ url: to.ws, token: await fetchToken(to.http, user) })
  await client.waitFor(({ type }) => type === 'connection_established')
  return client
}
