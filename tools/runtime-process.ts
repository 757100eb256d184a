/** The reference runtime as a process of its own, started again whenever it dies: some of its faults kill it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sleep, type Clock } from '../contract/clock.ts'
import { seconds } from '../contract/units.ts'

export interface RuntimeProcess {
  /** `http://127.0.0.1:4320`; changes with a restart when its port was left free to choose. */
  url(): string
  /** SIGSTOP: it is there and does nothing, its pulse included. */
  freeze(): void
  stop(): Promise<void>
}

const SCRIPT = join(import.meta.dirname, '..', 'server', 'main.ts')
const RESTART_AFTER = seconds(2)
const STOP_WITHIN = seconds(5)

/**
 * @param args flags of `server/main.ts`
 * @throws Error of one line, the runtime's own, when it does not start the first time
 */
export async function startRuntimeProcess(args: readonly string[], clock: Clock): Promise<RuntimeProcess> {
  let child: ChildProcess
  let url = ''
  const stopping = new AbortController()

  const start = async (): Promise<void> => {
    // The channel carries nothing; when it breaks, the runtime knows that we are gone and leaves as well.
    child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    url = await listeningUrl(child)
    child.once('exit', () => void revive())
  }

  const revive = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(clock, RESTART_AFTER)
      if (stopping.signal.aborted) return
      try {
        return await start()
      } catch {
        // Its port may be held by the dying process for a moment; the next round tries again.
      }
    }
  }

  await start()
  return {
    url: () => url,
    freeze: () => void child.kill('SIGSTOP'),
    async stop() {
      stopping.abort()
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      // A frozen one hears it when it goes on.
      child.kill('SIGCONT')
      await Promise.race([ended, sleep(clock, STOP_WITHIN)])
    },
  }
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)))
  if (child.stdout === null) throw new Error('expected the runtime to have a standard output')
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as { event?: string; http?: string }
    if (message.event !== 'listening' || message.http === undefined) continue
    child.stdout.resume()
    return message.http
  }
  throw new Error(`the reference runtime did not start: ${errors.trim() || 'it said nothing'}`)
}
