/** The package as strangers get it: packed, installed into an empty folder, run and type-checked there. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { readTracesData, startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { programPath, runFile } from './kit.ts'

const ROOT = dirname(dirname(import.meta.dirname))
/** More versions of Node to run on, beside the one that runs the tests: paths of their programs. */
const OTHER_NODES = (process.env['LASTSTEP_TEST_NODES'] ?? '').split(delimiter).filter((path) => path !== '')

interface Packed {
  readonly filename: string
  /** Of the tarball. */
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

let packed: Packed
let folder: string
let receiver: OtlpReceiver

beforeAll(async () => {
  folder = temporaryFolder('package')
  const manifest = readFileSync(join(ROOT, 'sdk', 'package.json'), 'utf8')
  const answer = npm(ROOT, ['pack', '-w', '@laststep/sdk', '--json', '--pack-destination', folder])
  const [only] = JSON.parse(answer) as Packed[]
  if (only === undefined) throw new Error('npm packed nothing')
  packed = only
  expect(readFileSync(join(ROOT, 'sdk', 'package.json'), 'utf8')).toBe(manifest)

  // What the stranger has already is linked from here, so that nothing needs the network.
  const theirs = ['@opentelemetry/api', '@opentelemetry/sdk-trace'].map((name) => join(ROOT, 'node_modules', name))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  npm(folder, ['install', '--offline', '--no-audit', join(folder, packed.filename), ...theirs])
  receiver = await startOtlpReceiver()
})

afterAll(() => receiver.stop())

test('the tarball is small and holds what was built, its licence and its page', () => {
  const paths = packed.files.map(({ path }) => path)
  expect(paths.filter((path) => !/^dist\/(sdk|contract)\/[a-z-]+(\.d\.ts|\.js)$/.test(path))).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
  ])
  expect(packed.size).toBeLessThan(60_000)
})

test('it brings no packages along', () => {
  const packages = readdirSync(join(folder, 'node_modules', '@opentelemetry'))
  expect(packages).toEqual(['api', 'sdk-trace'])
  const manifest: unknown = JSON.parse(readFileSync(installed('package.json'), 'utf8'))
  expect(manifest).toMatchObject({ license: 'Apache-2.0', repository: { directory: 'sdk' } })
  expect(manifest).not.toHaveProperty('dependencies')
  // npm would look for the tools of the repository.
  expect(manifest).not.toHaveProperty('scripts')
})

test.each([process.execPath, ...OTHER_NODES])('a program on %s sends open spans and a pulse', async (node) => {
  const program = join(folder, 'program.ts')
  copyFileSync(programPath('installed.ts'), program)
  const { code, stderr, stdout } = await runFile(program, receiver.url, { node, cwd: folder })
  expect([code, stderr]).toEqual([0, ''])
  const { spanId, sdk } = JSON.parse(stdout) as { spanId: string; sdk: string }
  expect(sdk).toBe(pathToFileURL(installed('dist/sdk/index.js')).href)
  const start = receiver.records(RECORD.spanStart).find((record) => record.spanId === spanId)
  expect(readTracesData(start?.body ?? '{}')).toMatchObject([{ name: 'execute_tool search' }])
  const pulses = receiver.records(RECORD.pulse).map(({ attributes }) => String(attributes[ATTR.pulseOpen]))
  expect(pulses.some((open) => open.includes(spanId))).toBe(true)
})

test('the declarations serve a program that runs, with everything checked', () => {
  expect(checkTypes('program.ts', { types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] })).toBe('')
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
  writeFileSync(join(folder, 'right.ts'), right)
  writeFileSync(join(folder, 'wrong.ts'), wrong)
  expect(checkTypes('right.ts', { types: [] })).toBe('')
  expect(checkTypes('wrong.ts', { types: [] }).match(/error TS\d+/g)).toEqual(['error TS2561', 'error TS2322'])
})

function checkTypes(file: string, options: object): string {
  const compilerOptions = { module: 'NodeNext', target: 'ES2024', strict: true, noEmit: true, ...options }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  return spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout
}

function installed(path: string): string {
  return join(folder, 'node_modules', '@laststep', 'sdk', path)
}

/** Under `npm test` the environment holds npm's own settings, which another npm would take for its own. */
function npm(cwd: string, args: readonly string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))
  const { status, stderr, stdout } = spawnSync('npm', args, {
    cwd,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`)
  return stdout
}
