/** The package as strangers get it: packed, installed into an empty folder, run and type-checked there. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { readTracesData, startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { installPackage, type InstalledPackage } from '../kit/packed-package.ts'
import { ROOT } from '../kit/programs.ts'
import { programPath, runFile } from './kit.ts'

/** More versions of Node to run on, beside the one that runs the tests: paths of their programs. */
const OTHER_NODES = (process.env['LASTSTEP_TEST_NODES'] ?? '').split(delimiter).filter((path) => path !== '')

let sdk: InstalledPackage
let receiver: OtlpReceiver

beforeAll(async () => {
  sdk = installPackage('sdk', ['@opentelemetry/api', '@opentelemetry/sdk-trace'])
  expect(sdk.leftManifest).toBe(true)
  receiver = await startOtlpReceiver()
})

afterAll(() => receiver.stop())

test('the tarball is small and holds what was built, its licence and its page', () => {
  expect(sdk.paths.filter((path) => !/^dist\/(sdk|contract)\/[a-z-]+(\.d\.ts|\.js)$/.test(path))).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
  ])
  expect(sdk.size).toBeLessThan(60_000)
})

test('it brings no packages along', () => {
  const packages = readdirSync(join(sdk.folder, 'node_modules', '@opentelemetry'))
  expect(packages).toEqual(['api', 'sdk-trace'])
  const manifest: unknown = JSON.parse(readFileSync(sdk.pathOf('package.json'), 'utf8'))
  expect(manifest).toMatchObject({ license: 'Apache-2.0', repository: { directory: 'sdk' } })
  expect(manifest).not.toHaveProperty('dependencies')
  // npm would look for the tools of the repository.
  expect(manifest).not.toHaveProperty('scripts')
})

test.each([process.execPath, ...OTHER_NODES])('a program on %s sends open spans and a pulse', async (node) => {
  const program = join(sdk.folder, 'program.ts')
  copyFileSync(programPath('installed.ts'), program)
  const { code, stderr, stdout } = await runFile(program, receiver.url, { node, cwd: sdk.folder })
  expect([code, stderr]).toEqual([0, ''])
  const { spanId, sdk: imported } = JSON.parse(stdout) as { spanId: string; sdk: string }
  expect(imported).toBe(pathToFileURL(sdk.pathOf('dist/sdk/index.js')).href)
  const start = receiver.records(RECORD.spanStart).find((record) => record.spanId === spanId)
  expect(readTracesData(start?.body ?? '{}')).toMatchObject([{ name: 'execute_tool search' }])
  const pulses = receiver.records(RECORD.pulse).map(({ attributes }) => String(attributes[ATTR.pulseOpen]))
  expect(pulses.some((open) => open.includes(spanId))).toBe(true)
})

test('the declarations serve a program that runs, with everything checked', () => {
  expect(sdk.checkTypes('program.ts', { types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] })).toBe('')
})

/** Without Node's types and without @opentelemetry/sdk-node, both of which the declarations must do without. */
test('the declarations stand alone, and know a wrong option from a right one', () => {
  const right = `
    import { createReporter, instrument, openSpans, recordRun, type Reporter } from '@laststep/sdk'
    const reporter: Reporter = createReporter({ endpoint: 'http://127.0.0.1:4318', serviceName: 'agents' })
    openSpans(reporter, { codeLocation: 'off' })
    void recordRun(reporter, { runId: 'run_1', agent: 'helper' }, (run) => run.ended('succeeded'))
    void instrument({ endpoint: 'http://127.0.0.1:4318', serviceName: 'agents' })`
  const wrong = `
    import { createReporter, openSpans } from '@laststep/sdk'
    const reporter = createReporter({ endpoint: '', serviceName: '', flushMS: 1 })
    openSpans(reporter, { codeLocation: 'never' })`
  writeFileSync(join(sdk.folder, 'right.ts'), right)
  writeFileSync(join(sdk.folder, 'wrong.ts'), wrong)
  expect(sdk.checkTypes('right.ts', { types: [] })).toBe('')
  expect(sdk.checkTypes('wrong.ts', { types: [] }).match(/error TS\d+/g)).toEqual(['error TS2561', 'error TS2322'])
})
