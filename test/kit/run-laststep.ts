/** The `laststep` command as people run it: as a process of its own, to its end. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'

const ROOT = dirname(dirname(import.meta.dirname))
const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** @param env laid over this process's environment, from which what a CI sets for itself is taken away */
export async function runLaststep(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { GITHUB_ACTIONS: _, GITHUB_STEP_SUMMARY: _summary, ...usual } = process.env
  const child = spawn(NODE, ['tools/laststep.ts', ...args], { cwd: ROOT, env: { ...usual, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, stdout, stderr }
}
