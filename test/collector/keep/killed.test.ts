import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openSegmentLog } from '../../../collector/keep/segment-log.ts'
import { systemClock } from '../../../contract/clock.ts'

const ROUNDS = 20

test(`${ROUNDS} rounds of SIGKILL while appending: all that was acknowledged is found, and nothing is damaged`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'laststep-killed-'))
  const acknowledged = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of await appendUntilKilled(dir, `round${round}`, 40 + round * 5)) acknowledged.add(name)
  }
  const found = new Set<string>()
  const damaged: object[] = []
  const log = await openSegmentLog({
    dir,
    clock: systemClock,
    log: { warn: () => {}, error: (details) => void damaged.push(details) },
  })
  for await (const { entry } of log.read(null)) found.add(Buffer.from(entry.body).toString().split(' ', 1)[0] ?? '')
  await log.close()
  rmSync(dir, { recursive: true })

  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 10)
  expect([...acknowledged].filter((name) => !found.has(name))).toEqual([])
  expect(damaged).toEqual([])
})

/** @returns the entries the child acknowledged before it died, `afterMs` after its first */
async function appendUntilKilled(dir: string, prefix: string, afterMs: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'append-until-killed.ts')
  const child = spawn(process.execPath, [script, dir, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const exited = new Promise((resolve) => child.once('close', resolve))
  await expect.poll(() => said.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
  await wait(afterMs)
  child.kill('SIGKILL')
  await exited
  return said.slice(0, said.lastIndexOf('\n')).split('\n')
}
