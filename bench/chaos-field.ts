/** A real collector under test: a data folder and a contract of its own, a receiver of its alerts, and questions to its API. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../contract/clock.ts'
import type { RunList, RunRow } from '../contract/runs.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { ServiceStatus } from '../collector/serve/serve-settings.ts'
import { startWebhookReceiver } from '../test/collector/notify/kit/webhook-receiver.ts'
import { sleepAwake } from '../test/kit/laststep-api.ts'
import { firstLine, kill, startCollector, type Listening } from './child.ts'

/** One message of the webhook: about a run that stands still, and those like it. */
export interface Told {
  readonly id: string
  readonly type: string
  readonly at: Instant
  readonly run: RunRow | null
  /** Runs that stood still for this reason. */
  readonly count: number
}

/** A run that was seen flagged by whoever reads the API. */
export interface Seen {
  readonly at: Instant
  readonly row: RunRow
}

/** What became of a request that was taken. */
export interface Sent {
  readonly answer: string
  readonly sentAt: Instant
  readonly answeredAt: Instant
}

export interface Field {
  /** In the order of their arrival. */
  readonly told: readonly Told[]
  /** Every run that was ever seen stalled or lost, by id, as it was when it was seen first. */
  readonly flagged: ReadonlyMap<string, Seen>
  /** How often the collector itself says that it flagged a run, since its last start. */
  flagsGiven(): Promise<number>
  readonly collector: ChildProcess
  readonly dashboard: string
  /** From the start of its process until it listened, the last time. */
  readonly startMs: Millis
  /** Start it, or start it again after `kill`, on the same data. */
  start(environment?: Readonly<Record<string, string>>): Promise<void>
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /**
   * Send it, and again while the answer is "later".
   * @throws Error when nobody answers, or not with 200
   */
  send(path: '/v1/logs' | '/v1/traces', body: string): Promise<Sent>
  /** Every run it knows that fits the query, by id. */
  runs(query?: string): Promise<Map<string, RunRow>>
  status(): Promise<ServiceStatus>
  /** How far its machine's clock is ahead of this program's, to the second. */
  aheadMs(): Promise<Millis>
  /** Ends it and removes what it kept. */
  close(): Promise<void>
}

/** As the answer itself says, and as often as our SDK tries. */
const RETRY_AFTER: Millis = 1_000
const TRIES = 9
const LOOK_EVERY: Millis = 500

/** @param contracts YAML; runs that name none keep to the first */
export async function openField(...contracts: readonly string[]): Promise<Field> {
  // Whoever ends this run from outside ends its collector too: `child.ts` does so as the process exits.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const dir = mkdtempSync(join(tmpdir(), 'laststep-chaos-'))
  const flags = contracts.flatMap((contract, index) => {
    const file = join(dir, `contract-${index}.yaml`)
    writeFileSync(file, contract)
    return ['--contract', file]
  })
  const told: Told[] = []
  const receiver = await startWebhookReceiver(({ headers, body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { run?: RunRow; group: { count: number } } }
    const at = systemClock.now()
    told.push({ id: String(headers['webhook-id']), type, at, run: data.run ?? null, count: data.group.count })
  })
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  let collector: ChildProcess | null = null
  let listening: Listening = { dashboard: '', otlpHttp: '' }
  let startMs: Millis = NaN

  const get = async <Answer>(path: string): Promise<Answer> => {
    const response = await fetch(`${listening.dashboard}${path}`)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }
  const runs = async (query = ''): Promise<Map<string, RunRow>> => {
    const found = new Map<string, RunRow>()
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: RunList = await get(`/api/runs?limit=500${query && `&${query}`}${cursor && `&cursor=${cursor}`}`)
      for (const row of page.runs) found.set(row.id, row)
      cursor = page.next
    }
    return found
  }
  const flagged = new Map<string, Seen>()
  let isClosed = false
  const look = async (): Promise<void> => {
    const mayLook = () => !isClosed
    while (mayLook()) {
      // Nobody answers while it is down.
      const rows = await runs('status=stalled,lost').catch(() => new Map<string, RunRow>())
      const at = systemClock.now()
      for (const [id, row] of rows) if (!flagged.has(id)) flagged.set(id, { at, row })
      await sleepAwake(LOOK_EVERY)
    }
  }
  const looking = look()
  const theCollector = (): ChildProcess => {
    if (collector === null) throw new Error('the collector was not started')
    return collector
  }

  return {
    told,
    flagged,
    async flagsGiven() {
      const text = await (await fetch(`${listening.dashboard}/metrics`)).text()
      return [...text.matchAll(/^laststep_flags_total\{[^}]*\} (\d+)$/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      )
    },
    get collector() {
      return theCollector()
    },
    get dashboard() {
      return listening.dashboard
    },
    get startMs() {
      return startMs
    },
    async start(environment = {}) {
      const startedAt = systemClock.now()
      const hook = ['--webhook-url', receiver.url, '--webhook-secret', secret]
      collector = startCollector(join(dir, 'data'), [...flags, ...hook], [], environment)
      listening = await firstLine<Listening>(collector)
      startMs = systemClock.now() - startedAt
    },
    kill: (signal) => kill(theCollector(), signal),
    async send(path, body) {
      for (let left = TRIES; ; left--) {
        const { status, ...sent } = await post(`${listening.otlpHttp}${path}`, body, agent)
        if (status === 200) return sent
        if (left === 0 || (status !== 429 && status !== 503)) throw new Error(`${path}: ${status} ${sent.answer}`)
        await sleepAwake(RETRY_AFTER)
      }
    },
    runs,
    status: () => get('/api/status'),
    async aheadMs() {
      const { headers } = await fetch(`${listening.dashboard}/healthz`)
      return Date.parse(headers.get('date') ?? '') - systemClock.now()
    },
    async close() {
      isClosed = true
      await looking
      if (collector !== null) await kill(collector)
      agent.destroy()
      await receiver.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function post(url: string, body: string, agent: Agent): Promise<Sent & { readonly status: number }> {
  const sentAt = systemClock.now()
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          answer: Buffer.concat(chunks).toString(),
          sentAt,
          answeredAt: systemClock.now(),
        }),
      )
    })
    outgoing.end(body)
  })
}

/** Ask now and then until it is so. @returns after how long; Infinity when it did not become so in time */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  most: Millis,
  every: Millis = 250,
): Promise<Millis> {
  const from = systemClock.now()
  while (systemClock.now() - from < most) {
    if (await isSo()) return systemClock.now() - from
    await sleepAwake(every)
  }
  return Infinity
}
