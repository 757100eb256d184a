/**
 * `npm run bench:idle`: what a collector costs that nobody sends anything, goal beside result (DESIGN §7).
 * Exits 0 only when both goals are met. Linux: it reads /proc.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleepAwake } from '../test/kit/laststep-api.ts'
import { cpuSecondsOf, firstLine, kill, rssMibOf, startCollector, type Listening } from './child.ts'
import { openGoals } from './goals.ts'

const SETTLE_MS = 5_000
const WATCH_MS = 20_000
const CPU_PERCENT_MAX = 1
const RSS_MIB_MAX = 120

const dataDir = mkdtempSync(join(tmpdir(), 'laststep-idle-'))
const collector = startCollector(dataDir)
try {
  await firstLine<Listening>(collector)
  await sleepAwake(SETTLE_MS)
  const before = cpuSecondsOf(collector)
  await sleepAwake(WATCH_MS)
  const cpuPercent = ((cpuSecondsOf(collector) - before) / WATCH_MS) * 100_000
  const rssMib = rssMibOf(collector)
  const goals = openGoals('bench:idle')
  goals.atMost(`processor over ${WATCH_MS / 1_000} s`, CPU_PERCENT_MAX, cpuPercent, '% of a core')
  goals.atMost('resident memory, the most it held', RSS_MIB_MAX, rssMib, 'MiB')
  goals.conclude()
} finally {
  await kill(collector, 'SIGTERM')
  rmSync(dataDir, { recursive: true, force: true })
}
