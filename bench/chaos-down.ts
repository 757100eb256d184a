/**
 * `npm run chaos:down [-- --runs 100000 --down 10m]`, F17: the real collector is killed (SIGKILL) with many runs open, stays
 * away, and comes back. Of its runs some really stand still; others go on, end and are heard of late, or end unheard.
 *
 * ```
 *   begin ── every run progresses ──┤ killed   down   started ├── grace ──┤ the stalled are due ── killed and started again
 *                                   └ what is sent meanwhile is lost, as it is by senders that give up
 * ```
 *
 * The contract allows a tool 90 s instead of 5 min, so that the time before and after needs no patience; what was not heard,
 * and the grace of 60 s after it, are real, and `--down 10m` is the reference's own length. Exits 0 only if every goal is met.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../contract/clock.ts'
import type { RunRow } from '../contract/runs.ts'
import { fromIso, seconds, type Millis } from '../contract/units.ts'
import { sleepAwake } from '../test/kit/laststep-api.ts'
import { openField, until } from './chaos-field.ts'
import { lengthOf, openGoals } from './goals.ts'
import { openCrowd, type Fate } from './chaos-crowd.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20000' }, down: { type: 'string', default: '1m' } },
})
const RUNS = Number(values.runs)
const DOWN = lengthOf(values.down)
const TOOL_STALLED = seconds(90)
const PROGRESS_EVERY = seconds(20)
const GRACE = seconds(60)
const LATE_MAX = seconds(5)
const READY_MAX = seconds(3)

// oxfmt-ignore
const FATES: Readonly<Record<Fate, number>> = {
  'stalled before':     50,
  'stands still':       480,
  'process dies':       20,
  'ends, told late':    Math.ceil(RUNS / 50),
  'ends, unheard':      Math.ceil(RUNS / 50),
  'ends, tells itself': Math.ceil(RUNS / 50),
  'goes on':            RUNS - 550 - 3 * Math.ceil(RUNS / 50),
}

const goals = openGoals(`chaos:down, ${RUNS.toLocaleString('en')} open runs, down for ${values.down}`)
const field = await openField(
  [
    'contract: chaos',
    'version: 1',
    'extends: laststep',
    `budgets: { tool: { suspect: 80s, stalled: ${TOOL_STALLED / 1_000}s }, learned: off }`,
  ].join('\n'),
)
try {
  await field.start()
  const crowd = openCrowd(FATES, PROGRESS_EVERY, (body) => field.send('/v1/logs', body))
  const ids = (...fates: Fate[]) => new Set(fates.flatMap((fate) => crowd.of(fate)))
  await crowd.begin()
  // Time for every run to have progressed, and for the first to be flagged.
  const stalledBefore = ids('stalled before')
  await until(() => field.flagged.size >= stalledBefore.size, TOOL_STALLED + seconds(60))
  const openBefore = (await field.status()).openRuns
  goals.exactly('before: runs open', RUNS, openBefore)
  goals.exactly('before: those that stand still already, flagged', stalledBefore.size, field.flagged.size)
  goals.exactly('before: messages about them', 1, field.told.length)

  await field.kill()
  const killedAt = systemClock.now()
  crowd.suffer()
  await sleepAwake(DOWN - (systemClock.now() - killedAt))
  const toldBefore = field.told.length
  await field.start()
  crowd.return()
  const gap = (await field.status()).gaps.findLast(({ reason }) => reason === 'down')
  const gapEnd = gap === undefined ? NaN : fromIso(gap.to)
  goals.row(
    'the gap is recorded',
    'yes',
    gap === undefined ? 'no' : `${Math.round((gapEnd - fromIso(gap.from)) / 1_000)} s`,
    gap !== undefined,
  )
  goals.atMost('started: listening again after', READY_MAX / 1_000, field.startMs / 1_000, 's')

  const standing = ids('stands still', 'process dies')
  const seen = () => [...field.flagged].filter(([id, { row }]) => !stalledBefore.has(id) && isStandingStill(row))
  await until(() => seen().length >= standing.size, GRACE + TOOL_STALLED + seconds(60))
  // Whoever would be flagged wrongly has had all the time for it.
  await sleepAwake(Math.max(0, gapEnd + GRACE + TOOL_STALLED + seconds(15) - systemClock.now()))
  await crowd.stop()

  const found = seen()
  const right = found.filter(([id]) => standing.has(id))
  goals.exactly('flagged before the grace ended', 0, found.filter(([, { at }]) => at < gapEnd + GRACE).length)
  goals.exactly(`really standing still, flagged, of ${standing.size}`, standing.size, right.length)
  goals.exactly('precision', 1, right.length / found.length)
  goals.exactly('recall', 1, right.length / standing.size)
  const unheard = [...field.flagged.values()].filter(({ row }) => !isStandingStill(row)).length
  goals.exactly('flags given twice', 0, (await field.flagsGiven()) - found.length - unheard)
  const ripe = right.map(([, { at, row }]) => at - fromIso(row.lastProgressAt))
  goals.atMost(
    'from the last progress until seen, at most',
    (DOWN + TOOL_STALLED + GRACE + LATE_MAX) / 1_000,
    mostSeconds(ripe),
    's',
  )
  const after = field.told.slice(toldBefore)
  goals.exactly('messages before the grace ended', 0, after.filter(({ at }) => at < gapEnd + GRACE).length)
  const aboutStalls = after.filter(({ run }) => run !== null && run.step?.name === 'stands-still')
  goals.exactly(
    'messages about those that stand still',
    1,
    aboutStalls.filter(({ type }) => type === 'run.stalled').length,
  )
  goals.exactly(
    'messages about those whose process died',
    1,
    after.filter(({ run }) => run === null || run.cause === 'process-lost').length,
  )
  goals.exactly('other messages', 0, after.length - aboutStalls.length - 1)
  for (const fate of ['goes on', 'ends, told late', 'ends, unheard', 'ends, tells itself'] as const) {
    const mine = ids(fate)
    goals.exactly(`flagged of ${mine.size} · ${fate}`, 0, found.filter(([id]) => mine.has(id)).length)
  }
  goals.row('shown as lost, since only their telemetry is', '', `${unheard}`, null)
  const rows = await field.runs('status=completed')
  const heardOf = crowd.of('ends, told late')
  goals.exactly(
    'completed of those whose end was told late',
    heardOf.length,
    heardOf.filter((id) => rows.has(id)).length,
  )
  for (const [id, { row }] of found.filter((each) => !right.includes(each)).slice(0, 5))
    console.log(`  wrong: ${id} ${row.status}, ${row.cause}, at ${row.step?.phase} ${row.step?.name ?? ''}`)
  for (const { type, run, count } of after)
    console.log(`  told: ${type}, ${count}, ${run?.step?.name ?? ''}, ${run?.cause ?? ''}`)

  const toldThen = field.told.length
  await field.kill()
  await field.start()
  await sleepAwake(seconds(10))
  goals.exactly('told again after one more SIGKILL', 0, field.told.length - toldThen)
} finally {
  await field.close()
}
goals.conclude()

/** Their own process says of the others that they are over: only how is not known. */
function isStandingStill({ status, cause }: RunRow): boolean {
  return status === 'stalled' || (status === 'lost' && cause !== 'telemetry-lost')
}

function mostSeconds(lengths: readonly Millis[]): number {
  return lengths.length === 0 ? NaN : lengths.reduce((most, each) => Math.max(most, each)) / 1_000
}
