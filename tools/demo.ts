/** `laststep demo`: the collector, two reference runtimes and simulated users, most of them lucky. */
import { join } from 'node:path'
import type { CollectorConfig } from '../collector/config.ts'
import { startCollector } from '../collector/main.ts'
import { startStopList } from '../collector/stop-list.ts'
import type { Clock } from '../contract/clock.ts'
import { minutes } from '../contract/units.ts'
import { startRuntimeProcess } from './runtime-process.ts'
import { DEFAULT_MIX, simulateUsers } from './simulate-users.ts'

export interface DemoSettings {
  readonly collector: CollectorConfig
  readonly runtimePort: number
  readonly users: number
  readonly clock: Clock
  readonly version: string
  readonly say: (line: string) => void
}

/** The second runtime is the unlucky one: now and then it is killed or its main thread is held. */
const UNLUCKY_MIX = { ...DEFAULT_MIX, 'exit-mid-run': 0.05, 'blocked-loop': 0.05 }
const SUMMARY_EVERY = minutes(1)

export interface Demo {
  /** `http://127.0.0.1:4319` */
  readonly dashboard: string
  readonly stop: () => Promise<void>
}

/** @throws an Error of one line when a part does not start; then nothing is left running */
export async function startDemo(settings: DemoSettings): Promise<Demo> {
  const { clock, version, say, runtimePort, users } = settings
  const given = settings.collector.contracts
  const contracts = given.length > 0 ? given : [join(import.meta.dirname, 'demo.yaml')]
  const stops = startStopList((error) => say(`stopping went wrong: ${String(error)}`))
  try {
    const collector = await startCollector({ ...settings.collector, contracts }, clock, version)
    stops.add(collector.stop)
    // A taken port is told before the runtime starts half of itself.
    const flags = ['--otlp', collector.otlpHttp, '--environment', 'demo', '--log', 'silent']
    const lucky = await startRuntimeProcess(
      ['--port', String(runtimePort), '--service-version', '1.4.1', ...flags],
      clock,
    ).catch(inFlagsOfTheDemo)
    stops.add(lucky.stop)
    const unlucky = await startRuntimeProcess(['--port', '0', '--service-version', '1.4.2', ...flags], clock)
    stops.add(unlucky.stop)

    const few = Math.ceil(users / 3)
    const crowds = [
      simulateUsers({ runtimeUrl: lucky.url, usersCount: users - few, clock }),
      simulateUsers({ runtimeUrl: unlucky.url, usersCount: few, mix: UNLUCKY_MIX, clock }),
    ]
    stops.add(async () => void (await Promise.all(crowds.map((crowd) => crowd.stop()))))
    const summary = clock.every(SUMMARY_EVERY, () => crowds.forEach((crowd) => say(`  ${crowd.summary()}`)))
    stops.add(() => summary.cancel())

    say(welcome(collector.dashboard, collector.otlpHttp, lucky.url()))
    return { dashboard: collector.dashboard, stop: stops.run }
  } catch (error) {
    await stops.run()
    throw error
  }
}

/** The runtime names its own flag; here that flag has another name. @throws always */
function inFlagsOfTheDemo(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  throw new Error(message.replaceAll('--port', '--runtime-port'), { cause: error })
}

function welcome(dashboard: string, otlpHttp: string, runtime: string): string {
  return `
  Laststep is running with simulated users: most of their runs go well, some stall.

    dashboard   ${dashboard}
    telemetry   ${otlpHttp}   (OTLP over HTTP; point any exporter here)
    runtime     ${runtime}   (the reference agent runtime)

  The first stall shows within a minute. Ctrl-C stops everything.
`
}
