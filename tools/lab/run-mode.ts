/** One failure mode: play it, wait for the verdict, compare. */
import { sleep, type Clock } from '../../contract/clock.ts'
import type { FailingFinding } from '../../contract/findings.ts'
import type { RunDetail, RunRow } from '../../contract/runs.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { RuntimeProcess } from '../runtime-process.ts'
import { getRun, listRuns } from './ask-collector.ts'
import { compareVerdict, isDecided } from './compare-verdict.ts'
import type { ConnectMode, PlayedMode } from './mode.ts'
import { PLAYS } from './plays/plays.ts'
import { openStage } from './plays/stage.ts'
import type { Board } from './watch-board.ts'

export interface Outcome {
  readonly mode: PlayedMode | ConnectMode
  /** Null when no run of the play was ever seen. */
  readonly run: RunDetail | null
  /** Of a mode of connections, which has no run; null when nothing was found. */
  readonly finding: FailingFinding | null
  /** From the request to the verdict on the board; null when it never came. */
  readonly tookMs: Millis | null
  /** From the deadline that passed to the verdict on the board; null where none passed. */
  readonly behindMs: Millis | null
  /** Empty when all is as expected. */
  readonly problems: readonly string[]
  /** Runs beside it to which nothing may happen. */
  readonly healthy: readonly string[]
}

export interface ModeSettings {
  readonly clock: Clock
  readonly dashboard: string
  readonly runtime: string
  readonly board: Board
  /** @param flags besides those of all runtimes of the lab */
  startRuntime(flags?: readonly string[]): Promise<RuntimeProcess>
  whenOver(stop: () => void | Promise<void>): void
}

/** Every limit of the lab's contract, and as much again for a machine that is busy. */
const VERDICT_WITHIN_MS: Millis = seconds(60)
const SETTLED_AFTER_MS: Millis = seconds(1.5)

export async function runMode(mode: PlayedMode, settings: ModeSettings): Promise<Outcome> {
  const { clock, dashboard } = settings
  const { play, fault = null, expected } = mode.made
  const user = `${mode.id}-${mode.name}`
  const askedAt = clock.now()
  const nothing = { mode, run: null, finding: null, tookMs: null, behindMs: null, healthy: [] }
  const played = await PLAYS[play](openStage({ ...settings, user, fault })).catch((error: unknown) => String(error))
  if (typeof played === 'string') return { ...nothing, problems: [`the play failed: ${played}`] }

  const { runId, healthy = [] } = played
  const isIt = ({ id, userId }: RunRow) => (runId === null ? userId === user : id === runId)
  const seen = await firstThatStays(settings, (row) => isIt(row) && isDecided(row, expected, clock.now()))
  const id = seen?.run.id ?? runId ?? (await listRuns(dashboard, user))[0]?.id
  if (id === undefined) return { ...nothing, healthy, problems: ['no run was ever seen'] }
  const run = seen?.run ?? (await getRun(dashboard, id))
  const problems = seen === null ? ['no verdict within a minute'] : compareVerdict(run, expected)
  const { deadline } = run.verdict
  return {
    mode,
    run,
    finding: null,
    healthy,
    problems,
    tookMs: seen === null ? null : seen.seenAt - askedAt,
    behindMs: seen === null || deadline === null ? null : seen.seenAt - Date.parse(deadline),
  }
}

/** A verdict that was taken back a moment later is waited past: what stays is compared. */
async function firstThatStays(
  { board, clock, dashboard }: ModeSettings,
  fits: (row: RunRow) => boolean,
): Promise<{ run: RunDetail; seenAt: Instant } | null> {
  const until = clock.now() + VERDICT_WITHIN_MS
  for (;;) {
    const seen = await board.waitFor(fits, until - clock.now())
    if (seen === null) return null
    await sleep(clock, SETTLED_AFTER_MS)
    const run = await getRun(dashboard, seen.row.id)
    if (fits(run)) return { run, seenAt: seen.seenAt }
  }
}
