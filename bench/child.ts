/** Programs under measurement, as child processes; none outlives the benchmark. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { NODE_FLAGS } from '../tools/node-flags.mjs'

const ROOT = dirname(import.meta.dirname)

export interface Listening {
  readonly dashboard: string
  readonly otlpHttp: string
  /** Absent while the collector offers no gRPC. */
  readonly otlpGrpc?: string
}

/** @param script from the root of the repository */
export function start(
  script: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, [...nodeFlags, join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const orphanGuard = () => child.kill('SIGKILL')
  process.on('exit', orphanGuard)
  child.once('exit', () => process.off('exit', orphanGuard))
  return child
}

/** The real collector, as people start it, on free ports. */
export function startCollector(
  dataDir: string,
  flags: readonly string[] = [],
  nodeFlags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const ports = ['--http-port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0']
  const args = ['serve', '--data-dir', dataDir, ...ports, ...flags]
  return start('tools/laststep.ts', args, [...NODE_FLAGS, ...nodeFlags], environment)
}

/** The next line of JSON it prints. @throws when it ends without one */
export async function firstLine<Line>(child: ChildProcess): Promise<Line> {
  if (!child.stdout) throw new Error('the child has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue
    // Keep reading, or a full pipe would stop the program.
    child.stdout.resume()
    return JSON.parse(line) as Line
  }
  throw new Error(`${child.spawnargs.slice(1, 4).join(' ')} ended without a word`)
}

export async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

/** The most it ever held (Linux; NaN elsewhere). */
export function rssMibOf(child: ChildProcess): number {
  return Number(/VmHWM:\s*(\d+)/.exec(readProc(child, 'status'))?.[1] ?? Number.NaN) / 1_024
}

/** What it holds now (Linux; NaN elsewhere). */
export function rssBytesOf(child: ChildProcess): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readProc(child, 'status'))?.[1] ?? Number.NaN) * 1_024
}

/** All threads, user and system: comparable on a busy machine, where the wall clock is not (Linux; NaN elsewhere). */
export function cpuSecondsOf(child: ChildProcess): number {
  return readCpuSeconds(child, 'stat')
}

/** The same of the main thread alone: the one that runs a program's own JavaScript. */
export function mainCpuSecondsOf(child: ChildProcess): number {
  return readCpuSeconds(child, `task/${child.pid}/stat`)
}

/** Fields 14 and 15 of proc(5) `stat`, in ticks of 10 ms; they follow the program's name in brackets. */
function readCpuSeconds(child: ChildProcess, file: string): number {
  const fields = readProc(child, file).split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function readProc(child: ChildProcess, file: string): string {
  try {
    return readFileSync(`/proc/${child.pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
