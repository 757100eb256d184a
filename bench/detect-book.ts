/**
 * One size of `bench/detect.ts`. Arguments: how many runs are open, and an empty folder. Prints its figures as a line
 * of JSON when it is done, and waits to be killed so that its memory can be read.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openRunBook, type RunBook } from '../collector/assemble/run-book.ts'
import { judgeRun } from '../collector/assess/judge-run.ts'
import { makeChecklist } from '../collector/assess/make-checklist.ts'
import { readProgression } from '../collector/assess/read-progression.ts'
import { LOOKS_AT_ONCE, watchRuns } from '../collector/assess/watch-runs.ts'
import { openContracts } from '../collector/contracts.ts'
import { openFoldQueue } from '../collector/fold-queue.ts'
import { openHistory } from '../collector/keep/history.ts'
import type { RunChange } from '../collector/judgement.ts'
import { stallWords } from '../collector/stall.ts'
import { storeRun } from '../collector/store-run.ts'
import { systemClock } from '../contract/clock.ts'
import { fromIso, hours, seconds, type Instant, type Millis } from '../contract/units.ts'
import { progressOf, scrambledRun } from './detect-load.ts'

export interface Spread {
  readonly p50: Millis
  readonly p99: Millis
  readonly max: Millis
}

export interface DetectFigures {
  /** Bytes of typed arrays and buffers, by run. */
  readonly packedBytes: number
  readonly beginMicros: number
  /** Processor time of the main thread by wall time, at 50,000 events/s offered, and how many were taken. */
  readonly hotShare: number
  readonly hotRate: number
  readonly anyMicros: number
  readonly storedMs: Spread
  /** Until an entry is acknowledged, and until it is folded. */
  readonly stormWaitMs: Spread
  readonly stormFoldedMs: Spread
  readonly stormStoredMs: Spread
  readonly writeSeconds: number
  readonly checkpointMib: number
  /** Null where reading it would hold two large books in one process. */
  readonly readSeconds: number | null
  readonly wrong: number
}

const BUDGET = hours(10)
const contracts = openContracts([
  readProgression(
    `contract: bench\nversion: 1\nbudgets: { tool: { suspect: ${BUDGET / 1_000 - 10}s, stalled: ${BUDGET / 1_000}s }, run: { overrunning: 99h } }\n`,
    'bench',
  ),
])

const EVENTS_A_SECOND = 50_000
const EVENTS_AN_ENTRY = 100
const HOT_RUNS = 4_096
const FIRES_A_SECOND = 1_000
const FIRING_S = 8
const STORM = 10_000
/** Until the first deadline passes, from the end of loading: events are measured meanwhile. */
const LEAD_S = 25

const [runs = 10_000, dir = ''] = [Number(process.argv[2]), process.argv[3]]
const history = await openHistory({ dir, clock: systemClock, log: console })
/** By run: when its deadline passed, and how long after that its verdict was stored. */
const stored = new Map<string, { readonly dueAt: Instant; readonly lateMs: Millis }>()
let twice = 0
let isMeasuring = false

const store = (change: RunChange): void => {
  const { run, from, to } = change
  const progression = contracts.of(run.facts.contract)
  const { row, verdict } = run
  const make = () => {
    const checklist = makeChecklist(run, progression)
    return storeRun(run, progression, checklist, book.instance(run.facts.instance))
  }
  if (from === 'running' && to === 'running') history.noteRun(row.id, make)
  else void history.saveRuns([make()])
  void history.saveStalls(stallWords(change))
  if (!isMeasuring || to !== 'stalled' || from === 'stalled') return
  const dueAt = fromIso(verdict.since)
  void history.flushed().then(() => {
    if (stored.has(row.id)) twice++
    stored.set(row.id, { dueAt, lateMs: systemClock.now() - dueAt })
  })
}
const openBook = (changed: (change: RunChange) => void): RunBook =>
  openRunBook({ contracts, judge: (each, now) => judgeRun(each, contracts.of(each.run.contract), now), changed })
const book = openBook(store)

// Runs in the order of their deadlines, received a budget before these. As many as fire one by one, then those of the
// storm, then those that stay open. Ten seconds before its deadline a run turns slow: those of the storm do so when the
// others have fired.
const firing = Math.min(FIRES_A_SECOND * FIRING_S, Math.floor(runs / 4))
const storm = Math.min(STORM, Math.floor(runs / 2))
const loadMs = 0.25 * runs
const firstDueAt = systemClock.now() + loadMs + seconds(LEAD_S)
const stormAt = firstDueAt + (firing / FIRES_A_SECOND) * 1_000 + seconds(14)
const dueAtOf = (run: number): Instant =>
  run < firing
    ? firstDueAt + (run / FIRES_A_SECOND) * 1_000
    : run < firing + storm
      ? stormAt + ((run - firing) / storm) * 1_000
      : stormAt + hours(1) + (run / runs) * 1_000

let beginMs = 0
for (let run = 0; run < runs; run += 50) {
  const signals = Array.from({ length: Math.min(50, runs - run) }, (_, index) =>
    scrambledRun(run + index, dueAtOf(run + index) - BUDGET),
  ).flat()
  const from = performance.now()
  book.apply(signals, dueAtOf(run) - BUDGET)
  beginMs += performance.now() - from
  if (run % 1_000 === 0) await history.saveRuns([])
}
await history.flushed()
const packedBytes = process.memoryUsage().arrayBuffers / runs

// Events: a model or a tool of a run says that it goes on.
let seq = 1
let receivedAt = dueAtOf(runs - 1) - BUDGET
type Progress = ReturnType<typeof progressOf>
const applyEvents = (runsOf: readonly Progress[], first: number): void => {
  seq++
  const signals = Array.from({ length: EVENTS_AN_ENTRY }, (_, index) => {
    return (runsOf[(first + index * 7_919) % runsOf.length] as Progress)(seq)
  })
  receivedAt = Math.max(receivedAt, systemClock.now() - BUDGET)
  book.apply(signals, receivedAt)
}
const quiet = runs - firing - storm
const quietRuns = (count: number, step: number) =>
  Array.from({ length: count }, (_, index) => progressOf(firing + storm + ((index * step) % quiet)))
const hot = await measureEvents(seconds(5), quietRuns(Math.min(HOT_RUNS, quiet), 1))
let anyMs = 0
const anyEntries = 60
const anyRuns = quietRuns(anyEntries * EVENTS_AN_ENTRY, 104_729)
for (let entry = 0; entry < anyEntries; entry++) {
  const from = performance.now()
  applyEvents(anyRuns, entry * EVENTS_AN_ENTRY)
  anyMs += performance.now() - from
  await history.saveRuns([])
}

// Time: the book is told how late it is, as far as everything received is folded.
isMeasuring = true
/** When what is not folded yet was received, oldest first. */
const waiting = new Set<Instant>()
const advance = (to: Instant): boolean => book.advance(to, LOOKS_AT_ONCE)
const queue = openFoldQueue({
  clock: systemClock,
  advance: ({ entry }) => advance(entry.receivedAt),
  async fold({ entry, signals }) {
    book.apply(signals, entry.receivedAt)
    waiting.delete(entry.receivedAt)
    watch.woke()
  },
})
const watch = watchRuns({
  clock: systemClock,
  nextLookAt: () => book.nextLookAt(),
  advance,
  watermark: () => waiting.values().next().value ?? systemClock.now(),
})
await sleep(Math.max(0, stormAt - seconds(2) - systemClock.now()))
const storedMs = spreadOf(lateOf((dueAt) => dueAt < stormAt))
const { answered, folded } = await takeEntriesUntil(stormAt + seconds(4))
await sleep(500)
const stormStoredMs = spreadOf(lateOf((dueAt) => dueAt >= stormAt))
watch.stop()
const wrong = twice + Math.abs(firing + storm - stored.size)

const mayHoldTwo = runs <= 200_000
const lines: string[] = []
const [writeSeconds, chars] = timed(() => {
  let sum = 0
  for (const line of book.snapshot()) {
    sum += line.length
    if (mayHoldTwo) lines.push(line)
  }
  return sum
})
const checkpointMib = chars / 2 ** 20
const readSeconds = mayHoldTwo ? timed(() => restore(lines))[0] : null

const figures: DetectFigures = {
  packedBytes,
  beginMicros: (1_000 * beginMs) / runs,
  hotShare: hot.share,
  hotRate: hot.rate,
  anyMicros: (1_000 * anyMs) / (anyEntries * EVENTS_AN_ENTRY),
  storedMs,
  stormWaitMs: spreadOf(answered),
  stormFoldedMs: spreadOf(folded),
  stormStoredMs,
  writeSeconds,
  checkpointMib,
  readSeconds,
  wrong,
}
console.log(JSON.stringify(figures))
await sleep(hours(1))

/** @returns processor time of this thread by wall time */
async function measureEvents(forMs: Millis, among: readonly Progress[]): Promise<{ share: number; rate: number }> {
  const everyMs = (1_000 * EVENTS_AN_ENTRY) / EVENTS_A_SECOND
  applyEvents(among, 0)
  const began = systemClock.now()
  const cpuBefore = process.threadCpuUsage()
  let entries = 0
  for (; systemClock.now() - began < forMs; entries++) {
    const at = began + entries * everyMs
    if (at > systemClock.now()) await sleep(at - systemClock.now())
    applyEvents(among, entries * 131)
    if (entries % 50 === 0) await history.saveRuns([])
  }
  const { user, system } = process.threadCpuUsage(cpuBefore)
  const tookMs = systemClock.now() - began
  return { share: (user + system) / 1_000 / tookMs, rate: (entries * EVENTS_AN_ENTRY) / (tookMs / seconds(1)) }
}

/** Entries as senders send them while deadlines pass. @returns how long each waited, from when it was to be sent */
async function takeEntriesUntil(until: Instant): Promise<{ answered: Millis[]; folded: Millis[] }> {
  const answered: Millis[] = []
  const folded: Millis[] = []
  const everyMs = 10
  const progress = progressOf(runs - 1)
  const under: Promise<void>[] = []
  for (let at = systemClock.now(); at < until; at += everyMs) {
    if (at > systemClock.now()) await sleep(at - systemClock.now())
    const now = systemClock.now()
    const entry = { kind: 'logs', encoding: 'protobuf', receivedAt: now, body: new Uint8Array(500) } as const
    waiting.add(now)
    const done = queue.add({ entry, place: { segment: 0, offset: 0, length: 500 }, signals: [progress(++seq)] })
    answered.push(systemClock.now() - at)
    under.push(done.then(() => void folded.push(systemClock.now() - at)))
  }
  await Promise.all(under)
  return { answered, folded }
}

function lateOf(isMeant: (dueAt: Instant) => boolean): Millis[] {
  return [...stored.values()].filter(({ dueAt }) => isMeant(dueAt)).map(({ lateMs }) => lateMs)
}

function spreadOf(values: readonly Millis[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

function restore(written: readonly string[]): void {
  const restoring = openBook(() => {}).restore()
  for (const line of written) restoring.take(line)
  restoring.done()
}

function timed<Result>(call: () => Result): [seconds: number, result: Result] {
  const from = performance.now()
  const result = call()
  return [(performance.now() - from) / 1_000, result]
}
