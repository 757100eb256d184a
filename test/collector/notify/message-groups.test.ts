/** Groups over a real desk: what is told, what a restart makes of it, and what a desk that fails costs. */
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDesk, type Desk } from '../../../collector/keep/desk.ts'
import type { MessageBody } from '../../../collector/notify/message.ts'
import { startMessageGroups, type MessageGroups } from '../../../collector/notify/message-groups.ts'
import { subjectOfFinding, subjectOfRun } from '../../../collector/notify/stall-group.ts'
import { STANDING_STATUSES } from '../../../contract/statuses.ts'
import type { Deploy } from '../../../contract/deploys.ts'
import type { Finding } from '../../../contract/findings.ts'
import type { RunRow } from '../../../contract/runs.ts'
import { minutes, seconds, toIso } from '../../../contract/units.ts'
import { manualClock, START } from '../../kit/manual-clock.ts'
import { temporaryFolder } from '../../kit/programs.ts'
import { makeDeploy } from '../../kit/made-deploy.ts'
import { makeFailing, makeFinding, makeRow, makeVerdict } from '../serve/kit/made-runs.ts'

let dir: string
let desk: Desk
let clock: ReturnType<typeof manualClock>
let groups: MessageGroups
let sent: (MessageBody & { id: string })[]
const rows = new Map<string, RunRow>()
/** What is said of deploys, by whoever knows. */
let suspectOf: (fingerprint: string) => Promise<Deploy | null>

beforeEach(() => {
  dir = temporaryFolder('message-groups')
  desk = openDesk(dir)
  clock = manualClock()
  sent = []
  rows.clear()
  suspectOf = () => Promise.resolve(null)
  groups = open(desk)
})
afterEach(async () => {
  await groups.stop()
  desk.close()
  rmSync(dir, { recursive: true, force: true })
})

test('the first at once, the others in one update, the end once all are well', async () => {
  for (let run = 1; run <= 500; run++) {
    stall(`run_${run}`, { userId: `u_${run % 40}` })
    if (run === 1) await settle()
  }
  await settle()
  expect(told()).toEqual(['run.stalled 1'])
  await pass(minutes(5) - 1)
  expect(told()).toEqual(['run.stalled 1'])
  await pass(1)
  expect(told()).toEqual(['run.stalled 1', 'run.stalled.grown 500'])
  expect(sent.at(-1)?.data.group).toMatchObject({ standing: 500, users: 40, version: 2 })
  expect(sent.at(-1)?.data.group.runs).toHaveLength(10)

  for (let run = 1; run < 500; run++) become(`run_${run}`, 'running')
  await settle()
  expect(told()).toHaveLength(2)
  become('run_500', 'completed')
  await settle()
  expect(told()).toEqual(['run.stalled 1', 'run.stalled.grown 500', 'run.recovered 500'])
  expect(new Set(sent.map(({ id }) => id)).size).toBe(3)
})

test('a run stays with its group while it stands still, whatever it looks like by then', async () => {
  stall('run_1')
  await settle()
  become('run_1', 'lost', { cause: 'process-lost' })
  await settle()
  expect(told()).toEqual(['run.stalled 1'])
  become('run_1', 'running')
  await settle()
  expect(told()).toEqual(['run.stalled 1', 'run.recovered 1'])
})

test('what a finding explains is not told by itself; what it no longer explains is', async () => {
  for (const id of ['run_1', 'run_2', 'run_3']) become(id, 'lost', { explainedBy: 'find_1' })
  find('open', 3)
  await settle()
  expect(told()).toEqual(['source.silent 3'])
  find('recovered', 3)
  become('run_1', 'running')
  become('run_2', 'completed')
  become('run_3', 'lost', { explainedBy: null })
  await settle()
  expect(told()).toEqual(['source.silent 3', 'source.recovered 3', 'run.stalled 1'])
})

test('a finding that grows is told again after five minutes', async () => {
  find('open', 3)
  await settle()
  find('open', 500)
  await pass(minutes(5))
  expect(told()).toEqual(['source.silent 3', 'source.silent.grown 500'])
})

test('connections of one kind are one message, which grows, and an end that nobody recovered from is not told', async () => {
  const failing = (state: Finding['state'], connections: number) => {
    const finding = makeFailing({ state, connections, endedAt: state === 'open' ? null : toIso(START + 1) })
    groups.note(finding.id, true, () => subjectOfFinding(finding))
  }
  failing('open', 3)
  await settle()
  failing('open', 500)
  await pass(minutes(5))
  failing('over', 500)
  await pass(minutes(10))
  expect(told()).toEqual(['connections.failing 3', 'connections.failing.grown 500'])
})

test('after a restart nothing is told twice, and nothing is forgotten', async () => {
  stall('run_1')
  stall('run_2')
  await settle()
  // Killed; in between a third stalls, and the first moves on.
  become('run_1', 'running', {}, false)
  become('run_3', 'stalled', {}, false)
  await restart()
  expect(told()).toEqual(['run.stalled 2'])
  await pass(minutes(5))
  expect(told()).toEqual(['run.stalled 2', 'run.stalled.grown 3'])
  expect(sent.at(-1)?.data.group).toMatchObject({ standing: 2 })
  // Nobody knows the second any more: it has left.
  rows.delete('run_2')
  await restart()
  become('run_3', 'running')
  await settle()
  expect(told()).toEqual(['run.stalled 2', 'run.stalled.grown 3', 'run.recovered 3'])
})

test('a desk that fails costs time, and no message', async () => {
  await groups.stop()
  let isBroken = true
  groups = open({
    ...desk,
    saveGroups(changes) {
      if (isBroken) throw new Error('disk full')
      desk.saveGroups(changes)
    },
  })
  stall('run_1')
  await settle()
  stall('run_2')
  await settle()
  expect(told()).toEqual([])
  isBroken = false
  await pass(seconds(5))
  expect(told()).toEqual(['run.stalled 1'])
})

test('another agent is another group', async () => {
  stall('run_1')
  stall('run_2', { agent: 'billing' })
  await settle()
  expect(told()).toEqual(['run.stalled 1', 'run.stalled 1'])
})

test('the deploy that the numbers name is in the message; who cannot say it in time holds nothing up', async () => {
  suspectOf = () => Promise.resolve(makeDeploy({ version: '1.4.2' }))
  stall('run_1')
  await settle()
  become('run_1', 'completed')
  await settle()
  suspectOf = () => new Promise(() => {})
  stall('run_2', { agent: 'billing' })
  await settle()
  expect(told()).toEqual(['run.stalled 1', 'run.recovered 1'])
  await pass(seconds(1))
  expect(told()).toEqual(['run.stalled 1', 'run.recovered 1', 'run.stalled 1'])
  const deploys = sent.map(({ data }) => ('deploy' in data ? (data.deploy?.version ?? null) : undefined))
  expect(deploys).toEqual(['1.4.2', null, null])
})

test('of many that begin at once only some are asked about: each costs a look into the history', async () => {
  const asked: string[] = []
  suspectOf = async (fingerprint) => (asked.push(fingerprint), makeDeploy())
  for (let agent = 1; agent <= 12; agent++) stall(`run_${agent}`, { agent: `agent-${agent}` })
  await settle()
  expect([told().length, asked.length]).toEqual([12, 10])
  expect(sent.filter(({ data }) => 'deploy' in data && data.deploy !== null)).toHaveLength(10)
})

function open(held: Parameters<typeof startMessageGroups>[0]['desk']): MessageGroups {
  return startMessageGroups({
    stateOf: () => 'open',
    clock,
    desk: held,
    deploys: { suspectOf: (fingerprint) => suspectOf(fingerprint) },
    stored: () => Promise.resolve(),
    send: ({ id, body }) => void sent.push({ id, ...(JSON.parse(body) as MessageBody) }),
    address: () => 'http://laststep.test',
    log: { error: () => {} },
  })
}

async function restart(): Promise<void> {
  await groups.stop()
  groups = open(desk)
  const read = (id: string) => {
    const row = rows.get(id)
    return row === undefined ? null : subjectOfRun(row, makeVerdict(row), (fingerprint) => fingerprint)
  }
  const standing = [...rows.values()].filter(({ status }) => STANDING_STATUSES.has(status))
  groups.noteAll(new Map(standing.map(({ id }) => [id, () => read(id)])), read)
  await settle()
}

function stall(id: string, different: Partial<RunRow> = {}): void {
  become(id, 'stalled', { cause: 'tool-silent', ...different })
}

function become(id: string, status: RunRow['status'], different: Partial<RunRow> = {}, isNoted = true): void {
  const row = { ...(rows.get(id) ?? makeRow({ id, cause: 'tool-silent' })), status, ...different }
  rows.set(id, row)
  if (isNoted)
    groups.note(id, STANDING_STATUSES.has(status), () =>
      subjectOfRun(row, makeVerdict(row), (fingerprint) => fingerprint),
    )
}

function find(state: Finding['state'], openRuns: number): void {
  const endedAt = state === 'open' ? null : toIso(START + 1)
  const finding = makeFinding({ state, openRuns, endedAt })
  groups.note(finding.id, true, () => subjectOfFinding(finding))
}

async function pass(ms: number): Promise<void> {
  clock.pass(ms)
  await settle()
}

/** A round takes a few turns of the loop, and another may follow. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.pass(0)
  }
}

const told = () => sent.map(({ type, data }) => `${type} ${data.group.count}`)
