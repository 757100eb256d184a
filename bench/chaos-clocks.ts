/**
 * `npm run chaos:clocks [-- --stop 10m]`, F5 and F6: clocks that are wrong. Senders' clocks are a day fast, a day slow, off by
 * something else for each span, set back while they work, and 150 days apart in one request; the collector is stopped
 * (SIGSTOP) and goes on; its machine's clock is set an hour on and back, while it runs and between two starts.
 *
 * The contract allows a tool 10 s instead of 5 min; `--stop 10m` is the reference's own length. The machine's clock is set for the
 * collector alone, by libfaketime; where there is none that part is skipped. Exits 0 only if every printed goal is met.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../contract/clock.ts'
import type { GapReason, GapView } from '../contract/runs.ts'
import { fromIso, hours, seconds, type Instant, type Millis } from '../contract/units.ts'
import { getRun, sleepAwake } from '../test/kit/laststep-api.ts'
import { startProcess } from './chaos-agents.ts'
import { openFakeTime, type FakeTime } from './chaos-fake-time.ts'
import { openField, until, type Field } from './chaos-field.ts'
import { lengthOf, openGoals } from './goals.ts'
import { BEAT, openTroupe, type Troupe } from './chaos-troupe.ts'

const { values } = parseArgs({ options: { stop: { type: 'string', default: '30s' } } })
const STOP = lengthOf(values.stop)
const TOOL_STALLED = seconds(10)
const LATE_MAX = seconds(5)
/** After a gap of ten seconds or more; after a shorter one. */
const GRACE = seconds(60)
const GRACE_SHORT = seconds(15)
const DAY = hours(24)
/** Runs of each kind. */
const EACH = 50
const CONTRACT = [
  'contract: chaos',
  'version: 1',
  'extends: laststep',
  `budgets: { tool: { suspect: 6s, stalled: ${TOOL_STALLED / 1_000}s }, learned: off }`,
].join('\n')

const goals = openGoals('chaos:clocks')
await inField({}, sendersClocks)
await inField({}, stopped)
await machinesClock()
goals.conclude()

async function inField(environment: Readonly<Record<string, string>>, act: (field: Field) => Promise<void>) {
  const field = await openField(CONTRACT)
  try {
    await field.start(environment)
    await act(field)
  } finally {
    await field.close()
  }
}

/** F5: for every clock some runs stand still, and others work three times as long as a tool may be silent. */
async function sendersClocks(field: Field): Promise<void> {
  let setBack: Millis = 0
  // The same for the same span, and as good as random from one to the next.
  const scattered = (about: string) =>
    /^[0-9a-f]{16}$/.test(about) ? (Number.parseInt(about.slice(-8), 16) / 2 ** 31 - 1) * DAY : 0
  // What its pulses say in the end is how far it is behind.
  const clocks: readonly (readonly [string, (about: string) => Millis, behind: Millis])[] = [
    ['right', () => 0, 0],
    ['a day fast', () => DAY, -DAY],
    ['a day slow', () => -DAY, DAY],
    ['off by up to a day, each span', scattered, 0],
    ['set back an hour at work', () => setBack, hours(1)],
  ]
  const troupes = clocks.map(([name, off, behind], index) => {
    const instance = `clock-${index}`
    return { name, instance, behind, troupe: openTroupe(field, instance, (about) => systemClock.now() + off(about)) }
  })
  const hung = await Promise.all(troupes.map(({ troupe }) => troupe.hang(EACH)))
  const healthy = await Promise.all(troupes.map(({ troupe }) => troupe.goOn(EACH)))
  await sleepAwake(TOOL_STALLED)
  setBack = -hours(1)
  await until(() => field.flagged.size >= hung.flat().length, seconds(30))
  await sleepAwake(2 * TOOL_STALLED)
  await Promise.all(troupes.map(({ troupe }) => troupe.end()))
  await sleepAwake(seconds(2))
  const rows = await field.runs()
  for (const [index, { name, instance, behind, troupe }] of troupes.entries()) {
    const what = `sender's clock ${name}`
    const standing = hung[index] ?? []
    const working = healthy[index] ?? []
    judgeFlags(what, field, instance, standing)
    const details = await Promise.all(standing.map((id) => getRun(field.dashboard, id)))
    const onTime = details.filter(({ id, verdict }) => troupe.wasHeardAt(id, fromIso(verdict.since) - TOOL_STALLED))
    goals.exactly(`${what}: dated by when their last word was received`, standing.length, onTime.length)
    const told = details[0]?.process?.clockBehindMs ?? Number.NaN
    goals.atMost(`${what}: how far it is off, told wrong by`, 1, Math.abs(told - behind) / 1_000, 's')
    const completed = working.filter((id) => rows.get(id)?.status === 'completed')
    goals.exactly(`${what}: working, completed`, working.length, completed.length)
    await troupe.stop()
  }
  await fromManyDays(field)
}

/** F5: one request whose runs began up to 150 days ago, by their sender's clock. */
async function fromManyDays(field: Field): Promise<void> {
  const DAYS = 150
  let day = 0
  const agent = startProcess({ instance: 'many-days', now: () => systemClock.now() - day * DAY })
  const ids: string[] = []
  const lines: string[] = []
  for (day = 0; day < DAYS; day++) {
    const run = agent.run(`day-${day}`, 'support')
    lines.push(agent.finished(run.root))
    ids.push(run.id)
  }
  const { answer } = await field.send('/v1/traces', agent.traces(lines))
  goals.row('150 days in one request: accepted whole', '{}', answer, answer === '{}')
  await field.kill()
  await field.start()
  await until(async () => (await field.runs()).has('day-0'), seconds(20))
  const rows = await field.runs()
  const kept = ids.filter((id) => rows.get(id)?.status === 'completed')
  goals.exactly('150 days in one request: completed, after a SIGKILL as well', DAYS, kept.length)
}

/** F6: the process stands still, and goes on. */
async function stopped(field: Field): Promise<void> {
  const what = `stopped for ${values.stop}`
  const troupe = openTroupe(field, 'stopped', systemClock.now)
  await troupe.goOn(EACH)
  const hung = await troupe.hang(EACH)
  await sleepAwake(BEAT)
  field.collector.kill('SIGSTOP')
  await sleepAwake(STOP)
  field.collector.kill('SIGCONT')
  await until(() => field.flagged.size >= hung.length, GRACE + TOOL_STALLED + seconds(30))
  // Whoever would be flagged wrongly has had the time for it.
  await sleepAwake(2 * TOOL_STALLED)
  const gap = await gapOf(field, 'paused')
  goals.row(`${what}: recorded as a gap`, 'yes', lengthOfGap(gap), Math.abs(lengthMsOf(gap) - STOP) < seconds(3))
  judgeFlags(what, field, 'stopped', hung)
  const graceEnd = fromIso(gap?.to ?? '') + (STOP < seconds(10) ? GRACE_SHORT : GRACE)
  const seen = [...field.flagged.values()].map(({ at }) => at)
  const early = seen.filter((at) => at < graceEnd).length + field.told.filter(({ at }) => at < graceEnd).length
  goals.exactly(`${what}: flagged, or told of, before the grace ended`, 0, early)
  goals.atMost(
    `${what}: from the grace's end until seen, at most`,
    LATE_MAX / 1_000,
    (Math.max(...seen) - graceEnd) / 1_000,
    's',
  )
  await judgeEnded(what, field, troupe)
  await troupe.stop()
}

/**
 * F6: the machine's clock is set while the collector runs, and between two of its starts. It is set for the collector alone,
 * so this program's own clock tells how late a verdict really is.
 */
async function machinesClock(): Promise<void> {
  const fake = openFakeTime()
  if (typeof fake === 'string') return goals.skipped("the machine's clock set an hour on and back", fake)
  try {
    await inField(fake.environment, async (field) => {
      const troupe = openTroupe(field, 'machine', systemClock.now)
      await troupe.goOn(EACH)
      await setWhileRunning(field, troupe, fake, 'an hour on', hours(1))
      await setWhileRunning(field, troupe, fake, 'two hours back', -hours(1))
      await setBetweenStarts(field, troupe, fake, 'two hours on', hours(1))
      await setBetweenStarts(field, troupe, fake, 'two hours back', -hours(1))
      await judgeEnded("machine's clock", field, troupe)
      await troupe.stop()
    })
  } finally {
    fake.close()
  }
}

async function setWhileRunning(field: Field, troupe: Troupe, fake: FakeTime, how: string, ahead: Millis) {
  const what = `machine's clock set ${how}`
  fake.set(ahead)
  const isSet = async () => Math.abs((await field.aheadMs()) - ahead) < seconds(3)
  await until(isSet, seconds(20))
  goals.row(`${what}: and the process sees it`, 'yes', (await isSet()) ? 'yes' : 'no', await isSet())
  const before = field.flagged.size
  const hungAt = systemClock.now()
  const hung = await troupe.hang(EACH)
  await until(() => field.flagged.size >= before + EACH, TOOL_STALLED + seconds(30))
  await sleepAwake(TOOL_STALLED)
  judgeFlags(what, field, 'machine', hung, before)
  const late = lastSeen(field, hung) - hungAt - TOOL_STALLED
  goals.atMost(`${what}: from a deadline until seen, at most`, LATE_MAX / 1_000, late / 1_000, 's')
}

async function setBetweenStarts(field: Field, troupe: Troupe, fake: FakeTime, how: string, ahead: Millis) {
  const what = `started with its clock ${how}`
  const before = field.flagged.size
  const hung = await troupe.hang(EACH)
  await field.kill()
  fake.set(ahead)
  await field.start(fake.environment)
  const startedAt = systemClock.now()
  await until(() => field.flagged.size >= before + EACH, GRACE + TOOL_STALLED + seconds(30))
  await sleepAwake(TOOL_STALLED)
  const gap = await gapOf(field, 'down')
  goals.row(`${what}: recorded as a gap`, 'yes', lengthOfGap(gap), gap !== undefined)
  judgeFlags(what, field, 'machine', hung, before)
  const last = lastSeen(field, hung) - startedAt
  goals.atMost(`${what}: seen after`, (GRACE + TOOL_STALLED + LATE_MAX) / 1_000, last / 1_000, 's')
}

/**
 * Everybody who stands still is seen flagged, and nobody else is.
 * @param before how many runs had been before
 */
function judgeFlags(what: string, { flagged }: Field, instance: string, hung: readonly string[], before = 0): void {
  const seen = [...flagged.keys()].slice(before).filter((id) => id.startsWith(`${instance}-`))
  const right = seen.filter((id) => hung.includes(id))
  goals.exactly(`${what}: standing still, flagged`, hung.length, right.length)
  goals.exactly(`${what}: flagged falsely`, 0, seen.length - right.length)
}

function lastSeen({ flagged }: Field, ids: readonly string[]): Instant {
  return Math.max(...ids.map((id) => flagged.get(id)?.at ?? NaN))
}

async function judgeEnded(what: string, field: Field, troupe: Troupe): Promise<void> {
  const ended = await troupe.end()
  await sleepAwake(seconds(1))
  const rows = await field.runs()
  const completed = ended.filter((id) => rows.get(id)?.status === 'completed')
  goals.exactly(`${what}: working all the time, completed`, ended.length, completed.length)
}

async function gapOf(field: Field, reason: GapReason): Promise<GapView | undefined> {
  return (await field.status()).gaps.findLast((gap) => gap.reason === reason)
}

function lengthMsOf(gap: GapView | undefined): Millis {
  return gap === undefined ? NaN : fromIso(gap.to) - fromIso(gap.from)
}

function lengthOfGap(gap: GapView | undefined): string {
  return gap === undefined ? 'no' : `${(lengthMsOf(gap) / 1_000).toFixed(1)} s`
}
