/** The package as strangers get it: one small module that runs in a page, and declarations that stand alone. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { installPackage, type InstalledPackage } from '../kit/packed-package.ts'

let client: InstalledPackage

beforeAll(() => {
  client = installPackage('client')
  expect(client.leftManifest).toBe(true)
})

test('it is one module, its declarations, its licence and its page', () => {
  expect(client.paths.filter((path) => !/^dist\/types\/(client|contract)\/[a-z-]+\.d\.ts$/.test(path))).toEqual([
    'LICENSE',
    'README.md',
    'dist/index.js',
    'package.json',
  ])
  const module = readFileSync(client.pathOf('dist/index.js'))
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
  writeFileSync(join(client.folder, 'program.mjs'), program)
  const { stdout } = spawnSync(process.execPath, [join(client.folder, 'program.mjs')], { encoding: 'utf8' })
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
    join(client.folder, 'page.ts'),
    `import { connect } from '@laststep/client'
     connect({ url: 'ws://x/ws', ${options} }).send({ type: 'cancel', run_id: 'r' })`,
  )
  return client.checkTypes('page.ts', { lib: ['ES2024', 'DOM'], types: [] }).match(/error TS\d+/g) ?? []
}
