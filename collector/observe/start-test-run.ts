/**
 * The test run: what a person sends before they have an agent, to see what a stall looks like. A real run through the
 * real door: a model answers, a tool is called and never comes back, while its process goes on beating.
 *
 * ```
 * 0 s     begins, a tool open          5 s   the tool's limit has passed: stalled
 * 5 s …   a pulse every 5 s            5 m   stopped: cancelled, and forgotten within the hour
 * ```
 */
import type { Clock, Timer } from '../../contract/clock.ts'
import type { TraceId } from '../../contract/ids.ts'
import type { Instant } from '../../contract/units.ts'
import { TEST_RUN } from '../test-run.ts'
import { Unavailable } from '../unavailable.ts'
import { ask } from './ask.ts'
import {
  PULSE_EVERY,
  runIdOf,
  testRunBeats,
  testRunBegins,
  testRunEnds,
  testRunStops,
  testRunThought,
  type TestRun,
} from './test-run-telemetry.ts'

export interface TestRunSettings {
  readonly clock: Clock
  /** `http://127.0.0.1:4318` */
  readonly otlpHttp: string
  /** Test runs that a process before this one began and never ended, and when they started. */
  readonly leftBehind: readonly { readonly traceId: TraceId; readonly startedAt: Instant }[]
}

export interface TestRuns {
  /** @returns the id of the run: the one under way, while there is one. @throws Unavailable when the door does not take it */
  send(): Promise<string>
  /** Ends the one under way. Safe to call twice. */
  stop(): Promise<void>
}

export function openTestRuns({ clock, otlpHttp, leftBehind }: TestRunSettings): TestRuns {
  let current: { readonly run: TestRun; readonly timers: readonly Timer[]; seq: number } | null = null
  let beginning: Promise<string> | null = null

  const post = async (path: string, body: string): Promise<boolean> =>
    (await ask(clock, `${otlpHttp}${path}`, body)) !== null

  const end = async (run: TestRun, seq: number): Promise<void> => {
    const now = clock.now()
    await post('/v1/logs', testRunStops(run, seq, now))
    await post('/v1/traces', testRunEnds(run, now))
  }

  const endCurrent = async (): Promise<void> => {
    if (current === null) return
    const { run, timers, seq } = current
    current = null
    for (const timer of timers) timer.cancel()
    await end(run, seq + 1)
  }

  const beat = (run: TestRun): void => {
    if (current?.run !== run) return
    current.seq += 1
    void post('/v1/logs', testRunBeats(run, current.seq, clock.now()))
  }

  const begin = async (): Promise<string> => {
    const run = { traceId: crypto.randomUUID().replaceAll('-', ''), sentAt: clock.now() }
    const isTaken = (await post('/v1/logs', testRunBegins(run))) && (await post('/v1/traces', testRunThought(run)))
    if (!isTaken) throw new Unavailable('the collector did not take the test run')
    const timers = [
      clock.every(PULSE_EVERY, () => beat(run)),
      clock.after(TEST_RUN.endsAfterMs, () => void endCurrent()),
    ]
    current = { run, timers, seq: 1 }
    return runIdOf(run)
  }

  // Of these nobody knows the last pulse; any higher number will do.
  for (const { traceId, startedAt } of leftBehind) void end({ traceId, sentAt: startedAt + 1_600 }, 1_000_000)
  return {
    send() {
      if (current !== null) return Promise.resolve(runIdOf(current.run))
      beginning ??= begin().finally(() => (beginning = null))
      return beginning
    },
    async stop() {
      await beginning?.catch(() => {})
      await endCurrent()
    },
  }
}
