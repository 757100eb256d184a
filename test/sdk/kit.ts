/** What the SDK's tests share: the two OpenTelemetry SDKs, waiting, and programs run in processes of their own. */
import type { Context, Span, SpanOptions } from '@opentelemetry/api'
import { SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace'
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { sleep, systemClock } from '../../contract/clock.ts'
import type { Millis } from '../../contract/units.ts'
import type { SpanProcessor } from '../../sdk/index.ts'

export interface Provider {
  getTracer(name: string): { startSpan(name: string, options?: SpanOptions, context?: Context): Span }
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

export interface Sdk {
  readonly name: string
  /** `sampled` false: spans are recorded and reach the processors, but nobody is to hear of them. */
  provider(processors: readonly SpanProcessor[], sampled?: boolean): Provider
}

interface Sdk2 {
  readonly BasicTracerProvider: new (options: {
    spanProcessors: readonly SpanProcessor[]
    sampler?: typeof recordOnly
  }) => Provider
}

/** The same numbers in both SDKs. */
const recordOnly = { shouldSample: () => ({ decision: SamplingDecision.RECORD }) }

const sdk2: Sdk2 = createRequire(new URL('./otel-2/package.json', import.meta.url))('@opentelemetry/sdk-trace-base')

export const SDKS: readonly Sdk[] = [
  {
    name: 'SDK 2.x',
    provider: (spanProcessors, sampled = true) =>
      new sdk2.BasicTracerProvider({
        spanProcessors,
        ...(sampled ? {} : { sampler: recordOnly }),
      }),
  },
  {
    name: 'SDK 3.x',
    provider: (spanProcessors, sampled = true) =>
      new TracerProvider({
        spanProcessors: [...spanProcessors],
        ...(sampled ? {} : { sampler: recordOnly }),
      }),
  },
]

/** Like `sleep`, but keeps the process alive meanwhile, as a server's socket would. */
export async function hold(delayMs: Millis): Promise<void> {
  const { port1 } = new MessageChannel()
  port1.addEventListener('message', () => {})
  await sleep(systemClock, delayMs)
  port1.close()
}

export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly tookMs: Millis
}

interface RunOptions {
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The Node that runs it; ours unless given. */
  readonly node?: string
  readonly cwd?: string
}

/** Run `test/sdk/programs/<name>` as Node runs it, with `LASTSTEP_TEST_ENDPOINT` set. */
export function runProgram(name: string, endpoint: string, options: RunOptions = {}): Promise<ProgramResult> {
  return runFile(programPath(name), endpoint, options)
}

export function runFile(file: string, endpoint: string, options: RunOptions): Promise<ProgramResult> {
  const { nodeArgs = [], env = {}, node = process.execPath, cwd } = options
  const from = systemClock.now()
  const child = spawn(node, [...nodeArgs, file], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', LASTSTEP_TEST_ENDPOINT: endpoint, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr, tookMs: systemClock.now() - from }))
  })
}

export function programPath(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}`, import.meta.url))
}
