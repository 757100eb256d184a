/** The pages, as the collector serves what was built. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServe, type TestServe } from './kit/open-serve.ts'

let serve: TestServe
let webDir: string
beforeAll(async () => {
  webDir = mkdtempSync(join(tmpdir(), 'laststep-web-'))
  serve = await openServe({ webDir })
})
afterAll(async () => {
  await serve.stop()
  rmSync(webDir, { recursive: true })
})

const get = (path: string) => fetch(serve.address + path, { redirect: 'manual' })

test('without a build say how to build them, while the API works', async () => {
  const response = await get('/live')
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('npm run build:web')
})

test('with a build are one page at every address, and assets that may be kept', async () => {
  mkdirSync(join(webDir, 'assets'))
  writeFileSync(join(webDir, 'index.html'), '<!doctype html><title>Laststep</title>')
  writeFileSync(join(webDir, 'assets', 'main-abc123.js'), 'export {}')
  writeFileSync(join(webDir, 'theme.js'), '// theme')
  for (const path of ['/', '/live', '/runs', '/runs/run_1', '/runs/4bf9.2f', '/go/a.b', '/?status=stalled']) {
    const response = await get(path)
    expect([response.status, response.headers.get('cache-control')], path).toEqual([200, 'no-cache'])
    expect(await response.text()).toContain('<title>Laststep</title>')
  }
  const asset = await get('/assets/main-abc123.js')
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(asset.headers.get('content-type')).toContain('javascript')
  expect((await get('/theme.js')).headers.get('cache-control')).toBe('no-cache')
})

test.each(['/assets/main-gone.js', '/favicon.gone', '/assets/..%2f..%2fetc%2fpasswd', '/..%2f..%2fetc%2fpasswd'])(
  'a file that is not there, %s, is a 404 and not the page',
  async (path) => {
    const response = await get(path)
    expect(response.status).toBe(path.startsWith('/assets/..') ? 403 : 404)
    expect(response.headers.get('cache-control') ?? '').not.toContain('immutable')
    expect(await response.text()).not.toContain('<title>Laststep</title>')
  },
)

test('carry the headers that keep other sites out', async () => {
  for (const path of ['/', '/api/runs', '/api/nothing', '/assets/gone.js']) {
    const { headers } = await get(path)
    expect(headers.get('content-security-policy'), path).toContain("default-src 'self'")
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('referrer-policy'), path).toBe('same-origin')
    expect(headers.get('x-powered-by'), path).toBeNull()
  }
})
