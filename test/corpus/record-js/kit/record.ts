/**
 * Records one framework: the file that calls `record` starts itself once more for every case, with a receiver and a
 * model of its own, and what the receiver got becomes the corpus file. A hung process is killed, as hung processes are:
 * it gets no chance to flush what it holds.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CASES, CASE_VARIABLE, hangs, isCaseName, type Case, type CaseName } from './cases.ts'
import { writeCorpusFile, type ExpectedRun } from './corpus-file.ts'
import { startModelServer } from './model-server.ts'
import { startReceiver, type Receiver } from './receiver.ts'
import { SERVICE } from './shop.ts'

export interface Recording {
  /** `import.meta.url` of the recorder; its folder names the corpus folder, unless `folder` does. */
  readonly file: string
  readonly folder?: string
  readonly framework: string
  /** Packages whose versions the corpus file states. */
  readonly packages: readonly string[]
  /** Which agent, in which form of the framework. */
  readonly how: string
  /** The attribute by which the framework names its runs. */
  readonly runId?: string
  /** Run the agent once, telemetry and all. What it throws is the agent's failure. */
  run(): Promise<void>
  /** The cases it is recorded in, and how their runs must be judged. */
  readonly expect: Partial<Readonly<Record<CaseName, readonly ExpectedRun[]>>>
}

/** Batches leave every 5 s; after this long a hung process has told all it ever will. */
const QUIET_MS = 7_000
/** Long enough for two pulses. */
const QUIET_OPEN_MS = 11_000
/** A recorder that has not come this far is broken. */
const GIVE_UP_MS = 60_000

export async function record(...recordings: readonly Recording[]): Promise<void> {
  const wanted = process.env[CASE_VARIABLE]
  if (isCaseName(wanted)) return runCase(recordings)
  const only = process.argv[2]
  for (const recording of recordings) {
    for (const name of Object.keys(recording.expect)) {
      if (isCaseName(name) && (only === undefined || only === name)) await recordCase(recording, name)
    }
  }
}

async function recordCase(recording: Recording, name: CaseName): Promise<void> {
  let activeAt = performance.now()
  const active = () => (activeAt = performance.now())
  const { model: ending, how } = CASES[name]
  const receiver = await startReceiver(active)
  const model = await startModelServer(ending, active)
  const file = fileURLToPath(recording.file)
  const child = spawn(process.execPath, [file], {
    cwd: dirname(file),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment(receiver, model.url, name, folderOf(recording)) },
  })
  const title = `${folderOf(recording)}/${name}`
  await seeItEnd(child, title, CASES[name], () => performance.now() - activeAt)
  await Promise.all([receiver.stop(), model.stop()])
  if (receiver.requests.length === 0) throw new Error(`${title} sent nothing`)

  writeCorpusFile(join(CORPUS, `${title}.json`), {
    framework: recording.framework,
    packages: versions(recording),
    recorded: true,
    how: `${recording.how} ${how}`,
    requests: receiver.requests,
    expect: (recording.expect[name] ?? []).map((run) => ({ ...run, run: runIdIn(receiver, recording) ?? run.run })),
  })
  process.stdout.write(`${title}: ${receiver.requests.length} requests\n`)
}

/**
 * A process that hangs is killed once it has been quiet for long enough; any other must end by itself.
 * @throws Error when it went otherwise: what was received is then not the case it should be
 */
async function seeItEnd(child: ChildProcess, title: string, kase: Case, quietMs: () => number): Promise<void> {
  const startedAt = performance.now()
  const enoughMs = kase.openSpans ? QUIET_OPEN_MS : QUIET_MS
  const watch = setInterval(() => {
    const isOver = hangs(kase) ? quietMs() > enoughMs : performance.now() - startedAt > GIVE_UP_MS
    if (isOver) child.kill('SIGKILL')
  }, 100)
  const [code] = await once(child, 'exit')
  clearInterval(watch)
  if (hangs(kase) ? code !== null : code !== 0) throw new Error(`${title} ended with ${code ?? 'a signal'}`)
}

const CORPUS = dirname(dirname(import.meta.dirname))
const FOLDER_VARIABLE = 'LASTSTEP_RECORD_FOLDER'

/** In the recorded process: run the agent, and let a failing one fail without a word. */
async function runCase(recordings: readonly Recording[]): Promise<void> {
  const recording = recordings.find((each) => folderOf(each) === process.env[FOLDER_VARIABLE])
  if (recording === undefined) throw new Error(`nothing to record in ${process.env[FOLDER_VARIABLE]}`)
  // A runtime serves others while one of its runs hangs: it does not end because nothing else is left to do.
  const serving = setInterval(() => {}, 60_000)
  await recording.run()
  clearInterval(serving)
}

/** Each case is one run, so the first id found is its own. */
function runIdIn({ requests }: Receiver, { runId }: Recording): string | undefined {
  if (runId === undefined) return undefined
  const text = JSON.stringify(requests)
  return text.split(`{"key":"${runId}","value":{"stringValue":"`)[1]?.split('"')[0]
}

function folderOf({ file, folder }: Recording): string {
  return folder ?? basename(dirname(fileURLToPath(file)))
}

/** Which case it is, and where exporters and clients look for what they talk to. */
function environment(receiver: Receiver, modelUrl: string, name: CaseName, folder: string): Record<string, string> {
  return {
    [CASE_VARIABLE]: name,
    [FOLDER_VARIABLE]: folder,
    OTEL_SERVICE_NAME: SERVICE,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OPENAI_BASE_URL: modelUrl,
    OPENAI_API_KEY: 'no-key',
  }
}

/** Versions as the recorder's package.json pins them. */
function versions({ file, packages }: Recording): Record<string, string> {
  const text = readFileSync(new URL('./package.json', file), 'utf8')
  const { dependencies } = JSON.parse(text) as { readonly dependencies: Readonly<Record<string, string>> }
  return Object.fromEntries(packages.map((name) => [name, dependencies[name] ?? 'missing']))
}
