/**
 * `npm run chaos:storm`: 500 runs stall in one tool within a minute, behind the real collector's door, with a real
 * webhook listening (F21). The collector is killed and started again in between. Beside them one run flaps (F22).
 * Takes seven minutes, since the update comes after five. Exits 0 only if every goal is met.
 */
import { join } from 'node:path'
import { systemClock } from '../contract/clock.ts'
import { fromIso, minutes, seconds } from '../contract/units.ts'
import { startWebhookReceiver } from '../test/collector/notify/kit/webhook-receiver.ts'
import { sleepAwake } from '../test/kit/laststep-api.ts'
import { startCollectorProgram, temporaryFolder } from '../test/kit/programs.ts'
import { speakAs } from '../test/kit/spoken-process.ts'
import { openGoals } from './goals.ts'

const RUNS = 500
const WITHIN_MS = minutes(1)
const UPDATE_AFTER_MS = minutes(5)
const PULSE_MS = 2_000
const TOLD_WITHIN_MS = 1_000
/** Its tools stall after three seconds. */
const CONTRACT = join(import.meta.dirname, '..', 'test', 'journeys', 'quick.yaml')

interface Told {
  readonly type: string
  readonly timestamp: string
  readonly at: number
  readonly id: string
  readonly data: {
    readonly run: { readonly agent: string }
    readonly group: { readonly count: number; readonly users: number; readonly firstSeenAt: string }
  }
}

const receiver = await startWebhookReceiver()
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const folder = temporaryFolder('chaos-storm')
const start = () =>
  startCollectorProgram(folder, ['--webhook-url', receiver.url, '--webhook-secret', secret, '--contract', CONTRACT])
let collector = await start()
let isDown = false
const goals = openGoals('chaos:storm, 500 runs in one tool within a minute')
const told: Told[] = []
const settings = { instance: 'p-1', pulseMs: PULSE_MS, tool: 'search_orders' }
const storm = speakAs(() => collector.otlpHttp, settings)
const flapping = speakAs(() => collector.otlpHttp, { ...settings, instance: 'p-2', agent: 'flapping' })
const pulses = setInterval(
  () => void whenUp(async () => void (await Promise.all([storm.pulse(), flapping.pulse()]))),
  PULSE_MS,
)
const listening = setInterval(listen, 10)
let pieces = 0
let flaps: NodeJS.Timeout | undefined
try {
  await storm.pulse()
  await flapping.pulse()
  await flapping.open([0])
  // Three seconds of silence make a stall; every eight it moves again.
  flaps = setInterval(() => void whenUp(() => flapping.progress([0], ++pieces)), seconds(8))

  const began = systemClock.now()
  for (let run = 0; run < RUNS; run++) {
    await storm.open([run])
    await sleepAwake(Math.max(0, began + ((run + 1) * WITHIN_MS) / RUNS - systemClock.now()))
  }
  await sleepAwake(seconds(5))
  const first = about('support')
  goals.exactly('500 runs stall within a minute: messages so far', 1, first.length)
  const tookMs = (first[0]?.at ?? Infinity) - fromIso(first[0]?.timestamp ?? '1970-01-01T00:00:00Z')
  goals.atMost('first deadline → message received', TOLD_WITHIN_MS, tookMs, 'ms')

  isDown = true
  await collector.kill()
  collector = await start()
  isDown = false
  await sleepAwake(seconds(20))
  const again = about('support').length - first.length
  goals.exactly('after a kill -9 and a start: messages told again', 0, again)

  await sleepAwake(Math.max(0, (first[0]?.at ?? 0) + UPDATE_AFTER_MS + seconds(5) - systemClock.now()))
  const [, update] = about('support')
  goals.exactly('update five minutes after the first', 1, about('support').length - 1)
  const count = `${update?.data.group.count} of ${update?.data.group.users} users`
  goals.row('runs in it', `${RUNS} of 100`, count, update?.data.group.count === RUNS && update.data.group.users === 100)

  await storm.close(Array.from({ length: RUNS }, (_, run) => run))
  await sleepAwake(seconds(10))
  const types = about('support').map(({ type }) => type)
  goals.row(
    'all end well: messages',
    '1 recovered',
    types.slice(2).join(', '),
    types.length === 3 && types[2] === 'run.recovered',
  )
  const turns = about('flapping').length
  goals.row(
    `a run that stalled and moved on ${pieces} times: messages`,
    '≤ 3 an hour',
    `${turns}`,
    turns > 0 && turns <= 3,
  )
  const ids = new Set(told.map(({ id }) => id)).size
  goals.exactly('messages delivered twice', 0, told.length - ids)
} catch (error) {
  console.error(`chaos:storm: ${String(error)}\n${collector.errors()}`)
  process.exitCode = 1
} finally {
  clearInterval(pulses)
  clearInterval(listening)
  clearInterval(flaps)
  await collector.stop()
  await receiver.stop()
}
goals.conclude()

function listen(): void {
  for (const { body, headers } of receiver.received.splice(0)) {
    const message = JSON.parse(body) as Omit<Told, 'at' | 'id'>
    told.push({ ...message, id: String(headers['webhook-id']), at: systemClock.now() })
  }
}

function about(agent: string): Told[] {
  return told.filter(({ data }) => data.run.agent === agent)
}

/** Nobody answers while the collector is down; a real exporter would try again. */
async function whenUp(send: () => Promise<void>): Promise<void> {
  if (isDown) return
  await send().catch((error: unknown) => {
    if (!isDown) throw error
  })
}
