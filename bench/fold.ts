/**
 * What it costs to turn signals into runs and verdicts, without the network, the disk and the reading of bytes.
 * `npm run bench:fold`. Exits 0 only when every goal is met.
 */
import { cpus, loadavg } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openRunBook, type RunBook } from '../collector/assemble/run-book.ts'
import { judgeRun } from '../collector/assess/judge-run.ts'
import { openContracts } from '../collector/contracts.ts'
import { loadPreset } from '../collector/assess/read-progression.ts'
import type { Signal } from '../collector/signal.ts'
import { systemClock } from '../contract/clock.ts'
import { restoreBook } from '../test/kit/restore-book.ts'
import { minutes, seconds, type Instant, type Millis } from '../contract/units.ts'
import { finishedRun, nextRequest, mixedRun, openRun, longTrace } from './fold-load.ts'
import { openGoals } from './goals.ts'

/** µs a span; (a) leaves 8.5 of the 10 µs that 100,000 spans/s allow one core to reading, the log and the history. */
const GOALS = { finished: 1.5, longTrace: 50 }
const START: Instant = 1_795_000_000_000

interface Row {
  readonly what: string
  readonly result: string
  readonly goal: string
  readonly isMet: boolean | null
}

const progression = loadPreset('laststep')
let changes = 0

function openBook(runsMax = 200_000): RunBook {
  const judge: Parameters<typeof openRunBook>[0]['judge'] = (circumstances, now) =>
    judgeRun(circumstances, progression, now)
  return openRunBook({ contracts: openContracts([progression]), judge, changed: () => void changes++, runsMax })
}

type Make = (batch: number) => readonly Signal[]

/**
 * Fold batches made by `make`, each `everyMs` after the one before; only the folding is timed.
 * @returns ms for all, and for the worst batch
 */
function timeFolding(book: RunBook, batches: number, everyMs: Millis, make: Make, first = 0) {
  let tookMs = 0
  let worstMs = 0
  for (let batch = first; batch < first + batches; batch++) {
    nextRequest()
    const signals = make(batch)
    const from = systemClock.now()
    book.apply(signals, START + batch * everyMs)
    const ms = systemClock.now() - from
    tookMs += ms
    worstMs = Math.max(worstMs, ms)
  }
  return { tookMs, worstMs }
}

/**
 * Runs of 20 finished spans, 100 spans a request. The minute after which settled runs give up their spans is over before
 * the measuring begins, so that each round has a bit of everything; the best one was disturbed least by others.
 */
function benchFinished(): Row {
  const book = openBook()
  const make: Make = (batch) => [0, 1, 2, 3, 4].flatMap((run) => finishedRun(batch * 5 + run, START))
  const round = (from: number) => timeFolding(book, 300, 250, make, from).tookMs
  round(0)
  const rounds = Array.from({ length: 20 }, (_, number) => round((number + 1) * 300))
  return compare('(a) finished spans, 20 a run, 100 a request', Math.min(...rounds) / 30, GOALS.finished, 'µs a span')
}

/** What our SDK sends of a run: every span's start, some snapshots, every end, every message's way. */
function benchMixed(): Row {
  let records = 0
  const fold = (batches: number) =>
    timeFolding(openBook(), batches, 20, (batch) => {
      const signals = mixedRun(Math.floor(batch / 8), batch % 8, START + batch * 20)
      records += signals.length
      return signals
    })
  fold(800)
  records = 0
  const { tookMs } = fold(16_000)
  return tell('(b) starts, snapshots, ends and deliveries', `${((tookMs * 1_000) / records).toFixed(2)} µs a record`)
}

function benchLongTrace(): Row {
  const fold = (spans: number) => {
    const signals = longTrace(spans, START)
    return timeFolding(openBook(), spans, 1, (batch) => signals.slice(batch, batch + 1))
  }
  fold(500)
  const { tookMs, worstMs } = fold(5_000)
  const row = compare(
    '(c) one trace of 5,000 spans, one a request',
    (tookMs * 1_000) / 5_000,
    GOALS.longTrace,
    'µs a span',
  )
  return { ...row, result: `${row.result}, worst ${(worstMs * 1_000).toFixed(0)}` }
}

function benchDeadlines(): Row {
  const judge = (runs: number) => {
    const book = openBook()
    timeFolding(book, runs, 0, (run) => openRun(run, START))
    changes = 0
    const from = systemClock.now()
    book.advance(START + minutes(6))
    return ((systemClock.now() - from) * 1_000) / changes
  }
  judge(1_000)
  return tell('(d) a deadline: judged, row made', `${judge(50_000).toFixed(2)} µs each`)
}

function benchMemory(): Row {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => (collect(), process.memoryUsage().heapUsed)
  const book = openBook()
  const runs = 50_000
  const before = used()
  timeFolding(book, runs, 0, (run) => openRun(run, START))
  const bytes = (used() - before) / runs
  const from = systemClock.now()
  const lines = [...book.snapshot()]
  const writtenMs = systemClock.now() - from
  restoreBook(openBook(), lines)
  const readMs = systemClock.now() - from - writtenMs
  const checkpoint = `checkpoint ${Math.round(lines.reduce((sum, line) => sum + line.length, 0) / runs)} B, written in ${(writtenMs / seconds(1)).toFixed(2)} s, read in ${(readMs / seconds(1)).toFixed(2)} s`
  return tell('(e) 50,000 open runs of 3 spans', `${Math.round(bytes)} B each; ${checkpoint}`)
}

function compare(what: string, value: number, goal: number, unit: string): Row {
  return { what, result: `${value.toFixed(2)} ${unit}`, goal: `≤ ${goal}`, isMet: value <= goal }
}

function tell(what: string, result: string): Row {
  return { what, result, goal: '', isMet: null }
}

const [only] = process.argv.slice(2)
const benches = { a: benchFinished, b: benchMixed, c: benchLongTrace, d: benchDeadlines, e: benchMemory }
console.log(
  `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadavg()[0]?.toFixed(1)} at the start), Node ${process.version}\n`,
)
const goals = openGoals('bench:fold')
for (const [letter, bench] of Object.entries(benches)) {
  if (only !== undefined && only !== letter) continue
  const { what, goal, result, isMet } = bench()
  goals.row(what, goal, result, isMet)
}
goals.conclude()
