/**
 * `npm run chaos:hung`: the real collector, whose detector is made to hang in three ways that need nothing inside it: the
 * process is stopped (SIGSTOP), its disk stands still (a frozen ext4), its disk is full (a tmpfs). Who asks `/readyz` must
 * know within 30 s, and who waits for the dead man's ping within 60 s. Prints goal beside result; exits 0 only if every
 * goal is met. Takes 4 minutes. The disks need root on Linux; without, they are skipped with a line.
 */
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleepAwake } from '../test/kit/laststep-api.ts'
import { mountOwn } from '../test/collector/keep/own-mount.ts'
import type { Readiness } from '../contract/health.ts'
import { firstLine, kill, startCollector, type Listening } from './child.ts'
import { openGoals } from './goals.ts'

const MIB = 1_048_576
const READYZ_MAX_S = 30
const PINGS_MAX_S = 60
/** Whoever probes takes this much silence for an answer. */
const PROBE_MS = 2_000
/** A ping every 30 s: after two and a half intervals without one it has stopped. */
const WATCH_S = 75
/** The next canary must prove it, a minute later at most. */
const RECOVER_MAX_S = 75

const goals = openGoals('chaos:hung')

/** The other end of the dead man's switch. */
const pings: number[] = []
const receiver = createServer((_request, response) => {
  pings.push(performance.now())
  response.end('ok')
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const deadManUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`

console.log('chaos:hung, a detector that hangs\n')
const here = mkdtempSync(join(tmpdir(), 'laststep-hung-'))
try {
  await suffer('stopped', here, (collector) => {
    collector.kill('SIGSTOP')
    return () => collector.kill('SIGCONT')
  })
  await onOwnDisk('ext4', 'disk frozen', (disk) => {
    disk.freeze()
    return disk.thaw
  })
  await onOwnDisk('tmpfs', 'disk full', ({ dir }) => {
    const { bavail, bsize } = statfsSync(dir)
    const ballast = join(dir, 'ballast')
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 32 * MIB))
    return () => rmSync(ballast)
  })
} finally {
  receiver.closeAllConnections()
  receiver.close()
  rmSync(here, { recursive: true, force: true })
}
goals.conclude()

async function onOwnDisk(
  kind: 'ext4' | 'tmpfs',
  what: string,
  harm: (disk: Exclude<ReturnType<typeof mountOwn>, string>) => () => void,
): Promise<void> {
  const disk = mountOwn(kind, 384)
  if (typeof disk === 'string') return console.log(`skipped, ${what}: ${disk}`)
  try {
    await suffer(what, join(disk.dir, 'data'), () => harm(disk))
  } finally {
    disk.remove()
  }
}

/** @param harm does it, and returns what undoes it */
async function suffer(
  what: string,
  dataDir: string,
  harm: (collector: ReturnType<typeof startCollector>) => () => void,
): Promise<void> {
  const collector = startCollector(dataDir, ['--deadman-url', deadManUrl])
  let undo = (): void => {}
  try {
    pings.length = 0
    const { dashboard } = await firstLine<Listening>(collector)
    // Its first canary has flown, and all is well.
    await sleepAwake(10_000)
    const before = await probe(dashboard)
    goals.row(
      `${what}: before, ready and pinged`,
      'yes',
      `${says(before)}, ${pings.length} ping`,
      before?.ready === true && pings.length > 0,
    )

    undo = harm(collector)
    const harmedAt = performance.now()
    const knownS = await until(harmedAt, READYZ_MAX_S + 10, async () => (await probe(dashboard))?.ready !== true)
    const found = await probe(dashboard)
    goals.row(
      `${what}: /readyz no longer 200 after`,
      `≤ ${READYZ_MAX_S} s`,
      `${knownS.toFixed(1)} s, ${says(found)}`,
      knownS <= READYZ_MAX_S,
    )
    await sleepAwake(Math.max(0, WATCH_S * 1_000 - (performance.now() - harmedAt)))
    const last = Math.max(0, (pings.at(-1) ?? 0) - harmedAt) / 1_000
    const stopped = `last ${last.toFixed(1)} s after it`
    goals.row(`${what}: pings stop after`, `≤ ${PINGS_MAX_S} s`, stopped, last <= PINGS_MAX_S && last < WATCH_S - 30)

    undo()
    undo = () => {}
    const healedAt = performance.now()
    const pinged = pings.length
    const readyS = await until(healedAt, RECOVER_MAX_S + 10, async () => (await probe(dashboard))?.ready === true)
    goals.row(
      `${what}: over, ready again after`,
      `≤ ${RECOVER_MAX_S} s`,
      `${readyS.toFixed(1)} s`,
      readyS <= RECOVER_MAX_S,
    )
    const pingS = await until(healedAt, RECOVER_MAX_S + 40, async () => pings.length > pinged)
    goals.row(
      `${what}: over, pinged again after`,
      `≤ ${RECOVER_MAX_S + 30} s`,
      `${pingS.toFixed(1)} s`,
      pingS <= RECOVER_MAX_S + 30,
    )
  } finally {
    undo()
    await kill(collector, 'SIGTERM')
  }
}

/** Null when nothing answers in time. */
async function probe(dashboard: string): Promise<Readiness | null> {
  try {
    const answer = await fetch(`${dashboard}/readyz`, { signal: AbortSignal.timeout(PROBE_MS) })
    return (await answer.json()) as Readiness
  } catch {
    return null
  }
}

function says(readiness: Readiness | null): string {
  if (readiness === null) return 'no answer'
  if (readiness.ready) return 'ready'
  return readiness.checks.flatMap(({ name, ok }) => (ok ? [] : [name])).join(', ')
}

/** @returns after how many seconds it became so; Infinity when it did not */
async function until(from: number, mostS: number, isSo: () => Promise<boolean>): Promise<number> {
  while (performance.now() - from < mostS * 1_000) {
    if (await isSo()) return (performance.now() - from) / 1_000
    await sleepAwake(500)
  }
  return Infinity
}
