/** The real programs as child processes, on free ports, in a folder of their own; nothing outlives the test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

export const ROOT = dirname(dirname(import.meta.dirname))
/** The pinned Node, whichever Node runs the tests. */
export const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')

export interface Program {
  readonly pid: number
  /** What it printed on its standard error, for a failing test to show. */
  readonly errors: () => string
  /** SIGKILL: the process gets no chance to say goodbye. */
  kill(): Promise<void>
  /** SIGTERM, and wait. */
  stop(): Promise<number | null>
}

export interface CollectorProgram extends Program {
  readonly dashboard: string
  readonly otlpHttp: string
}

export interface RuntimeProgram extends Program {
  readonly http: string
  readonly ws: string
}

export async function startCollectorProgram(dataDir: string, args: readonly string[] = []): Promise<CollectorProgram> {
  const ports = ['--http-port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0']
  // Tests count what they send; those of the canary let it fly.
  const flags = ['--data-dir', dataDir, ...ports, '--canary', 'off', ...args]
  const { program, listening } = await startProgram('tools/laststep.ts', ['serve', ...flags])
  return { ...program, dashboard: String(listening['dashboard']), otlpHttp: String(listening['otlpHttp']) }
}

export async function startRuntimeProgram(otlpHttp: string, args: readonly string[] = []): Promise<RuntimeProgram> {
  const { program, listening } = await startProgram('server/main.ts', ['--port', '0', '--otlp', otlpHttp, ...args])
  return { ...program, http: String(listening['http']), ws: String(listening['ws']) }
}

/** A folder that goes away with the process. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `laststep-${name}-`))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Start a script of ours and wait for its `{"event":"listening",…}` line. */
function startProgram(script: string, args: readonly string[]) {
  return startCommand(NODE, [join(ROOT, script), ...args])
}

/** Start any command that prints such a line. */
export async function startCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const orphanGuard = () => child.kill('SIGKILL')
  process.on('exit', orphanGuard)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  void ended.then(() => process.off('exit', orphanGuard))

  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-20_000)))
  const listening = await Promise.race([
    firstListening(child),
    ended.then((code) => {
      throw new Error(`${command} ${args[0]} ended with ${code} before it listened:\n${errors}`)
    }),
  ])
  const program: Program = {
    pid: child.pid ?? 0,
    errors: () => errors,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
  return { program, listening }
}

async function firstListening(child: ChildProcess): Promise<Record<string, unknown>> {
  if (!child.stdout) throw new Error('no standard output')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue
    const message = JSON.parse(line) as Record<string, unknown>
    if (message['event'] !== 'listening') continue
    // Keep reading, or a full pipe would stop the program.
    child.stdout.resume()
    return message
  }
  return new Promise(() => {})
}
