/**
 * `npm run chaos:order [-- --permutations 10000]`, F7 and F8: what is told of a run in any order, an hour late by its sender's
 * clock, and up to five times, comes to the same. Each of five stories is told in its own order first; every other telling is
 * a random order of the same records, a request for each, and must end as the first did.
 *
 * Budgets are 2 min for everything, so that nothing falls due while a story is told. Laststep keeps no costs of runs: what F8
 * says of them is said of spans, events and messages. Exits 0 only if every printed goal is met.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../contract/clock.ts'
import type { RunDetail, RunRow } from '../contract/runs.ts'
import { fromIso, hours, minutes, seconds, type Instant, type Millis } from '../contract/units.ts'
import { getRun, sleepAwake } from '../test/kit/laststep-api.ts'
import { openRandom } from '../test/simulation/random.ts'
import { traceIdOf, type Line } from './chaos-agents.ts'
import { openField, until, type Field } from './chaos-field.ts'
import { openGoals } from './goals.ts'
import { openTeller, STORIES, type Teller, type Told } from './chaos-stories.ts'

const { values } = parseArgs({
  options: { permutations: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
})
const EACH = Math.ceil(Number(values.permutations) / STORIES.length)
/** Runs told side by side: a request holds one record of each. */
const AT_ONCE = 250
const DUE: Millis = minutes(2)
/** Pages of runs that are compared to the last span. */
const READ_WHOLE = 250
const COPIES_MAX = 5
const RESOLVED_MAX = seconds(10)
/** Runs of each story, for F8. */
const SAME_EACH = 40

const goals = openGoals(`chaos:order, seed ${values.seed}`)
const random = openRandom(values.seed)
const field = await openField(
  [
    'contract: chaos',
    'version: 1',
    'extends: laststep',
    'budgets:',
    ...['started', 'reasoning', 'tool', 'between', 'finalise', 'terminal'].map((key) => `  ${key}: { stalled: 2m }`),
    '  delivery: { confirmed: 2m }',
    '  learned: off',
  ].join('\n'),
)
try {
  await field.start()
  await anyOrder()
  await severalTimes()
} finally {
  await field.close()
}
goals.conclude()

/** F7 */
async function anyOrder(): Promise<void> {
  const began = { 'an hour ago': systemClock.now() - hours(1), now: systemClock.now() }
  const tellers = [openTeller('an-hour-ago', began['an hour ago']), openTeller('now', began.now)] as const
  const beganAt = (runId: string): Instant => (runId.endsWith('-0') ? began['an hour ago'] : began.now)
  const tellings = STORIES.flatMap((story) =>
    Array.from({ length: EACH }, (_, index) => {
      const late = index % 2
      const told = (tellers[late] as Teller).tell(story, `${story.replaceAll(' ', '-')}-${index}-${late}`)
      // The first of each clock is the measure of the others.
      return { story, told, isFirst: index < 2, lines: index < 2 ? told.lines : random.shuffled(told.lines) }
    }),
  )
  await Promise.all(tellers.map(({ agent }) => field.send('/v1/logs', agent.logs([agent.connection('ready')]))))
  for (const late of [0, 1] as const) {
    const own = tellings.filter(({ told }) => told.runId.endsWith(`-${late}`))
    for (let at = 0; at < own.length; at += AT_ONCE)
      await tellSideBySide(
        field,
        tellers[late] as Teller,
        own.slice(at, at + AT_ONCE).map(({ lines }) => lines),
      )
  }
  await sleepAwake(DUE + seconds(2))
  const isSettled = async () =>
    (await field.runs('status=undelivered')).size >= EACH && (await field.runs('status=stalled')).size >= EACH
  await until(isSettled, seconds(60), 2_000)

  const rows = await runsByTrace()
  for (const story of STORIES) {
    const own = tellings.filter((telling) => telling.story === story)
    const wanted = stateOf(rows.get(traceIdOf(own[0]?.told.runId ?? '')), began['an hour ago'])
    const others = own.filter(({ told }) => stateOf(rows.get(traceIdOf(told.runId)), beganAt(told.runId)) !== wanted)
    goals.exactly(`told in ${own.length} orders, ends otherwise than told in its own: ${story}`, 0, others.length)
    console.log(`  ${wanted}`)
    for (const { told, lines } of others.slice(0, 3))
      console.log(
        `  wrong: ${told.runId} ${stateOf(rows.get(traceIdOf(told.runId)), beganAt(told.runId))}; order ${orderOf(told, lines)}`,
      )
  }
  const sample = tellings.filter((_, index) => index % Math.ceil(tellings.length / READ_WHOLE) === 0)
  let otherwise = 0
  for (const { story, told } of sample) {
    const first = tellings.find(
      (telling) => telling.story === story && telling.isFirst && beganAt(telling.told.runId) === beganAt(told.runId),
    )
    const [is, should] = [
      await wholeOf(told.runId, beganAt(told.runId)),
      await wholeOf(first?.told.runId ?? '', beganAt(told.runId)),
    ]
    if (is === should) continue
    if (otherwise++ < 3) console.log(`  wrong: ${told.runId}\n    ${is}\n    ${should}`)
  }
  goals.exactly(`their whole pages, of ${sample.length}, read otherwise`, 0, otherwise)
  await completeLate(
    tellers,
    tellings.filter(({ story }) => story === 'stands still in a tool').map(({ told }) => told),
  )
}

/** Runs that were flagged end after all, and say that they did so an hour ago. */
async function completeLate(tellers: readonly Teller[], standing: readonly Told[]): Promise<void> {
  const ids = new Set<string | null>(standing.map(({ runId }) => traceIdOf(runId)))
  const before = field.told.length
  for (const [late, teller] of tellers.entries()) {
    const own = standing.filter(({ runId }) => runId.endsWith(`-${late}`))
    for (let at = 0; at < own.length; at += AT_ONCE) {
      const rests = own.slice(at, at + AT_ONCE).map(({ rest }) => random.shuffled(rest))
      await tellSideBySide(field, teller, rests)
    }
  }
  const saidAt = systemClock.now()
  const allCompleted = async () =>
    [...(await runsByTrace('status=completed')).keys()].filter((id) => ids.has(id)).length === ids.size
  const shownMs = await until(allCompleted, seconds(30))
  goals.atMost(
    `completed an hour late: ${ids.size} shown as completed after`,
    RESOLVED_MAX / 1_000,
    shownMs / 1_000,
    's',
  )
  const isTold = () => field.told.slice(before).some(({ type }) => type === 'run.recovered')
  await until(isTold, seconds(60))
  const last = (field.told.at(-1)?.at ?? NaN) - saidAt
  goals.row(
    'completed an hour late: messages about it',
    '1',
    `${field.told.length - before}`,
    field.told.length === before + 1,
  )
  goals.atMost('completed an hour late: told after', RESOLVED_MAX / 1_000, last / 1_000, 's')
}

/** F8 */
async function severalTimes(): Promise<void> {
  const beganAt = systemClock.now()
  const before = field.told.length
  const worlds = (['once', 'again'] as const).map((name) => {
    const teller = openTeller(name, beganAt, name)
    const told = STORIES.flatMap((story) =>
      Array.from({ length: SAME_EACH }, (_, index) => ({
        story,
        ...teller.tell(story, `${name}-${story.replaceAll(' ', '-')}-${index}`),
      })),
    )
    return { name, teller, told }
  })
  for (const { name, teller, told } of worlds) {
    const copies = name === 'once' ? () => 1 : (round: number) => 1 + ((round * 7) % COPIES_MAX)
    await field.send('/v1/logs', teller.agent.logs([teller.agent.connection('ready')]))
    await tellSideBySide(
      field,
      teller,
      told.map(({ lines }) => lines),
      copies,
    )
  }
  await sleepAwake(DUE + seconds(2))
  await until(() => field.told.length >= before + 2, seconds(60))
  const rows = await runsByTrace()
  const [once, again] = await Promise.all(
    worlds.map(async ({ name, told }) => {
      const states = told.map(({ runId }) =>
        stateOf(rows.get(traceIdOf(runId)), beganAt).replace(` ${name} for `, ' the agent for '),
      )
      const pages = []
      for (const { runId } of told)
        pages.push((await wholeOf(runId, beganAt)).replace(`invoke_agent ${name}`, 'invoke_agent'))
      const own = field.told.slice(before).filter(({ run }) => run?.agent === name)
      const messages = own.map(({ type, count }) => `${type} of ${count}`)
      return { states, pages, messages }
    }),
  )
  if (once === undefined || again === undefined) return
  const total = again.states.length
  goals.exactly(
    `each request 1 to ${COPIES_MAX} times: runs that end otherwise than told once, of ${total}`,
    0,
    differing(once.states, again.states),
  )
  goals.exactly(
    `each request 1 to ${COPIES_MAX} times: spans, events and messages otherwise`,
    0,
    differing(once.pages, again.pages),
  )
  goals.row(
    `each request 1 to ${COPIES_MAX} times: alerts`,
    once.messages.join(', '),
    again.messages.join(', '),
    once.messages.join() === again.messages.join(),
  )
}

/** The first record of each in one request, then the second of each, and so on; copies come at once and three requests later. */
async function tellSideBySide(
  field: Field,
  { agent }: Teller,
  runs: readonly (readonly Line[])[],
  copies: (round: number) => number = () => 1,
): Promise<void> {
  const rounds = Math.max(...runs.map((lines) => lines.length))
  const later: { readonly after: number; readonly body: string }[] = []
  for (let round = 0; round < rounds + COPIES_MAX * 3; round++) {
    const lines = runs.flatMap((run) => run[round] ?? [])
    const body = agent.logs(lines)
    for (let copy = 1; copy < copies(round) && lines.length > 0; copy++)
      later.push({ after: round + 3 * (copy - 1), body })
    const due = [
      ...(lines.length > 0 ? [body] : []),
      ...later.filter(({ after }) => after === round).map((each) => each.body),
    ]
    for (const each of due) await field.send('/v1/logs', each)
  }
}

/** A run goes by the first id that was heard of, its own or its trace's; by the other it is found as well. */
async function runsByTrace(query?: string): Promise<Map<string | null, RunRow>> {
  return new Map([...(await field.runs(query)).values()].map((row) => [row.traceId, row]))
}

/** What a list says of a run, without its ids and without when we heard of it. */
function stateOf(row: RunRow | undefined, beganAt: Instant): string {
  if (row === undefined) return 'not there'
  const { status, step, cause, confidence, agent, userId, events, delivery, startedAt, endedAt } = row
  const place = step === null ? 'nowhere' : `${step.phase} › ${step.name}`
  const sent = `${delivery.confirmed} of ${delivery.required} ${delivery.outcome}`
  const times = `began ${fromIso(startedAt) - Math.floor(beganAt)} ms${endedAt === null ? '' : ', ended'}`
  return `${status} at ${place}, ${cause}, ${confidence}, ${agent} for ${userId}, ${events} events, ${sent}, ${times}`
}

/** What its page says: every span, message and line of the checklist. */
async function wholeOf(id: string, beganAt: Instant): Promise<string> {
  const run: RunDetail = await getRun(field.dashboard, id)
  const after = (at: string | null) => (at === null ? null : fromIso(at) - Math.floor(beganAt))
  return JSON.stringify([
    run.outcome,
    run.spansTotal,
    run.spans.map(({ name, phase, startedAt, endedAt, openState, status, attributes }) => [
      name,
      phase,
      after(startedAt),
      after(endedAt),
      openState,
      status,
      Object.keys(attributes).length,
    ]),
    run.checklist.map(({ event, state, count, delivery }) => [event, state, count, delivery]),
    run.deliveries.map(({ seq, event, states }) => [seq, event, states.map(({ state }) => state).toSorted()]),
    run.connections.length,
    run.patterns.length,
  ])
}

function differing(one: readonly string[], other: readonly string[]): number {
  const found = one.flatMap((each, index) => (each === other[index] ? [] : [[each, other[index]]]))
  for (const [should, is] of found.slice(0, 3)) console.log(`  wrong: ${is}\n    ${should}`)
  return found.length
}

/** Where each record stood in the story, in the order in which it was told. */
function orderOf(told: Told, lines: readonly Line[]): string {
  return lines.map((line) => told.lines.indexOf(line) + 1).join(' ')
}
