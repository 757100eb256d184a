/**
 * `npm run chaos:forever [-- --runs 1000000]`, F9: runs that go on for ever, and runs that never say another word. Those that
 * progress for ever are slow from the longest time a run may take, and never stalled; those whose process lives and that do not
 * progress are stalled once; those that are begun and never heard of again are all still known, whatever their number.
 *
 * Two contracts: one allows a run 40 s and a tool 15 s, the other a day. The collector takes 1,500,000 runs: with more
 * (`--runs 1600000`) the rest must be turned away and counted. Exits 0 only if every printed goal is met. Linux: it reads /proc.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../contract/clock.ts'
import { fromIso, seconds, type Millis } from '../contract/units.ts'
import { getRun, sleepAwake } from '../test/kit/laststep-api.ts'
import { startProcess, type AgentRun } from './chaos-agents.ts'
import { openField, until, type Field } from './chaos-field.ts'
import { openGoals } from './goals.ts'
import { openTroupe } from './chaos-troupe.ts'
import { rssBytesOf } from './child.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } })
const RUNS = Number(values.runs)
const RUN_OVERRUNNING = seconds(40)
const TOOL_STALLED = seconds(15)
const EACH = 50
const BYTES_A_RUN_MAX = 2_048
/** With fewer, what the collector has not yet swept up weighs more than they do. */
const RUNS_TO_WEIGH = 500_000
const LATE_MAX = seconds(5)
/** Of those that never spoke again, the first begun: they end after all. */
const END_AFTER_ALL = 1_000
const BEGUN_AT_ONCE = 500
const REST: Millis = seconds(5)
/** `collector/assemble/run-book.ts`. */
const RUNS_MAX = 1_500_000

const goals = openGoals('chaos:forever')
const field = await openField(
  [
    'contract: impatient',
    'version: 1',
    'extends: laststep',
    'budgets:',
    `  tool: { suspect: 10s, stalled: ${TOOL_STALLED / 1_000}s }`,
    `  run: { overrunning: ${RUN_OVERRUNNING / 1_000}s }`,
    '  learned: off',
  ].join('\n'),
  [
    'contract: patient',
    'version: 1',
    'extends: laststep',
    'budgets:',
    '  tool: { suspect: 23h, stalled: 24h }',
    '  between: { suspect: 23h, stalled: 24h }',
    '  run: { overrunning: 24h }',
    '  learned: off',
  ].join('\n'),
)
try {
  await field.start()
  await heartbeating(field)
  await neverAgain(field)
} finally {
  await field.close()
}
goals.conclude()

async function heartbeating({ told, flagged, dashboard }: Field): Promise<void> {
  const troupe = openTroupe(field, 'forever', systemClock.now)
  const begunAt = systemClock.now()
  const progressing = await troupe.goOn(EACH)
  const beating = await troupe.hang(EACH)
  await until(() => flagged.size >= EACH, TOOL_STALLED + seconds(30))
  const seen = beating.map((id) => flagged.get(id)?.at ?? NaN)
  const late = Math.max(...seen) - begunAt - TOOL_STALLED
  goals.exactly('pulse and no progress: stalled', EACH, seen.filter((at) => !Number.isNaN(at)).length)
  goals.atMost('pulse and no progress: from the deadline until seen, at most', LATE_MAX / 1_000, late / 1_000, 's')
  await sleepAwake(Math.max(0, begunAt + 2 * RUN_OVERRUNNING - systemClock.now()))
  const found = await Promise.all(progressing.map((id) => getRun(dashboard, id)))
  const overrunning = found.filter(
    ({ verdict }) => verdict.status === 'slow' && verdict.limit?.from.includes('overrunning'),
  )
  const onTime = overrunning.filter(({ id, verdict }) =>
    troupe.wasHeardAt(id, fromIso(verdict.since) - RUN_OVERRUNNING),
  )
  goals.exactly('progressing for ever: overrunning', EACH, overrunning.length)
  goals.exactly('progressing for ever: since the longest time a run may take', EACH, onTime.length)
  goals.exactly('progressing for ever: stalled', 0, progressing.filter((id) => flagged.has(id)).length)
  goals.exactly('messages about all that stand still in one tool', 1, told.length)
  await troupe.stop()
}

async function neverAgain({ send, status, runs, collector }: Field): Promise<void> {
  const openBefore = (await status()).openRuns
  const agent = startProcess({ instance: 'never-again', now: systemClock.now, contract: 'patient' })
  const firstBegun: AgentRun[] = []
  const begin = async (from: number, to: number): Promise<number> => {
    for (let at = from; at < to; at += BEGUN_AT_ONCE) {
      const count = Math.min(BEGUN_AT_ONCE, to - at)
      const batch = Array.from({ length: count }, (_, index) => agent.run(`never-${at + index}`, 'support'))
      firstBegun.push(...batch.slice(0, END_AFTER_ALL - firstBegun.length))
      await send('/v1/traces', agent.traces(batch.map(({ root }) => agent.unfinished(root))))
    }
    // What is only garbage goes.
    await sleepAwake(REST)
    return rssBytesOf(collector)
  }
  const half = Math.ceil(RUNS / 2)
  const beganAt = systemClock.now()
  const halfway = await begin(0, half)
  const whole = await begin(half, RUNS)
  const tookS = (systemClock.now() - beganAt - 2 * REST) / 1_000
  const { openRuns, dropped } = await status()
  const [turnedAway = NaN, crowdedOut = NaN] = [dropped['turnedAway'], dropped['crowdedOut']]
  goals.row(`${RUNS.toLocaleString('en')} begun, never heard of again: begun within`, '', `${tookS.toFixed(0)} s`, null)
  goals.exactly('gone without being counted', 0, RUNS - (openRuns - openBefore) - turnedAway - crowdedOut)
  goals.exactly('turned away, and counted', Math.max(0, RUNS + openBefore - RUNS_MAX), turnedAway)
  const bytes = (whole - halfway) / (RUNS - half - turnedAway)
  const isEnough = RUNS >= RUNS_TO_WEIGH
  const memory = `${Math.round(bytes)} B`
  goals.row(
    'resident memory, each open run of the second half',
    isEnough ? `≤ ${BYTES_A_RUN_MAX} B` : '',
    memory,
    isEnough ? bytes <= BYTES_A_RUN_MAX : null,
  )
  goals.row('resident memory of all', '', `${(whole / 2 ** 20).toFixed(0)} MiB`, null)

  await field.kill()
  await field.start()
  goals.exactly('gone after a SIGKILL', 0, openRuns - (await status()).openRuns)
  await send('/v1/traces', agent.traces(firstBegun.map(({ root }) => agent.finished(root))))
  const ended = new Set(firstBegun.map(({ id }) => id))
  const countEnded = async () => [...(await runs('status=completed')).keys()].filter((id) => ended.has(id)).length
  await until(async () => (await countEnded()) === ended.size, seconds(20))
  goals.exactly('the first begun end after all: completed', ended.size, await countEnded())
}
