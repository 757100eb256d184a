/**
 * Makes `client/dist/`: `@laststep/client` as one ES module, and its declarations.
 *
 * `--publish` and `--restore` are npm's prepack and postpack: while the tarball is made, the manifest names what was
 * built, as tools/build-sdk.mjs does for the SDK.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const CLIENT = join(ROOT, 'client')
const MANIFEST = join(CLIENT, 'package.json')
/** npm never packs files of this name. */
const KEPT = `${MANIFEST}.orig`

// Also before packing: a packing that was interrupted left it there.
if (existsSync(KEPT)) renameSync(KEPT, MANIFEST)
if (!process.argv.includes('--restore')) {
  await buildModule()
  if (process.argv.includes('--publish')) {
    buildDeclarations()
    publishManifest()
  }
}

async function buildModule() {
  const [{ output }] = await build({
    configFile: false,
    root: CLIENT,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: 'index.ts', formats: ['es'] },
      // A library's module is left readable by default; this one is weighed.
      rolldownOptions: { output: { minify: true } },
    },
  })
  const folder = join(CLIENT, 'dist')
  mkdirSync(folder, { recursive: true })
  // Renamed into place: a program of the repository may be serving it meanwhile.
  const fresh = join(folder, `index.js.${process.pid}`)
  writeFileSync(fresh, output[0].code)
  renameSync(fresh, join(folder, 'index.js'))
}

function buildDeclarations() {
  rmSync(join(CLIENT, 'dist', 'types'), { recursive: true, force: true })
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(CLIENT, 'tsconfig.build.json')], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

function publishManifest() {
  const text = readFileSync(MANIFEST, 'utf8')
  const { scripts: _scripts, ...manifest } = JSON.parse(text)
  const exports = { '.': { types: './dist/types/client/index.d.ts', default: './dist/index.js' } }
  writeFileSync(KEPT, text)
  // Renamed into place: programs of the repository may be reading it meanwhile.
  writeFileSync(`${MANIFEST}.new`, `${JSON.stringify({ ...manifest, exports }, null, 2)}\n`)
  renameSync(`${MANIFEST}.new`, MANIFEST)
}
