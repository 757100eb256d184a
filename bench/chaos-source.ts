/**
 * `npm run chaos:source`: processes with 500 runs die, behind the real collector's door, with a real webhook listening
 * (F20): once one process with all of them, once the gateway of 250 processes with two each, which comes back.
 * Before that one dies alone with one run; all the while another goes on. Exits 0 only if every goal is met.
 */
import { systemClock } from '../contract/clock.ts'
import type { FindingList } from '../contract/findings.ts'
import { fromIso, seconds } from '../contract/units.ts'
import { startWebhookReceiver } from '../test/collector/notify/kit/webhook-receiver.ts'
import { listRuns, sleepAwake } from '../test/kit/laststep-api.ts'
import { startCollectorProgram, temporaryFolder } from '../test/kit/programs.ts'
import { speakAs, type SpokenProcess } from '../test/kit/spoken-process.ts'
import { openGoals } from './goals.ts'

const PULSE_MS = 2_000
/** Two and a half pulses after the last one a process counts as silent. */
const SILENT_AFTER_MS = 2.5 * PULSE_MS
const TOLD_WITHIN_MS = 1_000
const RUNS = 500
const PAIRS = 250

interface Told {
  readonly type: string
  readonly timestamp: string
  readonly at: number
  readonly data: { readonly group: { readonly count: number }; readonly run?: { readonly id: string } }
}

const receiver = await startWebhookReceiver()
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const flags = ['--webhook-url', receiver.url, '--webhook-secret', secret]
const collector = await startCollectorProgram(temporaryFolder('chaos-source'), flags)
const goals = openGoals(`chaos:source, pulses every ${PULSE_MS / 1_000} s`)
const speaking = new Set<SpokenProcess>()
const told: Told[] = []
const pulses = setInterval(() => void beat(), PULSE_MS)
const listening = setInterval(listen, 10)
try {
  const process = (instance: string, service = 'checkout') =>
    speakAs(() => collector.otlpHttp, { instance, service, pulseMs: PULSE_MS })
  const healthy = process('p-healthy')
  const lonely = process('p-lonely', 'billing')
  await live(healthy, 5)
  await live(lonely, 1)
  await beat()
  speaking.delete(lonely)
  await sleepAwake(SILENT_AFTER_MS + seconds(3))
  const alone = told.map(({ type, data }) => `${type} ${data.run?.id}`)
  const isAlone = alone.length === 1 && alone[0] === 'run.stalled p-lonely_run_0'
  goals.row('a process dies with one run: messages, about that run', '1', `${alone.length}`, isAlone)
  told.length = 0

  // One process with 500 runs.
  const doomed = process('p-doomed')
  await live(doomed, RUNS)
  await beat()
  speaking.delete(doomed)
  await sleepAwake(SILENT_AFTER_MS + seconds(3))
  const silent = told.filter(({ type }) => type === 'source.silent')
  const own = told.filter(({ type }) => type === 'run.stalled').length
  goals.exactly('a process dies with 500 runs: messages about it', 1, silent.length)
  goals.exactly('runs in that message', RUNS, silent[0]?.data.group.count ?? 0)
  goals.exactly('messages about its runs', 0, own)
  const lost = await listRuns(collector.dashboard, 'status=lost&limit=500')
  const explained = lost.runs.filter(({ explainedBy }) => explainedBy !== null).length
  goals.row('its runs lost, and explained by the finding', '≥ 499 of 500', `${explained}`, explained >= RUNS - 1)
  toldInTime(silent[0])

  // A gateway with 250 processes of two runs each.
  told.length = 0
  const behind = Array.from({ length: PAIRS }, (_, index) => process(`g-${index}`, `service-${index % 3}`))
  for (const each of behind) await live(each, 2)
  await beat()
  for (const each of behind) speaking.delete(each)
  await sleepAwake(SILENT_AFTER_MS + PULSE_MS + seconds(3))
  goals.exactly(`a gateway dies with ${PAIRS} processes of two runs: messages`, 1, told.length)
  toldInTime(told[0], SILENT_AFTER_MS)
  const { findings } = (await (await fetch(`${collector.dashboard}/api/findings`)).json()) as FindingList
  const sources = findings.filter((finding) => finding.kind === 'source-silent')
  const gateway = sources.find(({ sourcesTotal }) => sourcesTotal > 1)
  const who = `${gateway?.name}, ${gateway?.openRuns}`
  goals.row('the finding', '500 runs', who, gateway?.sourcesTotal === PAIRS && gateway.openRuns === 2 * PAIRS)

  // It comes back.
  for (const each of behind) speaking.add(each)
  await beat()
  await sleepAwake(seconds(8))
  const types = told.map(({ type }) => type)
  const back = types.filter((type) => type === 'source.recovered').length
  goals.row('it comes back: messages', '1', `${types.length - 1}`, types.length === 2 && back === 1)
  const left = (await listRuns(collector.dashboard, 'status=lost,stalled&limit=500')).runs
  const stillLost = left.filter(({ id }) => id.startsWith('g-')).length
  goals.exactly('its runs still lost', 0, stillLost)
  const wronged = left.filter(({ id }) => id.startsWith('p-healthy')).length
  goals.exactly('runs of the process that went on, flagged', 0, wronged)
} catch (error) {
  console.error(`chaos:source: ${String(error)}\n${collector.errors()}`)
  process.exitCode = 1
} finally {
  clearInterval(pulses)
  clearInterval(listening)
  await collector.stop()
  await receiver.stop()
}
goals.conclude()

async function live(spoken: SpokenProcess, runs: number): Promise<void> {
  await spoken.pulse()
  await spoken.open(Array.from({ length: runs }, (_, index) => index))
  speaking.add(spoken)
}

async function beat(): Promise<void> {
  for (const spoken of speaking) await spoken.pulse()
}

function listen(): void {
  for (const { body } of receiver.received.splice(0))
    told.push({ ...(JSON.parse(body) as Omit<Told, 'at'>), at: systemClock.now() })
}

/** @param apartMs processes die at one moment and are due one after the other: the third makes the finding */
function toldInTime(message: Told | undefined, apartMs = 0): void {
  const tookMs = message === undefined ? Infinity : message.at - fromIso(message.timestamp)
  goals.atMost('deadline → message received', TOLD_WITHIN_MS + apartMs, tookMs, 'ms')
}
