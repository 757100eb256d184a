/**
 * A history as a product with four agents leaves it, for tests, pictures and benchmarks: days and nights, deploys, slow
 * hours, and one version that hangs in a tool. The same seed makes the same runs.
 */
import type { StallWord } from '../../collector/stall.ts'
import { fingerprintOfRun } from '../../collector/fingerprint.ts'
import type { PhaseTimes, StoredRun } from '../../collector/stored-run.ts'
import type { CodeLocation, RunRow, Step } from '../../contract/runs.ts'
import type { Cause, Status } from '../../contract/statuses.ts'
import { hours, minutes, seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'

export interface HistoryWish {
  readonly runs: number
  readonly from: Instant
  readonly to: Instant
  readonly seed?: number
  /** How long a version lives. */
  readonly versionMs?: Millis
  /** Of all runs, those that stand still at least once. */
  readonly stallShare?: number
}

export interface MadeRun {
  readonly run: StoredRun
  readonly stalls: readonly StallWord[]
}

const AGENTS = [
  ['support', 0.58],
  ['research', 0.24],
  ['billing', 0.12],
  ['triage', 0.06],
] as const
const TROUBLES: readonly {
  readonly step: Omit<Step, 'since' | 'spanId'>
  readonly cause: Cause
  readonly share: number
}[] = [
  { step: toolStep('search_orders', 'src/tools/search-orders.ts', 88), cause: 'tool-silent', share: 0.5 },
  {
    step: { phase: 'reasoning', name: 'gpt-5', code: codeAt('src/agent/loop.ts', 141) },
    cause: 'model-silent',
    share: 0.25,
  },
  { step: toolStep('fetch_page', 'src/tools/fetch-page.ts', 31), cause: 'tool-silent', share: 0.15 },
  { step: { phase: 'finalise', name: null, code: null }, cause: 'exception-swallowed', share: 0.1 },
]

/** In the order in which they started. */
export function* madeHistory(wish: HistoryWish): Generator<MadeRun> {
  const { runs, from, to, seed = 1, versionMs = hours(40), stallShare = 0.02 } = wish
  const random = randomFrom(seed)
  for (let index = 0; index < runs; index++) {
    const startedAt = from + ((index + random()) * (to - from)) / runs
    yield madeRun(index, startedAt, { to, from, versionMs, stallShare }, random)
  }
}

function madeRun(
  index: number,
  startedAt: Instant,
  { from, to, versionMs, stallShare }: Required<Pick<HistoryWish, 'from' | 'to' | 'versionMs' | 'stallShare'>>,
  random: () => number,
): MadeRun {
  const agent = pick(AGENTS, random)
  const environment = random() < 0.7 ? 'production' : 'staging'
  const era = Math.floor((startedAt - from) / versionMs)
  const version = `1.${4 + Math.floor(era / 5)}.${era % 5}`
  const isLast = era === Math.floor((to - 1 - from) / versionMs)
  const isStalling = random() < (isLast && era > 0 ? 3 * stallShare : stallShare)
  const reached = timesOf(random)
  const lasts = reached.terminal ?? seconds(20)
  const row = {
    id: `run_${index.toString(36).padStart(8, '0')}`,
    rev: 9,
    traceId: index.toString(16).padStart(32, 'a'),
    agent,
    service: 'agent-runtime',
    version,
    environment,
    userId: `u_${Math.floor(random() * 4_000)}`,
    sessionId: `chat_${index >> 2}`,
    confidence: 'T1',
    explainedBy: null,
    isUnconfirmed: false,
    startedAt: toIso(startedAt),
    events: 40,
  } as const
  if (isStalling) return stalledRun(row, startedAt, to, reached, random)
  const isOpen = startedAt + lasts > to
  const roll = random()
  const status: Status = isOpen
    ? 'running'
    : roll < 0.015
      ? 'failed'
      : roll < 0.02
        ? 'cancelled'
        : roll < 0.035
          ? 'undelivered'
          : 'completed'
  const endedAt = isOpen ? null : toIso(startedAt + lasts)
  const lastProgressAt = endedAt ?? toIso(to)
  const confirmed = status === 'undelivered' ? 4 : 5
  const whole: RunRow = {
    ...row,
    status,
    step: isOpen ? { phase: 'reasoning', name: 'gpt-5', spanId: null, since: lastProgressAt, code: null } : null,
    cause: status === 'undelivered' ? 'unreceived' : null,
    lastProgressAt,
    endedAt,
    delivery: { required: 5, confirmed, outcome: isOpen ? 'pending' : confirmed === 5 ? 'delivered' : 'partial' },
  }
  return { run: storedRun(whole, isOpen ? withoutEnd(reached) : reached), stalls: [] }
}

/** Half of those that stall go on by themselves after a while; some never do. */
function stalledRun(
  base: Omit<RunRow, 'status' | 'step' | 'cause' | 'lastProgressAt' | 'endedAt' | 'delivery'>,
  startedAt: Instant,
  to: Instant,
  reached: PhaseTimes,
  random: () => number,
): MadeRun {
  const trouble = pickBy(TROUBLES, random)
  const since = startedAt + seconds(60 + random() * 120)
  const movesOnAt = random() < 0.7 ? since + minutes(1 + random() * 20) : Infinity
  const step: Step = { ...trouble.step, spanId: null, since: toIso(startedAt + seconds(5)) }
  const standing: RunRow = {
    ...base,
    status: 'stalled',
    step,
    cause: trouble.cause,
    lastProgressAt: step.since,
    endedAt: null,
    delivery: { required: 5, confirmed: 3, outcome: 'pending' },
  }
  const { version, userId, sessionId, environment, agent } = standing
  const { phase, name, code } = step
  const ingredients = { environment, agent, phase, step: name, cause: trouble.cause, code }
  const stall = { fingerprint: fingerprintOfRun(standing), ingredients, version, userId, sessionId }
  const stands: StallWord = { kind: 'stands', runId: base.id, since, stall }
  if (since > to)
    return { run: storedRun({ ...standing, status: 'running', cause: null }, withoutEnd(reached)), stalls: [] }
  if (movesOnAt > to) return { run: storedRun(standing, withoutEnd(reached)), stalls: [stands] }
  const ended: RunRow = {
    ...standing,
    status: random() < 0.5 ? 'completed' : 'failed',
    step: null,
    cause: null,
    endedAt: toIso(movesOnAt),
    delivery: { required: 5, confirmed: 5, outcome: 'delivered' },
  }
  const over: StallWord = { kind: 'over', runId: base.id, at: movesOnAt, hasMovedOn: false }
  const late: StallWord[] = ended.status === 'completed' ? [{ kind: 'late', runId: base.id }] : []
  const stalls = [stands, over, ...late]
  const times = { ...reached, terminal: Math.round(movesOnAt - startedAt) }
  return { run: storedRun(ended, times), stalls: stalls }
}

function storedRun(row: RunRow, reached: PhaseTimes): StoredRun {
  return {
    row,
    otherIds: [],
    spanId: row.traceId?.slice(16) ?? null,
    verdict: {
      status: row.status,
      step: row.step,
      cause: row.cause,
      since: row.lastProgressAt,
      deadline: null,
      limit: null,
      confidence: 'T1',
      evidence: [],
      unconfirmed: null,
      lateByMs: null,
      otherwise: null,
      explainedBy: null,
    },
    pastStalls: [],
    outcome: row.status === 'completed' ? 'succeeded' : null,
    checklist: [],
    process: null,
    contract: { name: 'laststep', hash: '0123456789ab' },
    reached,
  }
}

function timesOf(random: () => number): PhaseTimes {
  const started = about(120, random)
  const reasoning = started + about(60, random)
  const tool = reasoning + about(1_900, random)
  const finalise = tool + about(2_600, random)
  return { started, reasoning, tool, finalise, terminal: finalise + about(1_400, random) }
}

function withoutEnd({ terminal: _never, ...reached }: PhaseTimes): PhaseTimes {
  return reached
}

function toolStep(name: string, file: string, line: number): Omit<Step, 'since' | 'spanId'> {
  return { phase: 'tool', name, code: codeAt(file, line) }
}

function codeAt(file: string, line: number): CodeLocation {
  return { file, line, function: null }
}

/** Around this, a few much longer: as times of networks and models are. */
function about(ms: Millis, random: () => number): Millis {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.round(ms * Math.exp(0.55 * normal))
}

function pick<T extends string>(choices: readonly (readonly [T, number])[], random: () => number): T {
  let rest = random()
  for (const [choice, share] of choices) if ((rest -= share) < 0) return choice
  return choices[0]?.[0] as T
}

function pickBy<T extends { readonly share: number }>(choices: readonly T[], random: () => number): T {
  let rest = random()
  for (const choice of choices) if ((rest -= choice.share) < 0) return choice
  return choices[0] as T
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
