/**
 * SIGKILL of the real collector while it takes telemetry over HTTP, again and again on the same data folder.
 * `npm run chaos:kill [-- --rounds 100]`. Exits 0 only when nothing that was acknowledged is lost, doubled or damaged,
 * and every start was ready in time.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { openSegmentLog } from '../collector/keep/segment-log.ts'
import { sleep, systemClock } from '../contract/clock.ts'
import { firstLine, kill, startCollector, type Listening } from './child.ts'
import { makeLoad } from './otlp-load.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } })
const ROUNDS = Number(values.rounds)
/** Ten spans each: one agent run a request. */
const SPANS = 10
const SENDERS = 8
/** A SIGKILL comes at any moment within this time after the collector listens. */
const KILL_WITHIN_MS = 400
const READY_MS_MAX = 3_000

const dir = mkdtempSync(join(tmpdir(), 'laststep-chaos-'))
const acknowledged = new Set<number>()
const unanswered = new Set<number>()
const readyMs: number[] = []
let lastNumber = 0

try {
  for (let round = 1; round <= ROUNDS; round++) {
    await runRound()
    if (process.stderr.isTTY) process.stderr.write(`\r${round} of ${ROUNDS} kills`)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  process.exitCode = (await report()) ? 0 : 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function runRound(): Promise<void> {
  const startedAt = systemClock.now()
  const collector = startCollector(dir)
  const { otlpHttp } = await firstLine<Listening>(collector)
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS })
  let isFirst = true
  const senders = Array.from({ length: SENDERS }, async () => {
    while (await send(otlpHttp, agent)) {
      if (isFirst) readyMs.push(systemClock.now() - startedAt)
      isFirst = false
    }
  })
  // At least one answer, then any moment.
  await Promise.race(senders.concat(waitFor(() => !isFirst)))
  await sleepFor(Math.random() * KILL_WITHIN_MS)
  await kill(collector)
  await Promise.all(senders)
  agent.destroy()
}

/** @returns false once nobody answers any more */
function send(otlpHttp: string, agent: Agent): Promise<boolean> {
  const number = ++lastNumber
  const load = makeLoad(0, 'protobuf', SPANS)
  load.renew(number)
  unanswered.add(number)
  return new Promise((resolve) => {
    const post = request(`${otlpHttp}/v1/traces`, {
      method: 'POST',
      agent,
      headers: { 'content-type': load.contentType, 'content-length': load.body.length },
    })
    post.on('error', () => resolve(false))
    post.on('response', (response) => {
      if (response.statusCode === 200) {
        unanswered.delete(number)
        acknowledged.add(number)
      }
      response.resume()
      response.on('close', () => resolve(true))
    })
    post.end(load.body)
  })
}

async function report(): Promise<boolean> {
  const inHistory = await askCollector()
  const { found, doubled, damaged } = await readLog()
  const lost = [...acknowledged].filter((number) => !found.has(number) || !inHistory.has(number))
  const broken = ['history/history.db', 'desk/desk.db'].filter((file) => !isSound(join(dir, file)))
  const corrupt = damaged + doubled + broken.length
  const invented = [...found].filter((number) => !acknowledged.has(number) && !unanswered.has(number)).length
  readyMs.sort((one, other) => one - other)
  const [p50 = 0, most = 0] = [readyMs[readyMs.length >> 1], readyMs.at(-1)]
  const forms = readdirSync(join(dir, 'log'))
  const rows = [
    ['kills', ROUNDS, 'SIGKILL of `laststep serve`, one data folder'],
    ['acknowledged', acknowledged.size, `requests of ${SPANS} spans, answered 200`],
    ['found', found.size, `in the log; ${found.size - acknowledged.size} of them were killed before their answer left`],
    ['lost', lost.length, 'acknowledged, and not in the log or not in GET /api/runs (goal 0)'],
    ['corrupt', corrupt, 'damaged or doubled entries, unsound databases, entries nobody sent (goal 0)'],
    ['segments', forms.filter((name) => name.endsWith('.zst')).length, 'packed, while the kills went on'],
    ['ready p50', `${Math.round(p50)} ms`, 'from the start of the process to its first 200'],
    ['ready max', `${Math.round(most)} ms`, `goal ≤ ${READY_MS_MAX} ms`],
  ]
  for (const [name, value, meaning] of rows)
    console.log(`${String(name).padEnd(14)}${String(value).padStart(9)}   ${meaning}`)
  const isMet = lost.length === 0 && corrupt + invented === 0 && most <= READY_MS_MAX
  console.log(isMet ? 'goals met' : `MISSED${lost.length > 0 ? `: lost ${lost.slice(0, 5).join(', ')} …` : ''}`)
  return isMet
}

/** Which requests' runs the collector itself still knows, after one more start. */
async function askCollector(): Promise<Set<number>> {
  const load = makeLoad(0, 'protobuf', SPANS)
  const numbers = new Map(Array.from({ length: lastNumber }, (_, at) => [load.traceIds(at + 1)[0], at + 1]))
  const known = new Set<number>()
  const collector = startCollector(dir)
  const { dashboard } = await firstLine<Listening>(collector)
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer = await fetch(`${dashboard}/api/runs?limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`)
    const page = (await answer.json()) as { runs: { traceId: string }[]; next: string | null }
    for (const { traceId } of page.runs) known.add(numbers.get(traceId) ?? 0)
    cursor = page.next
  }
  await kill(collector, 'SIGTERM')
  return known
}

async function readLog(): Promise<{ found: Set<number>; doubled: number; damaged: number }> {
  const load = makeLoad(0, 'protobuf', SPANS)
  const log = await openSegmentLog({ dir: join(dir, 'log'), clock: systemClock, log: console, isPacking: false })
  const found = new Set<number>()
  let doubled = 0
  for await (const { entry } of log.read(null)) {
    if (entry.kind === 'gap') continue
    const number = load.numberOf(entry.body)
    if (found.has(number)) doubled += 1
    found.add(number)
  }
  await log.close()
  return { found, doubled, damaged: log.counts.damagedBytes }
}

function isSound(path: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true })
  const { quick_check: answer } = database.prepare('PRAGMA quick_check').get() as { quick_check: string }
  database.close()
  return answer === 'ok'
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await sleepFor(2)
}

/** The clock's own timers keep no process alive. */
function sleepFor(ms: number): Promise<void> {
  const hold = setInterval(() => {}, 1_000)
  return sleep(systemClock, ms).finally(() => clearInterval(hold))
}
