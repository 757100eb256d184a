/**
 * `npm run chaos:slow [-- COUNT]`: the real collector, so many slow connections (10,000), fifty bombs, and good senders
 * all the while. Prints goal beside result; exits 0 only if every goal is met.
 */
import { readFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { systemClock } from '../contract/clock.ts'
import { startCollectorProgram, temporaryFolder } from '../test/kit/programs.ts'
import { openTarget } from '../test/collector/accept/conformance/target.ts'
import { crowd, goodLatency, type SlowConnection } from '../test/collector/accept/slow-crowd.ts'
import { openGoals } from './goals.ts'

const MIB = 1_048_576
const HEADERS_CUT_MS = 15_000
const BODIES_CUT_MS = 35_000
const count = Number(process.argv[2] ?? 10_000)

// Each connection takes a descriptor here and one in the collector.
const filesMax = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
if (filesMax < count + 500) {
  console.error(`chaos:slow: ${count} connections need ${count + 500} open files, ${filesMax} are allowed: ulimit -n`)
  process.exit(2)
}

const collector = await startCollectorProgram(temporaryFolder('chaos-slow'))
const { http: send } = openTarget(collector.otlpHttp, null).target
const goals = openGoals(`chaos:slow, ${count} slow connections`)
try {
  const calm = await goodLatency(send, 2_000)
  goals.row('good senders, nobody slow: p99', '', `${calm.p99Ms.toFixed(1)} ms`, null)

  const slow = await crowd(collector.otlpHttp, count)
  const opened = slow.filter(({ socket }) => !socket.destroyed).length
  const ends = watchEnds(slow)
  const busy = await goodLatency(send, 2_000)
  goals.row('slow connections open at once', `${count}`, `${opened}`, opened === count)
  goals.row('good senders meanwhile: p99', '< 1,000 ms', `${busy.p99Ms.toFixed(1)} ms`, busy.p99Ms < 1_000)
  goals.row('good senders meanwhile: failed', '≤ 2 of 2,000', `${busy.failed}`, busy.failed <= 2)

  const before = memoryMib('VmRSS')
  const zeros = Buffer.alloc(65 * MIB)
  const liar = gzipSync(zeros)
  liar.writeUInt32LE(100, liar.length - 4)
  for (const [what, encoding, body] of [
    ['gzip', 'gzip', gzipSync(zeros)],
    ['gzip that lies about its length', 'gzip', liar],
    ['zstd', 'zstd', zstdCompressSync(zeros)],
  ] as const) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => send({ encoding, body })))
    const slowest = Math.max(...answers.map(({ tookMs }) => tookMs))
    const refused = answers.filter(({ status }) => status === 413).length
    goals.row(
      `50 bombs at once, ${what}: 413`,
      '50, < 1,000 ms',
      `${refused}, ${slowest.toFixed(0)} ms`,
      refused === 50 && slowest < 1_000,
    )
  }
  const more = memoryMib('VmHWM') - before
  goals.row('memory for the bombs', '≤ 512 MiB', `${Math.max(0, more).toFixed(0)} MiB`, more <= 512)

  const { headers, body, left } = await ends
  goals.row('half headers cut after, at most', '≤ 15 s', `${(headers / 1_000).toFixed(1)} s`, headers <= HEADERS_CUT_MS)
  goals.row('half bodies cut after, at most', '≤ 35 s', `${(body / 1_000).toFixed(1)} s`, body <= BODIES_CUT_MS)
  goals.row('slow connections left', '0', `${left}`, left === 0)
  goals.row('collector memory, at most', '≤ 600 MiB', `${memoryMib('VmHWM').toFixed(0)} MiB`, memoryMib('VmHWM') <= 600)
} catch (error) {
  console.error(`chaos:slow: ${String(error)}\n${collector.errors()}`)
  process.exitCode = 1
} finally {
  await collector.stop()
}
goals.conclude()

/** How long the slowest of each kind was borne with, and how many were never cut. */
function watchEnds(slow: readonly SlowConnection[]) {
  const longest = { headers: 0, body: 0, left: slow.length }
  return new Promise<typeof longest>((resolve) => {
    const limit = systemClock.after(BODIES_CUT_MS + 10_000, () => resolve(longest))
    for (const { socket, slowIn, openedAt } of slow) {
      const ended = (): void => {
        longest[slowIn] = Math.max(longest[slowIn], performance.now() - openedAt)
        if (--longest.left > 0) return
        limit.cancel()
        resolve(longest)
      }
      if (socket.destroyed) ended()
      else socket.once('close', ended)
    }
  })
}

function memoryMib(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${collector.pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024
}
