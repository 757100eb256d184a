/** What a play may use: a user of its own, the runtime, a network, processes. All of it is cleared away afterwards. */
import type { Clock } from '../../../contract/clock.ts'
import type { Millis } from '../../../contract/units.ts'
import type { RunFaultName } from '../../../server/fault.ts'
import type { RuntimeProcess } from '../../runtime-process.ts'
import { connectUser, fetchToken, type UserClient } from '../../user-client.ts'
import { startProxy, type Proxy } from '../proxy.ts'

export interface Stage {
  readonly clock: Clock
  /** Nobody else's name: the runs of the play are found by it. */
  readonly user: string
  readonly fault: RunFaultName | null
  /** `http://127.0.0.1:4320`: the runtime that all plays share. */
  readonly runtime: string
  connect(options?: ConnectOptions): Promise<UserClient>
  /** A runtime that only this play uses. */
  startRuntime(): Promise<RuntimeProcess>
  startProxy(target: string): Promise<Proxy>
}

export interface ConnectOptions {
  /** The shared one unless given. */
  readonly runtime?: string
  /** Somebody else. */
  readonly user?: string
  /** Whether what arrives is shown; true unless given. */
  readonly renders?: boolean
  /** Of the token. */
  readonly lifetime?: Millis
}

/** @returns the id of the run to judge, and of those beside it to which nothing may happen; null: the user's only one */
export type Play = (stage: Stage) => Promise<{ readonly runId: string | null; readonly healthy?: readonly string[] }>

export interface StageSettings extends Pick<Stage, 'clock' | 'user' | 'fault' | 'runtime'> {
  startRuntime(): Promise<RuntimeProcess>
  /** Called when the play is over. */
  whenOver(stop: () => void | Promise<void>): void
}

export function openStage({ whenOver, startRuntime, ...settings }: StageSettings): Stage {
  const { clock, user } = settings
  return {
    ...settings,
    async connect({ runtime = settings.runtime, user: asked = user, renders = true, lifetime } = {}) {
      const token = await fetchToken(runtime, asked, lifetime)
      const client = await connectUser({ url: `${runtime.replace(/^http/, 'ws')}/ws`, token, renders, clock })
      whenOver(() => client.drop())
      return client
    },
    async startRuntime() {
      const runtime = await startRuntime()
      whenOver(runtime.stop)
      return runtime
    },
    async startProxy(target) {
      const proxy = await startProxy(target)
      whenOver(proxy.stop)
      return proxy
    },
  }
}
