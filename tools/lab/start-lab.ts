/**
 * `laststep lab`: the collector, runtimes in which every known failure mode happens for real, and users whom nothing
 * befalls beside them.
 */
import { join } from 'node:path'
import type { CollectorConfig } from '../../collector/config.ts'
import { startCollector } from '../../collector/main.ts'
import { startStopList } from '../../collector/stop-list.ts'
import { sleep, type Clock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { startRuntimeProcess } from '../runtime-process.ts'
import { findFalseFindings, findFalseFlags, startHealthyCrowd } from './healthy-crowd.ts'
import {
  isAbsent,
  isMade,
  isOfConnections,
  type AbsentMode,
  type ConnectMode,
  type Mode,
  type PlayedMode,
} from './mode.ts'
import { runConnectMode, serviceOf } from './run-connect-mode.ts'
import { runMode, type Outcome } from './run-mode.ts'
import { watchBoard } from './watch-board.ts'

export interface LabSettings {
  readonly collector: CollectorConfig
  readonly modes: readonly Mode[]
  readonly healthyUsers: number
  readonly clock: Clock
  readonly version: string
  /** Called whenever something is different. */
  progress(progress: LabProgress): void
}

export interface LabProgress {
  readonly modes: number
  readonly done: readonly Outcome[]
  readonly underWay: readonly Mode[]
  readonly healthyRuns: number
}

export interface LabReport {
  /** In the order of the catalogue. */
  readonly outcomes: readonly Outcome[]
  readonly notMade: readonly AbsentMode[]
  readonly healthyRuns: number
  /** One sentence for each healthy run that was flagged. */
  readonly falseFlags: readonly string[]
  readonly tookMs: Millis
  readonly isOk: boolean
}

export interface Lab {
  readonly dashboard: string
  readonly report: LabReport
  stop(): Promise<void>
}

/** More at once, and a small machine is busy with itself. */
const AT_ONCE = 14
/** Not all in the same moment, as nobody's users are. */
const APART_MS: Millis = 200
/** Longer than the limit on a loop that does not turn. */
const BLOCK_MS: Millis = seconds(15)

/** @throws an Error of one line when a part does not start; then nothing is left running */
export async function runLab(settings: LabSettings): Promise<Lab> {
  const { clock, version, modes, healthyUsers } = settings
  const startedAt = clock.now()
  const stops = startStopList(() => {})
  try {
    const contracts = [join(import.meta.dirname, 'lab.yaml')]
    const collector = await startCollector({ ...settings.collector, contracts }, clock, version)
    stops.add(collector.stop)
    const { dashboard, otlpHttp } = collector
    const flags = ['--port', '0', '--otlp', otlpHttp, '--environment', 'lab', '--log', 'silent', '--pulse-ms', '1000']
    const startRuntime = (more: readonly string[] = []) =>
      startRuntimeProcess([...flags, '--block-ms', String(BLOCK_MS), ...more], clock)
    const runtime = await startRuntime()
    stops.add(runtime.stop)
    const board = watchBoard(dashboard, clock)
    stops.add(() => board.stop())

    const crowd = startHealthyCrowd(runtime.url(), healthyUsers, clock)
    const made = modes.filter((mode) => isMade(mode) || isOfConnections(mode))
    const done: Outcome[] = []
    const underWay = new Set<Mode>()
    const tell = () =>
      settings.progress({ modes: made.length, done, underWay: [...underWay], healthyRuns: crowd.asked })
    const heartbeat = clock.every(seconds(1), tell)
    stops.add(() => heartbeat.cancel())
    const outcomes = await eachOf(made, AT_ONCE, async (mode) => {
      underWay.add(mode)
      tell()
      const whenOver = stops.add
      const around = { clock, dashboard, board, runtime: runtime.url(), startRuntime, whenOver }
      const outcome = await (isMade(mode) ? runMode(mode, around) : runConnectMode(mode, around))
      underWay.delete(mode)
      done.push(outcome)
      tell()
      return outcome
    })

    const ids = [...(await crowd.finish()), ...outcomes.flatMap(({ healthy }) => healthy)]
    heartbeat.cancel()
    const falseFlags = await findFalseFlags(dashboard, ids, board, clock)
    falseFlags.push(...(await findFalseFindings(dashboard, made.filter(isOfConnections).map(serviceOf))))
    if (board.problem !== null) falseFlags.push(`the board could not be read: ${board.problem.message}`)
    const report: LabReport = {
      outcomes,
      notMade: modes.filter(isAbsent),
      healthyRuns: ids.length,
      falseFlags,
      tookMs: clock.now() - startedAt,
      isOk: falseFlags.length === 0 && outcomes.every(({ problems }) => problems.length === 0),
    }
    return { dashboard, report, stop: stops.run }
  } catch (error) {
    await stops.run()
    throw error
  }

  /** In the given order, so many at a time. */
  async function eachOf(
    list: readonly (PlayedMode | ConnectMode)[],
    atOnce: number,
    work: (mode: PlayedMode | ConnectMode) => Promise<Outcome>,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    let next = 0
    const hands = Array.from({ length: Math.min(atOnce, list.length) }, async (_, hand) => {
      await sleep(clock, hand * APART_MS)
      for (let index = next++; index < list.length; index = next++) {
        const mode = list[index]
        if (mode !== undefined) outcomes[index] = await work(mode)
      }
    })
    await Promise.all(hands)
    return outcomes
  }
}
