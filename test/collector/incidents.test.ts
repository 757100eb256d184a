/** The life of incidents, from OTLP at the real door by the API to the webhook, also after a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCollectorConfig } from '../../collector/config.ts'
import { startCollector, type Collector } from '../../collector/main.ts'
import type { MessageBody } from '../../collector/notify/message.ts'
import { systemClock } from '../../contract/clock.ts'
import type { ApiError } from '../../contract/errors.ts'
import type { IncidentHistory } from '../../contract/incidents.ts'
import type { RunDetail } from '../../contract/runs.ts'
import type { IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import { minutes, seconds, toIso, type Millis } from '../../contract/units.ts'
import { beginRun, endRun, type AgentRun } from '../kit/agent-telemetry.ts'
import { sleepAwake } from '../kit/laststep-api.ts'
import { manualClock, passUntil } from '../kit/manual-clock.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { startWebhookReceiver, type WebhookReceiver } from './notify/kit/webhook-receiver.ts'

const clock = manualClock(systemClock.now())
const dataDir = temporaryFolder('incidents')
let receiver: WebhookReceiver
let collector: Collector
let runs = 0

beforeAll(async () => {
  receiver = await startWebhookReceiver()
  collector = await start()
})
afterAll(async () => {
  await passUntil(clock, collector.stop())
  await receiver.stop()
})

test('whoever acknowledges is told no more while it grows, and is told again once it is open', async () => {
  await stall({ count: 2 })
  const { fingerprint, atRisk } = await untilIncident('search_orders', ({ standing }) => standing === 2)
  expect(atRisk).toEqual({ amount: 2 * 2.5 + 2 * 10, unit: 'EUR' })
  await untilTold('run.stalled')
  const seen = await act(fingerprint, { action: 'acknowledge', by: ' ana ', reason: 'looking' })
  expect(seen.life).toMatchObject({ state: 'acknowledged', by: 'ana' })
  await stall({ count: 1 })
  await untilIncident('search_orders', ({ standing }) => standing === 3)
  await passes(minutes(6))
  expect(told()).toEqual(['run.stalled 2'])
  await act(fingerprint, { action: 'reopen', by: 'ana' })
  await untilTold('run.stalled.grown')
  expect(told()).toEqual(['run.stalled 2', 'run.stalled.grown 3'])
})

test('a mute ends by a stall too many, by a moment, and by a deploy; the list says which are muted', async () => {
  const { fingerprint } = await find('search_orders')
  const by = 'ben'
  await act(fingerprint, { action: 'mute', until: { kind: 'stalls', more: 1 }, by })
  expect((await get<IncidentList>('/api/stalls?state=muted')).states).toMatchObject({ open: 0, muted: 1 })
  await stall({ count: 1 })
  await untilIncident('search_orders', ({ life, standing }) => standing === 4 && life.state === 'open')

  await act(fingerprint, { action: 'mute', until: { kind: 'time', at: toIso(clock.now() + minutes(1)) }, by })
  await passes(seconds(50))
  expect((await find('search_orders')).life.state).toBe('muted')
  await untilIncident('search_orders', ({ life }) => life.state === 'open')

  await act(fingerprint, { action: 'mute', until: { kind: 'deploy' }, by })
  await passes(seconds(40))
  expect((await find('search_orders')).life.state).toBe('muted')
  await healthy('1.4.2')
  await untilIncident('search_orders', ({ life }) => life.state === 'open')
  const { changes } = await get<IncidentHistory>(`/api/stalls/${fingerprint}/history`)
  expect(changes.slice(0, 6).map(({ what, by: who }) => [what, who])).toEqual(
    [0, 1, 2].flatMap(() => [
      ['mute-ended', null],
      ['muted', 'ben'],
    ]),
  )
})

test('a resolved one lets old versions stall on, and is open again as regressed by a later one', async () => {
  const { fingerprint } = await find('search_orders')
  await act(fingerprint, { action: 'resolve', version: '1.4.3', by: 'ana', reason: 'the pool is larger' })
  await stall({ count: 1, version: '1.4.1' })
  await untilIncident('search_orders', ({ standing }) => standing === 5)
  await passes(seconds(30))
  expect((await find('search_orders')).life).toMatchObject({ state: 'resolved', resolvedIn: '1.4.3' })
  await stall({ count: 1, version: '1.4.4' })
  const again = await untilIncident('search_orders', ({ life }) => life.state === 'open')
  expect(again).toMatchObject({ tag: 'regressed', life: { regressed: { from: '1.4.3', in: '1.4.4' }, by: null } })
  const { changes } = await get<IncidentHistory>(`/api/stalls/${fingerprint}/history`)
  expect(changes.slice(0, 2)).toMatchObject([
    { what: 'regressed', by: null, from: 'resolved in 1.4.3', to: 'open', reason: null },
    { what: 'resolved', by: 'ana', from: 'open', to: 'resolved in 1.4.3', reason: 'the pool is larger' },
  ])
})

test('two that are merged are one on the list and one to whoever is told; taken apart they are two again', async () => {
  const { fingerprint: into, stalls } = await find('search_orders')
  await stall({ count: 1, tool: 'ship_order' })
  const { fingerprint } = await untilIncident('ship_order', ({ standing }) => standing === 1)
  const label = `STL-${into.slice(0, 6).toUpperCase()}`
  const whole = await act(fingerprint, { action: 'merge', into: label, by: 'ana' })
  expect(whole).toMatchObject({ fingerprint: into, stalls: stalls + 1, merged: [{ fingerprint, step: 'ship_order' }] })
  expect((await get<IncidentList>('/api/stalls')).total).toBe(1)
  expect((await get<IncidentDetail>(`/api/stalls/${fingerprint}`)).fingerprint).toBe(into)
  await stall({ count: 1, tool: 'ship_order' })
  await untilIncident('search_orders', ({ stalls: now }) => now === stalls + 2)
  const grown = await untilMessage(({ data }) => data.group.fingerprint === into && data.group.count > stalls)
  expect(grown.type).toBe('run.stalled.grown')

  expect(await act(into, { action: 'unmerge', part: fingerprint })).toMatchObject({ stalls, merged: [] })
  expect((await get<IncidentList>('/api/stalls')).total).toBe(2)
  expect((await find('ship_order')).stalls).toBe(2)
})

test('a version is split off, is a sibling, and is put back', async () => {
  const { fingerprint, stalls } = await find('search_orders')
  const rest = await act(fingerprint, { action: 'split', version: '1.4.4', by: 'ana' })
  expect(rest).toMatchObject({ stalls: stalls - 1, siblings: [{ version: '1.4.4', stalls: 1 }] })
  const part = await get<IncidentDetail>(`/api/stalls/${rest.siblings[0]?.fingerprint}`)
  expect(part).toMatchObject({ stalls: 1, step: 'search_orders', splitFrom: { fingerprint, version: '1.4.4' } })
  // From its run it is one step to it.
  const run = await get<RunDetail>(`/api/runs/${part.latestStalls[0]?.runId}`)
  expect(run.fingerprint).toBe(part.fingerprint)
  const { changes } = await get<IncidentHistory>(`/api/stalls/${part.fingerprint}/history`)
  expect(changes).toMatchObject([{ what: 'split', by: 'ana', from: fingerprint, to: part.fingerprint }])
})

test('a restart knows all that was decided', async () => {
  const pictures = () => Promise.all([get<IncidentList>('/api/stalls'), get(`/api/stalls/${fingerprint}/history`)])
  const { fingerprint } = await find('search_orders')
  await act(fingerprint, { action: 'assign', to: 'cleo' })
  const before = await pictures()
  await passUntil(clock, collector.stop())
  collector = await start()
  const after = await pictures()
  expect(after[0].incidents.map(withoutTrend)).toEqual(before[0].incidents.map(withoutTrend))
  expect(after[1]).toEqual(before[1])
  expect(after[0].incidents.find((each) => each.fingerprint === fingerprint)?.life.assignee).toBe('cleo')
  expect(await act(fingerprint, { action: 'unsplit', version: '1.4.4' })).toMatchObject({ siblings: [] })
})

test('a run that completes after all is counted as late', async () => {
  const { recovered, completedLate } = await find('ship_order')
  expect([recovered, completedLate]).toEqual([0, 0])
  const run = runOf(runs - 1, { tool: 'ship_order' })
  await endRun(collector.otlpHttp, processOf('1.4.1'), run, clock.now())
  expect(await untilIncident('ship_order', ({ standing }) => standing === 1)).toMatchObject({ completedLate: 1 })
})

// oxfmt-ignore
test.each<[says: string, body: unknown, status: number, why: RegExp]>([
  ['nothing',                     undefined,                                                            400, /as JSON/],
  ['no JSON',                     '{',                                                                  400, /JSON/],
  ['no action',                   {},                                                                   400, /action must be acknowledge, mute/],
  ['an action that is none',      { action: 'explode' },                                                400, /action must be acknowledge, mute/],
  ['a mute without an end',       { action: 'mute' },                                                   400, /until must be/],
  ['a mute until the past',       { action: 'mute', until: { kind: 'time', at: '2020-01-01T00:00:00Z' } }, 400, /until\.at must be to come/],
  ['a mute of no stalls',         { action: 'mute', until: { kind: 'stalls', more: 0 } },               400, /from 1 to 10000/],
  ['too long a name',             { action: 'acknowledge', by: 'x'.repeat(81) },                        400, /by must have 80/],
  ['a field that is none',        { action: 'acknowledge', colour: 'red' },                             400, /no colour/],
  ['merged into nothing known',   { action: 'merge', into: 'beef' },                                    404, /beef/],
  ['merged into a word',          { action: 'merge', into: 'that one' },                                400, /4 to 16 hexadecimal/],
  ['a version it does not have',  { action: 'split', version: '9' },                                    400, /of 9/],
  ['taken out what is not in it', { action: 'unmerge', part: 'beef' },                                  400, /not merged/],
])('%s is refused and says what to do', async (_, body, status, why) => {
  const { fingerprint } = await find('ship_order')
  const answer = await post(fingerprint, body)
  expect([answer.status, ((await answer.json()) as ApiError).error.message]).toEqual([status, expect.stringMatching(why)])
})

test('a page of another site decides nothing', async () => {
  const { fingerprint } = await find('ship_order')
  const answer = await post(fingerprint, { action: 'acknowledge' }, { origin: 'https://evil.example' })
  expect(answer.status).toBe(403)
  expect((await find('ship_order')).life.state).toBe('open')
})

async function start(): Promise<Collector> {
  const own = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0', canary: 'off' }
  const contract = new URL('../journeys/quick.yaml', import.meta.url).pathname
  const webhook = {
    'webhook-url': receiver.url,
    'webhook-secret': `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  }
  const impact = { 'impact-per-run': '2.5', 'impact-per-user': '10', 'impact-unit': 'EUR' }
  const read = readCollectorConfig({ 'data-dir': dataDir, contract, ...own, ...webhook, ...impact }, {})
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return startCollector(read.config, clock, 'test')
}

function processOf(version: string) {
  return { service: 'shop', version, environment: 'staging' }
}

function runOf(index: number, different: Partial<AgentRun> = {}): AgentRun {
  const traceId = `${String(index).padStart(16, 'a')}${String(index).padStart(16, 'b')}`
  const own = { agent: 'support', tool: 'search_orders', userId: `user-${index}`, startedAt: clock.now() }
  return { traceId, ...own, ...different }
}

async function stall({ count, version = '1.4.1', tool }: { count: number; version?: string; tool?: string }) {
  for (let index = 0; index < count; index++)
    await beginRun(collector.otlpHttp, processOf(version), runOf(runs++, tool === undefined ? {} : { tool }))
}

async function healthy(version: string): Promise<void> {
  await endRun(collector.otlpHttp, processOf(version), runOf(runs++), clock.now() + seconds(1))
}

async function find(step: string): Promise<IncidentDetail> {
  const { incidents } = await get<IncidentList>(`/api/stalls?step=${step}&sort=stalls`)
  return get<IncidentDetail>(`/api/stalls/${incidents[0]?.fingerprint}`)
}

/** Time passes until it is so. */
async function untilIncident(step: string, fits: (incident: IncidentDetail) => boolean): Promise<IncidentDetail> {
  for (let passed = 0; ; passed++) {
    const { incidents } = await get<IncidentList>(`/api/stalls?step=${step}`)
    const incident = incidents[0] && (await get<IncidentDetail>(`/api/stalls/${incidents[0].fingerprint}`))
    if (incident && fits(incident)) return incident
    if (passed > 600) throw new Error(`waited in vain; last: ${JSON.stringify(incident)}`)
    await passes(seconds(1))
  }
}

function post(fingerprint: string, body: unknown, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': 'application/json', ...more }
  return fetch(`${collector.dashboard}/api/stalls/${fingerprint}/actions`, {
    method: 'POST',
    ...(body === undefined ? {} : { headers, body: text }),
  })
}

async function act(fingerprint: string, request: object): Promise<IncidentDetail> {
  const answer = await post(fingerprint, request)
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return (await answer.json()) as IncidentDetail
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(collector.dashboard + path)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** Each message once: an answer that comes late has it sent again, under the same id. */
function messages(): MessageBody[] {
  const byId = new Map(receiver.received.map(({ headers, body }) => [headers['webhook-id'], body]))
  return [...byId.values()].map((body) => JSON.parse(body) as MessageBody)
}
const told = (): string[] => messages().map(({ type, data }) => `${type} ${data.group.count}`)

async function untilMessage(fits: (message: MessageBody) => boolean): Promise<MessageBody> {
  for (let passed = 0; ; passed++) {
    const found = messages().find(fits)
    if (found !== undefined) return found
    if (passed > 600) throw new Error(`waited in vain; received ${JSON.stringify(told())}`)
    await passes(seconds(1))
  }
}
const untilTold = (type: string) => untilMessage((message) => message.type === type)

/** Time passes for the collector, and between its steps what it began may end: its disk and its receiver are real. */
async function passes(length: Millis): Promise<void> {
  const step = Math.min(length, seconds(10))
  for (let passed = 0; passed < length; passed += step) {
    clock.pass(step)
    await sleepAwake(10)
  }
}

function withoutTrend({ trend: _moves, ...incident }: IncidentList['incidents'][number]) {
  return incident
}
