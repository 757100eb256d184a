import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSegmentLog } from '../../../collector/keep/segment-log.ts'
import { systemClock } from '../../../contract/clock.ts'
import { sleepAwake, waitForRun } from '../../kit/laststep-api.ts'
import { startCollectorProgram } from '../../kit/programs.ts'
import { startWebhookReceiver } from '../notify/kit/webhook-receiver.ts'
import { mountOwn } from './own-mount.ts'

const prlimit = hasPrlimit()
if (!prlimit) console.log('skipped: full-disk.test.ts needs prlimit (Debian: apt-get install util-linux)')

/** The kernel refuses to let a file grow: the nearest thing to a full disk that needs no disk of its own. */
test.skipIf(!prlimit)(
  'a disk that takes no more: Unavailable, then well again by itself, with nothing lost',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'laststep-full-'))
    const script = join(import.meta.dirname, 'append-one.ts')
    const child = spawn('prlimit', ['--fsize=8192:unlimited', process.execPath, script, dir], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    const lines = (): string[] => said.split('\n').slice(0, -1)
    const append = async (bytes: number): Promise<string> => {
      const before = lines().filter(isAnswer).length
      child.stdin.write(`${bytes}\n`)
      await expect.poll(() => lines().filter(isAnswer).length, { timeout: 30_000 }).toBe(before + 1)
      return lines().findLast(isAnswer) ?? ''
    }

    expect(await append(1_000)).toBe('ok')
    for (let time = 0; time < 3; time++) expect(await append(20_000)).toBe('Unavailable')
    expect(lines().filter((line) => line.includes('cannot be written'))).toHaveLength(1)
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited'])
    expect(await append(20_000)).toBe('ok')
    expect(lines()).toContain('the log can be written again')
    const exited = new Promise((resolve) => child.once('close', resolve))
    child.stdin.end()
    await exited

    const damaged: object[] = []
    const log = await openSegmentLog({
      dir,
      clock: systemClock,
      log: { warn: () => {}, error: (details) => void damaged.push(details) },
    })
    const lengths: number[] = []
    for await (const { entry } of log.read(null)) lengths.push(entry.body.length)
    await log.close()
    rmSync(dir, { recursive: true })
    expect(lengths).toEqual([1_000, 20_000])
    expect(damaged).toEqual([])
  },
)

const MIB = 1_048_576
const disk = mountOwn('tmpfs', 200)
afterAll(() => typeof disk !== 'string' && disk.remove())
if (typeof disk === 'string') console.log(`skipped: a disk that is really full: ${disk}`)

/** The collector as people start it, on a disk of 200 MiB of which another program takes all but 30. */
test.skipIf(typeof disk === 'string')(
  'a disk that is really full: 503 within a second, a stall is still seen and told, and it recovers by itself',
  async () => {
    if (typeof disk === 'string') return
    const webhook = await startWebhookReceiver()
    const contract = join(dirname(dirname(import.meta.dirname)), 'journeys', 'quick.yaml')
    const alerts = ['--webhook-url', webhook.url, '--webhook-secret', WEBHOOK_SECRET]
    const collector = await startCollectorProgram(join(disk.dir, 'data'), ['--contract', contract, ...alerts])
    const filler = join(disk.dir, 'somebody-elses-file')
    try {
      expect((await postOpenRun(collector.otlpHttp, STALLS)).status).toBe(200)
      writeFileSync(filler, Buffer.alloc(freeBytes(disk.dir) - 30 * MIB))
      await sleepAwake(300)

      const startedAt = systemClock.now()
      const refused = await postOpenRun(collector.otlpHttp, OTHER)
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(systemClock.now() - startedAt).toBeLessThan(1_000)

      const run = await waitForRun(collector.dashboard, STALLS, ({ status }) => status === 'stalled')
      expect(run.step?.phase).not.toBeNull()
      await expect.poll(() => webhook.received.length, { timeout: 30_000 }).toBeGreaterThan(0)
      expect((await postOpenRun(collector.otlpHttp, OTHER)).status).toBe(503)

      rmSync(filler)
      await expect
        .poll(async () => (await postOpenRun(collector.otlpHttp, OTHER)).status, { timeout: 30_000 })
        .toBe(200)
    } finally {
      await collector.kill()
      await webhook.stop()
    }
  },
  60_000,
)

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const STALLS = '0af7651916cd43dd8448eb211c80319c'
const OTHER = 'ffffffff16cd43dd8448eb211c80319c'

/** An agent's run that has begun: a log record that says its span is open. */
function postOpenRun(otlpHttp: string, traceId: string): Promise<Response> {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    name: 'invoke_agent support',
    startTimeUnixNano: `${Math.round(systemClock.now())}000000`,
    attributes: [text('gen_ai.operation.name', 'invoke_agent'), text('gen_ai.agent.name', 'support')],
  }
  const open = {
    traceId,
    spanId: span.spanId,
    eventName: 'laststep.span.start',
    attributes: [text('partial.event', 'heartbeat'), text('partial.body.type', 'json/v1')],
    body: { stringValue: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }) },
  }
  return fetch(`${otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [open] }] }] }),
  })
}

function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}

function isAnswer(line: string): boolean {
  return line === 'ok' || line === 'Unavailable'
}

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
