/**
 * Makes `sdk/dist/`; with `--publish` also the manifest that names it. `npm pack -w @laststep/sdk` calls it with that
 * before (prepack) and with `--restore` after (postpack).
 *
 * In the repository the package is its sources, because Node runs them as they are. It does not do so inside
 * `node_modules`; there the package is `dist/`, so the manifest names that while the tarball is made.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const SDK = join(ROOT, 'sdk')
const MANIFEST = join(SDK, 'package.json')
/** npm never packs files of this name. */
const KEPT = `${MANIFEST}.orig`

// Also before packing: a packing that was interrupted left it there.
if (existsSync(KEPT)) renameSync(KEPT, MANIFEST)
if (!process.argv.includes('--restore')) {
  build()
  if (process.argv.includes('--publish')) publishManifest()
}

function build() {
  rmSync(join(SDK, 'dist'), { recursive: true, force: true })
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  // An editor shows the comments of the declarations; those of the code would be a sixth of the package.
  for (const emitted of [['--declaration', 'false', '--removeComments'], ['--emitDeclarationOnly']]) {
    const options = [tsc, '-p', join(SDK, 'tsconfig.build.json'), ...emitted]
    const { status } = spawnSync(process.execPath, options, { stdio: 'inherit' })
    if (status !== 0) process.exit(1)
  }
}

function publishManifest() {
  const text = readFileSync(MANIFEST, 'utf8')
  const { scripts: _scripts, ...manifest } = JSON.parse(text)
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([name, path]) => [name, builtFrom(path)]))
  writeFileSync(KEPT, text)
  // Renamed into place: programs of the repository may be reading it meanwhile.
  writeFileSync(`${MANIFEST}.new`, `${JSON.stringify({ ...manifest, exports }, null, 2)}\n`)
  renameSync(`${MANIFEST}.new`, MANIFEST)
}

function builtFrom(source) {
  const built = source.replace('./', './dist/sdk/')
  return { types: built.replace(/\.ts$/, '.d.ts'), default: built.replace(/\.ts$/, '.js') }
}
