/** The built dashboard, as files: hashed assets that may be kept for ever, and one page for every address of its own. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { Router } from 'express'
import { hours } from '../../contract/units.ts'

/** @param webDir what `vite build web` wrote; looked at with each request, so building it needs no restart. */
export function dashboardFiles(webDir: string): Router {
  const router = Router()
  const page = join(webDir, 'index.html')

  // Vite puts a hash of the content into the name of everything under assets/.
  router.use(
    '/assets',
    express.static(join(webDir, 'assets'), {
      index: false,
      fallthrough: false,
      immutable: true,
      maxAge: hours(24 * 365),
    }),
  )
  router.use(
    express.static(webDir, { index: false, setHeaders: (response) => response.set('Cache-Control', 'no-cache') }),
  )

  // The dashboard draws its own "no such page"; a missing file (a dot in the last part) is a plain 404.
  router.get(/^\/(?:[^.]*|(?:runs|go)\/.*)$/, (_request, response) => {
    response.set('Cache-Control', 'no-cache')
    if (existsSync(page)) response.sendFile(page, { cacheControl: false, dotfiles: 'allow' })
    else response.status(503).type('html').send(NOT_BUILT)
  })
  return router
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Laststep: the dashboard is not built</title>
<h1>The dashboard is not built yet</h1>
<p>Run <code>npm run build:web</code> in Laststep's folder, then reload this page. Nothing needs a restart.</p>
<p>Everything else works: runs are at <a href="/api/runs">/api/runs</a>, the API is described at
<a href="/api/openapi.json">/api/openapi.json</a>.</p>
`
