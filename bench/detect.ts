/**
 * What it takes to watch a million open runs: memory, events, deadlines, a storm of deadlines, a restart.
 * `npm run bench:detect`, or with counts of runs. Exits 0 only when every goal is met.
 *
 * Each size has a process of its own (`detect-book.ts`): the run book, the judge, the watch over time and the real
 * history in its worker, fed with signals; the network, the reading of bytes and the log are `bench:ingest`'s.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { NODE_FLAGS } from '../tools/node-flags.mjs'
import { firstLine, kill, rssMibOf, start } from './child.ts'
import type { DetectFigures } from './detect-book.ts'

const SIZES = [10_000, 100_000, 1_000_000]

interface Row {
  readonly what: string
  readonly of: (figures: DetectFigures & { readonly rssMib: number }) => number | null
  readonly unit: string
  /** At a million open runs, unless it says otherwise. */
  readonly goal: number | null
  readonly goalAt?: number
}

// oxfmt-ignore
const ROWS: readonly Row[] = [
  { what: 'resident memory, the most',                    of: ({ rssMib }) => rssMib,                  unit: 'MiB', goal: 700 },
  { what: 'outside the heap, a run',                      of: ({ packedBytes }) => packedBytes,        unit: 'B',   goal: null },
  { what: 'a run that begins, three spans',               of: ({ beginMicros }) => beginMicros,        unit: 'µs',  goal: null },
  { what: '50,000 events/s on 4,096 runs: of a core',     of: ({ hotShare }) => 100 * hotShare,        unit: '%',   goal: 50 },
  { what: 'of these taken',                                of: ({ hotRate }) => hotRate,                unit: '/s',  goal: null },
  { what: 'an event on any of all runs',                  of: ({ anyMicros }) => anyMicros,            unit: 'µs',  goal: null },
  { what: 'deadline → verdict stored, p50',               of: ({ storedMs }) => storedMs.p50,          unit: 'ms',  goal: null },
  { what: 'deadline → verdict stored, p99',               of: ({ storedMs }) => storedMs.p99,          unit: 'ms',  goal: 100 },
  { what: '10,000 deadlines in a second: acknowledged, p99', of: ({ stormWaitMs }) => stormWaitMs.p99, unit: 'ms',  goal: 100 },
  { what: '10,000 deadlines in a second: folded, p99',    of: ({ stormFoldedMs }) => stormFoldedMs.p99, unit: 'ms', goal: null },
  { what: '10,000 deadlines in a second: stored p99',     of: ({ stormStoredMs }) => stormStoredMs.p99, unit: 'ms', goal: null },
  { what: 'checkpoint written',                           of: ({ writeSeconds }) => writeSeconds,      unit: 's',   goal: null },
  { what: 'checkpoint',                                   of: ({ checkpointMib }) => checkpointMib,    unit: 'MiB', goal: null },
  { what: 'checkpoint read, the door can open',           of: ({ readSeconds }) => readSeconds,        unit: 's',   goal: 3, goalAt: 100_000 },
  { what: 'verdicts missing or twice',                    of: ({ wrong }) => wrong,                    unit: '',    goal: 0 },
]

const asked = process.argv.slice(2).map(Number)
const sizes = asked.length > 0 ? asked : SIZES
console.log(
  `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadavg()[0]?.toFixed(1)} at the start), Node ${process.version}\n`,
)
const measured = []
for (const runs of sizes) {
  const dir = mkdtempSync(join(tmpdir(), 'laststep-detect-'))
  const child = start('bench/detect-book.ts', [String(runs), dir], NODE_FLAGS)
  try {
    const figures = await firstLine<DetectFigures>(child)
    measured.push({ runs, ...figures, rssMib: rssMibOf(child) })
  } finally {
    await kill(child)
    rmSync(dir, { recursive: true })
  }
  console.error(`  ${runs.toLocaleString('en')} open runs measured`)
}

console.log(`${'open runs'.padEnd(52)}${sizes.map((runs) => runs.toLocaleString('en').padStart(13)).join('')}   goal`)
let isMet = true
for (const { what, of, unit, goal, goalAt = 1_000_000 } of ROWS) {
  const cells = measured.map((each) => {
    const value = of(each)
    if (value === null) return '—'.padStart(13)
    const isMissed =
      goal !== null && each.runs >= Math.min(goalAt, ...sizes.slice(-1)) && each.runs <= goalAt && value > goal
    isMet &&= !isMissed
    return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 })}${isMissed ? ' !' : ''}`.padStart(
      13,
    )
  })
  const wanted =
    goal === null ? '' : `≤ ${goal} ${unit}${goalAt === 1_000_000 ? '' : ` at ${goalAt.toLocaleString('en')}`}`
  console.log(`${`${what}${unit === '' ? '' : `, ${unit}`}`.padEnd(52)}${cells.join('')}   ${wanted}`)
}
console.log(isMet ? '\nevery goal met' : '\n! missed')
process.exitCode = isMet ? 0 : 1
