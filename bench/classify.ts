/**
 * What it costs to say what a span is, over the spans that real frameworks sent (`test/corpus`). CPU time, since
 * others use the machine as well; the goal is held against the median round. `npm run bench:classify`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { readEntry } from '../collector/accept/read-entry.ts'
import { describeSpan } from '../collector/assemble/describe-span.ts'
import type { SpanSignal } from '../collector/signal.ts'
import { listFolders } from '../test/corpus/list-folders.ts'

/** µs a span, amortised. */
const GOAL = 0.5
const ROUNDS = 40
/** The corpus, so many times in one round. */
const LAPS = 30

interface Recording {
  readonly requests: readonly { readonly signal: 'traces' | 'logs'; readonly body: unknown }[]
}

const corpus = join(import.meta.dirname, '../test/corpus')
const folders = listFolders()
const spans = folders.flatMap(spansOf)
if (spans.length === 0) throw new Error('expected recordings in test/corpus')

console.log(
  `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadavg()[0]?.toFixed(1)} at the start), Node ${process.version}`,
)
console.log(`corpus    ${spans.length} spans of ${folders.length} frameworks`)
const rounds = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b)
const best = rounds[0] ?? Infinity
const middle = rounds[ROUNDS / 2] ?? Infinity
console.log(
  `classify  ${middle.toFixed(3)} µs a span, best ${best.toFixed(3)}  ≤ ${GOAL}${middle <= GOAL ? '' : '  MISSED'}`,
)
process.exitCode = middle <= GOAL ? 0 : 1

function spansOf(folder: string): SpanSignal[] {
  const files = readdirSync(join(corpus, folder)).filter((file) => file.endsWith('.json'))
  return files.flatMap((file) => {
    const { requests } = JSON.parse(readFileSync(join(corpus, folder, file), 'utf8')) as Recording
    return requests.flatMap(({ signal, body }) => {
      const { signals } = readEntry({ kind: signal, encoding: 'json', body: Buffer.from(JSON.stringify(body)) })
      return signals.filter((each) => each.kind === 'span')
    })
  })
}

/** @returns µs of CPU time a span */
function round(): number {
  let steps = 0
  let tookUs = 0
  for (let lap = 0; lap < LAPS; lap++) {
    // As from a reader: no text of it has been looked up before.
    const fresh = structuredClone(spans)
    const from = process.cpuUsage()
    for (const { name, known } of fresh) if (describeSpan(name, known).phase !== null) steps++
    const { user, system } = process.cpuUsage(from)
    tookUs += user + system
  }
  // Looked at, so that no compiler may leave the work out.
  if (steps === 0) throw new Error('expected steps among the spans of the corpus')
  return tookUs / (LAPS * spans.length)
}
