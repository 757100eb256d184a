/**
 * The Python of each recorded framework: a virtual environment of its own, beside the other caches, outside the
 * repository. Frameworks disagree about versions of what they share, so each has its own, as in the programs people write.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const REQUIREMENTS = join(import.meta.dirname, 'requirements')
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'laststep', 'record-py')
/** A registry that does not answer is asked again. */
const PIP_INSTALL = '-m pip install --quiet --disable-pip-version-check --retries 10 --timeout 60'.split(' ')

export function listFrameworks(): string[] {
  return readdirSync(REQUIREMENTS).map((file) => file.replace(/\.txt$/, ''))
}

export function pythonOf(framework: string): string {
  return join(CACHE, framework, 'bin', 'python')
}

/** Made, and with the versions that are asked for now. */
export function isMade(framework: string): boolean {
  const made = madeFrom(framework)
  return existsSync(made) && readFileSync(made, 'utf8') === readFileSync(requirementsOf(framework), 'utf8')
}

/** @throws Error when Python or the registry will not */
export function makeEnvironment(framework: string): void {
  if (isMade(framework)) return
  const folder = join(CACHE, framework)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(CACHE, { recursive: true })
  call('python3', ['-m', 'venv', folder])
  call(pythonOf(framework), [...PIP_INSTALL, '-r', requirementsOf(framework)])
  cpSync(requirementsOf(framework), madeFrom(framework))
}

function requirementsOf(framework: string): string {
  return join(REQUIREMENTS, `${framework}.txt`)
}

function madeFrom(framework: string): string {
  return join(CACHE, framework, 'requirements.txt')
}

function call(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `ended with ${status}`}`)
}
