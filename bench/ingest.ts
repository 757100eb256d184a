/**
 * How many spans a second are acknowledged, durable and folded; beside it what this machine can do at most.
 *
 * ```
 * npm run bench:ingest                      every row of the table, about two minutes
 * npm run bench:ingest -- --seconds 10      a shorter sustained run
 * npm run bench:ingest -- --only burst      discard, door, burst, short, sustained, grpc, json; several with commas
 * npm run bench:ingest -- --curve           what a span costs, from a thousand to ten million
 * npm run bench:ingest -- --profile         also where the collector's time goes, function by function
 * ```
 *
 * Exits 0 only when every goal that was printed is met.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuSecondsOf, firstLine, kill, rssMibOf, start, startCollector, type Listening } from './child.ts'
import type { LoadResult, Order, Protocol } from './ingest-loader.ts'
import { measureDisk } from './physical-limits.ts'
import { printProfiles } from './print-profile.ts'

interface Row {
  readonly key: string
  readonly name: string
  readonly server: 'discard' | 'door' | 'collector'
  readonly protocol: Protocol
  readonly seconds: number
  /** 50 when left out. */
  readonly spansARun?: number
  /** Spans a second offered on a schedule; as many as it takes when left out. */
  readonly rate?: number
  /** DESIGN §7: acknowledged after fdatasync and folded into run state. Null: for comparison. */
  readonly goal: { readonly spansPerSecond: number; readonly p99Ms: number; readonly rssMib: number } | null
}

interface Measured extends LoadResult {
  readonly rssMib: number
  readonly cpuSeconds: number
}

const MIB = 1_048_576
const CONNECTIONS = 32
/** The page of DESIGN §7 has as many. What a run costs (a row, a page) is spread over its spans. */
const SPANS_A_RUN = 50
const WARM_UP_SECONDS = 2
/** At ten million spans a span may cost this much more than at a hundred thousand. */
const CURVE_FACTOR_MAX = 1.5
/** Below, compiling the program costs more than the spans. */
const CURVE_FROM = 100_000

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    burst: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    curve: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})

const burst = Number(options.burst)
const limits = { p99Ms: 50, rssMib: 600 }
// oxfmt-ignore
const ROWS: readonly Row[] = [
  { key: 'discard',   name: 'limit: HTTP, body discarded', server: 'discard',   protocol: 'protobuf', seconds: burst, goal: null },
  { key: 'door',      name: 'read + durable, not folded',  server: 'door',      protocol: 'protobuf', seconds: burst, goal: null },
  { key: 'burst',     name: 'HTTP/protobuf, burst',        server: 'collector', protocol: 'protobuf', seconds: burst, goal: { spansPerSecond: 200_000, ...limits } },
  { key: 'short',     name: 'the same, runs of 10 spans',  server: 'collector', protocol: 'protobuf', seconds: burst, spansARun: 10, goal: null },
  { key: 'sustained', name: 'HTTP/protobuf, sustained',    server: 'collector', protocol: 'protobuf', seconds: Number(options.seconds), rate: 105_000, goal: { spansPerSecond: 100_000, ...limits } },
  { key: 'grpc',      name: 'gRPC',                        server: 'collector', protocol: 'grpc',     seconds: burst, goal: { spansPerSecond: 120_000, ...limits } },
  { key: 'json',      name: 'HTTP/JSON',                   server: 'collector', protocol: 'json',     seconds: burst, goal: { spansPerSecond: 60_000, ...limits } },
]

const loadBefore = loadavg()[0] ?? 0
const dir = mkdtempSync(join(tmpdir(), 'laststep-bench-'))
try {
  const problems = options.curve ? await runCurve() : await runTable()
  console.log(problems.length === 0 ? '\ngoals met' : `\nMISSED: ${problems.join('; ')}`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function runTable(): Promise<string[]> {
  const only = options.only.split(',').filter((word) => word !== '')
  const unknown = only.filter((word) => !ROWS.some(({ key }) => key === word))
  if (unknown.length > 0)
    throw new Error(`--only knows ${ROWS.map(({ key }) => key).join(', ')}, not ${unknown.join(', ')}`)
  const disk = await measureDisk(join(dir, 'disk'))
  printMachine(disk)
  printCells(['', 'spans/s', 'goal', 'p50 ms', 'p99 ms', 'max ms', 'RSS MiB', 'CPU µs/span', 'MiB/s', 'failed'])
  const problems: string[] = []
  const measured = new Map<string, Measured>()
  for (const row of ROWS.filter(({ key }) => only.length === 0 || only.includes(key))) {
    const result = await measure(row, { seconds: row.seconds })
    if (result === null) {
      printCells([row.name, 'not offered'])
      continue
    }
    measured.set(row.key, result)
    printRow(row, result)
    problems.push(...missed(row, result))
  }
  printShares(disk, measured)
  return problems
}

/** What a span costs the collector, whole process, against how many came before it. */
async function runCurve(): Promise<string[]> {
  const row = ROWS.find(({ key }) => key === 'burst')
  if (!row) return []
  printMachine(await measureDisk(join(dir, 'disk')))
  printCells(['spans', 'seconds', 'CPU s', 'CPU µs/span', 'RSS MiB'])
  const costs: { spans: number; micros: number }[] = []
  for (const spans of [1_000, 10_000, 100_000, 1_000_000, 10_000_000]) {
    const result = await measure(row, { seconds: 600, requests: spans / 100, warmUpSeconds: 0 })
    if (result === null) continue
    const micros = (result.cpuSeconds / result.spansInAll) * 1e6
    costs.push({ spans: result.spansInAll, micros })
    printCells([
      count(result.spansInAll),
      result.seconds.toFixed(2),
      result.cpuSeconds.toFixed(2),
      micros.toFixed(2),
      count(result.rssMib),
    ])
  }
  const large = costs.filter((cost) => cost.spans >= CURVE_FROM)
  const factor = (large.at(-1)?.micros ?? 0) / (large[0]?.micros ?? 1)
  console.log(
    `\na span costs ${factor.toFixed(2)} times at the end what it costs at ${count(CURVE_FROM)} (goal ≤ ${CURVE_FACTOR_MAX})`,
  )
  return factor <= CURVE_FACTOR_MAX ? [] : ['cost per span grows with their number']
}

/** Null when the collector does not offer the protocol. */
async function measure(row: Row, order: Partial<Order>): Promise<Measured | null> {
  const dataDir = join(dir, row.key)
  const profileDir = join(dir, `${row.key}-profile`)
  const isProfiled = options.profile && row.server === 'collector'
  if (isProfiled) mkdirSync(profileDir)
  const flags = isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`] : []
  const server =
    row.server === 'collector'
      ? startCollector(dataDir, [], flags)
      : start('bench/ingest-server.ts', [row.server, dataDir])
  try {
    const { otlpHttp, otlpGrpc } = await firstLine<Listening>(server)
    const url = row.protocol === 'grpc' ? otlpGrpc : otlpHttp
    if (url === undefined) return null
    const before = cpuSecondsOf(server)
    const whole: Order = {
      url,
      protocol: row.protocol,
      connections: CONNECTIONS,
      spansARun: row.spansARun ?? SPANS_A_RUN,
      rate: row.rate ?? null,
      seconds: 0,
      requests: Number.MAX_SAFE_INTEGER,
      warmUpSeconds: WARM_UP_SECONDS,
      ...order,
    }
    const result = await firstLine<LoadResult>(start('bench/ingest-loader.ts', [JSON.stringify(whole)]))
    return { ...result, rssMib: rssMibOf(server), cpuSeconds: cpuSecondsOf(server) - before }
  } finally {
    // A profile is written when the process ends by itself.
    await kill(server, isProfiled ? 'SIGTERM' : 'SIGKILL')
    if (isProfiled) printProfiles(profileDir)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function missed({ name, goal }: Row, result: Measured): string[] {
  if (goal === null) return []
  return [
    rateOf(result) < goal.spansPerSecond && `${name}: spans/s`,
    result.p99Ms > goal.p99Ms && `${name}: p99`,
    result.rssMib > goal.rssMib && `${name}: RSS`,
    result.failed > 0 && `${name}: ${result.failed} requests refused`,
  ].filter((problem) => problem !== false)
}

function printMachine(diskMibPerSecond: number): void {
  const { bavail, bsize } = statfsSync(tmpdir())
  console.log(
    `machine   ${cpus().length} cores (${cpus()[0]?.model.trim()}, load ${loadBefore.toFixed(1)} before), ` +
      `${count(totalmem() / MIB)} MiB, ${count((bavail * bsize) / 2 ** 30)} GiB of disk free, Node ${process.version}\n` +
      `load      ${CONNECTIONS} connections, 100 spans a request, 50 spans a run; ${WARM_UP_SECONDS} s of warm-up; the loader runs on the same cores\n` +
      `          sustained: 105,000 spans/s offered on a schedule, latency counted from when a request was due; the other rows send as fast as answers come\n` +
      `limit     disk ${count(diskMibPerSecond)} MiB/s: 1 MiB + fdatasync, preallocated\n` +
      `goals     p99 ≤ ${limits.p99Ms} ms, RSS ≤ ${limits.rssMib} MiB (the most it ever held), none refused\n`,
  )
}

function printRow(row: Row, result: Measured): void {
  printCells([
    `${row.name}, ${row.seconds} s`,
    count(rateOf(result)),
    row.goal === null ? '' : `≥ ${count(row.goal.spansPerSecond)}`,
    result.p50Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    result.maxMs.toFixed(1),
    count(result.rssMib),
    ((result.cpuSeconds / result.spansInAll) * 1e6).toFixed(2),
    count(mibOf(result)),
    count(result.failed),
  ])
}

function printShares(diskMibPerSecond: number, measured: ReadonlyMap<string, Measured>): void {
  const [discard, whole] = [measured.get('discard'), measured.get('burst')]
  if (!discard || !whole) return
  const share = (part: number, all: number): string => `${Math.round((part / all) * 100)} %`
  console.log(
    `\nthe burst reaches ${share(rateOf(whole), rateOf(discard))} of what HTTP alone takes here with the body thrown away, ` +
      `and writes ${share(mibOf(whole), diskMibPerSecond)} of what the disk takes`,
  )
}

function printCells([first = '', ...rest]: readonly string[]): void {
  console.log(first.padEnd(36) + rest.map((cell) => cell.padStart(12)).join(''))
}

function rateOf({ spans, seconds }: LoadResult): number {
  return spans / seconds
}

function mibOf({ bytes, seconds }: LoadResult): number {
  return bytes / seconds / MIB
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
