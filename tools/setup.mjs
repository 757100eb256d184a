/**
 * Brings a clone to the point where everything runs: packages installed, dashboard built.
 * Plain JavaScript for Node 20, because it runs before the Node that Laststep itself needs is there.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Node 26, the npm package `node`: runs the TypeScript of this repository as written. */
export const NODE = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const say = (line) => process.stderr.write(`laststep: ${line}\n`)

/**
 * Install the packages of a folder unless the installed ones already match its lockfile.
 * @param folder relative to the repository
 * @returns true when something was installed
 */
export function installPackages(folder = '.', what = 'packages') {
  const place = join(ROOT, folder)
  const stamp = join(place, 'node_modules', '.laststep-lock')
  const wanted = hashOf([join(place, 'package-lock.json'), join(place, 'package.json')])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false
  // npm would empty the folder that the link leads to, under the feet of whoever else uses it.
  if (lstatSync(join(place, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink())
    fail(`${join(place, 'node_modules')} is a link, and not up to date; remove the link, or install where it leads to`)
  say(`installing ${what} (npm ci${folder === '.' ? '' : ` in ${folder}`}) …`)
  // `--include=dev` because a shell with NODE_ENV=production would leave out Node 26 itself.
  const npm = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: place,
    stdio: ['ignore', 2, 2],
    env: withoutNpmContext(process.env),
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) fail('npm ci failed; see its message above. Is the npm registry reachable?')
  writeFileSync(stamp, wanted)
  return true
}

/** Packages in, and the pinned Node there and able to run. */
export function setUp() {
  installPackages()
  let version
  try {
    version = execFileSync(NODE, ['--version'], { encoding: 'utf8' }).trim()
  } catch {
    fail(
      'the npm package "node" did not install its binary. Are install scripts switched off (npm config get ignore-scripts)?',
    )
  }
  if (Number(version.slice(1).split('.')[0]) < 24)
    fail(`Node ${version} is too old to run Laststep; 24 or newer is needed`)
}

/** Build the dashboard unless the built one is as new as its sources. */
export function buildDashboard() {
  const stamp = join(ROOT, 'web', 'dist', '.laststep-sources')
  const wanted = hashOf(sourcesOf('web').concat(sourcesOf('contract'), join(ROOT, 'package-lock.json')))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false
  say('building the dashboard …')
  const vite = spawnSync(
    NODE,
    [join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'warn'],
    {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
    },
  )
  if (vite.status !== 0) fail('the dashboard did not build; see the message above')
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  return true
}

/** npm passes its own settings to scripts as variables; a nested npm would take them for its own. */
function withoutNpmContext(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_(config_(local_prefix|workspace|prefix$)|package_|lifecycle_|command|execpath)/i.test(name),
    ),
  )
}

function sourcesOf(folder) {
  const files = []
  const walk = (place) => {
    for (const name of readdirSync(place).sort()) {
      if (name === 'dist' || name === 'node_modules') continue
      const path = join(place, name)
      if (statSync(path).isDirectory()) walk(path)
      else files.push(path)
    }
  }
  walk(join(ROOT, folder))
  return files
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function fail(message) {
  say(message)
  process.exit(1)
}
