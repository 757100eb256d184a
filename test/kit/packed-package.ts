/** A package of ours as strangers get it: packed, and installed into a folder that has nothing else of ours. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, temporaryFolder } from './programs.ts'

export interface InstalledPackage {
  /** The stranger's project. */
  readonly folder: string
  /** Bytes of the tarball. */
  readonly size: number
  /** What is in it. */
  readonly paths: readonly string[]
  /** Whether packing left the manifest of the repository as it was. */
  readonly leftManifest: boolean
  /** Where a file of the package is once installed. */
  pathOf(file: string): string
  /** Type-check one file of the folder. @returns what `tsc` prints */
  checkTypes(file: string, options: object): string
}

/** @param theirs packages the stranger has already: linked from here, so that nothing needs the network */
export function installPackage(workspace: 'sdk' | 'client', theirs: readonly string[] = []): InstalledPackage {
  const folder = temporaryFolder(`package-${workspace}`)
  const name = `@laststep/${workspace}`
  const manifest = () => readFileSync(join(ROOT, workspace, 'package.json'), 'utf8')
  const before = manifest()
  const answer = npm(ROOT, ['pack', '-w', name, '--json', '--pack-destination', folder])
  const [packed] = JSON.parse(answer) as { filename: string; size: number; files: { path: string }[] }[]
  if (packed === undefined) throw new Error('npm packed nothing')
  const leftManifest = manifest() === before
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const links = theirs.map((each) => join(ROOT, 'node_modules', each))
  npm(folder, ['install', '--offline', '--no-audit', join(folder, packed.filename), ...links])
  return {
    folder,
    size: packed.size,
    paths: packed.files.map(({ path }) => path),
    leftManifest,
    pathOf: (file) => join(folder, 'node_modules', name, file),
    checkTypes(file, options) {
      const compilerOptions = { module: 'NodeNext', target: 'ES2024', strict: true, noEmit: true, ...options }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
      return spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout
    },
  }
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
