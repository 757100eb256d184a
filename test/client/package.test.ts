/** The package as strangers get it: one small module that runs in a page, and declarations that stand alone. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../kit/programs.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const folder = temporaryFolder('client-package')
const installed = join(folder, 'node_modules', '@laststep', 'client')
let paths: string[]

beforeAll(() => {
  const manifest = readFileSync(join(ROOT, 'client', 'package.json'), 'utf8')
  const answer = npm(ROOT, ['pack', '-w', '@laststep/client', '--json', '--pack-destination', folder])
  const [packed] = JSON.parse(answer) as { filename: string; files: { path: string }[] }[]
  if (packed === undefined) throw new Error('npm packed nothing')
  paths = packed.files.map(({ path }) => path)
  expect(readFileSync(join(ROOT, 'client', 'package.json'), 'utf8')).toBe(manifest)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  npm(folder, ['install', '--offline', '--no-audit', join(folder, packed.filename)])
})

test('it is one module, its declarations, its licence and its page', () => {
  expect(paths.filter((path) => !/^dist\/types\/(client|contract)\/[a-z-]+\.d\.ts$/.test(path))).toEqual([
    'LICENSE',
    'README.md',
    'dist/index.js',
    'package.json',
  ])
  const module = readFileSync(join(installed, 'dist', 'index.js'))
  expect(module.toString()).not.toMatch(/\bimport\b/)
  expect(gzipSync(module, { level: 9 }).length).toBeLessThanOrEqual(3_000)
})

test('the module is what its sources are', () => {
  const program = `
    import * as client from '@laststep/client'
    const sent = []
    const runs = client.followRuns({ send: (frame) => sent.push(frame) > 0 })
    runs.take({ type: 'agent_completed', run_id: 'r', seq: 1, epoch: 'e' })
    console.log(JSON.stringify([Object.keys(client), sent]))`
  writeFileSync(join(folder, 'program.mjs'), program)
  const { stdout } = spawnSync(process.execPath, [join(folder, 'program.mjs')], { encoding: 'utf8' })
  expect(JSON.parse(stdout)).toEqual([
    ['connect', 'followRuns', 'whenPainted'],
    [{ type: 'ack', epoch: 'e', run_id: 'r', up_to: 1 }],
  ])
})

test('the declarations stand alone in a page, and know a wrong option from a right one', () => {
  expect(checkTypes(`onFrame: ({ type, payload }) => console.log(type, payload), rendered: 'by-hand'`)).toEqual([])
  expect(checkTypes(`onFrame: () => {}, rendered: 'never'`)).toEqual(['error TS2322'])
})

function checkTypes(options: string): string[] {
  writeFileSync(
    join(folder, 'page.ts'),
    `import { connect } from '@laststep/client'
     connect({ url: 'ws://x/ws', ${options} }).send({ type: 'cancel', run_id: 'r' })`,
  )
  const compilerOptions = { module: 'NodeNext', target: 'ES2024', lib: ['ES2024', 'DOM'], strict: true, noEmit: true }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, files: ['page.ts'] }),
  )
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
  return stdout.match(/error TS\d+/g) ?? []
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
