/** The origin story, from a user's message over the drafted sheet to what is left of it when the collector is killed. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  EditAnswer,
  EditRequest,
  Investigation,
  InvestigationExport,
  InvestigationHistory,
  InvestigationList,
} from '../../contract/investigations.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { connectUser, fetchToken } from '../../tools/user-client.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import {
  startCollectorProgram,
  startRuntimeProgram,
  temporaryFolder,
  type CollectorProgram,
  type RuntimeProgram,
} from '../kit/programs.ts'

const DATA = temporaryFolder('investigation')
const CONTRACT = ['--contract', join(import.meta.dirname, 'quick.yaml')]

let collector: CollectorProgram
let runtime: RuntimeProgram
let run: RunDetail
let sheet: Investigation

beforeAll(async () => {
  collector = await startCollectorProgram(DATA, CONTRACT)
  runtime = await startRuntimeProgram(collector.otlpHttp, ['--pulse-ms', '500', '--environment', 'journeys'])
  const user = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, 'edsger') })
  await user.waitFor(({ type }) => type === 'connection_established')
  const runId = await user.ask('What is 1 + 1?', { fault: 'removed-singleton' })
  run = await waitForRun(collector.dashboard, runId, ({ status }) => status === 'stalled')
  await user.close()
}, 120_000)
afterAll(async () => {
  await runtime?.stop()
  await collector?.stop()
})

test('the drafted chain goes from the missing answer to the line that threw, each line with its record', async () => {
  sheet = await ask<Investigation>('POST', '/api/investigations', { incident: run.fingerprint, by: 'ana' })
  const chain = chainOf(sheet)
  expect(chain[0]?.text).toContain('agent_completed')
  const thrown = chain.find(({ text }) => text.includes('KeyError'))
  const { file, line } = run.step?.code ?? {}
  expect(file).toBe('server/orchestrate/create-execution-orchestrator.ts')
  expect(thrown?.text).toContain(`${file}:${line}`)
  expect(thrown?.state).toBe('supported')
  const exception = sheet.evidence.find(({ kind }) => kind === 'exception')
  expect(thrown?.evidence).toContain(exception?.id)
  expect(exception?.frozen).toEqual(
    expect.arrayContaining([
      { name: 'exception.type', value: 'KeyError' },
      { name: 'thrown at', value: `${file}:${line}` },
    ]),
  )
  // Nothing without proof: what has no evidence is a question.
  for (const { state, text, evidence, isDraft } of sheet.answers)
    expect([isDraft, state === 'supported', text !== '']).toEqual([true, evidence.length > 0, evidence.length > 0])
  expect(sheet.answers.some(({ text, state }) => text === '' && state === 'hypothesis')).toBe(true)
})

test('nothing that was answered is lost when the collector is killed', async () => {
  const text = 'The factory reads a singleton that the 3.2 release took away.'
  const open = sheet.answers.find((answer) => answer.text === '')?.id ?? ''
  const edits: EditRequest['edits'] = [
    { edit: 'set-answer', id: open, field: 'text', value: text },
    { edit: 'attach-evidence', id: 'E1', answerId: open },
    { edit: 'set-answer-state', id: open, value: 'supported' },
    { edit: 'add-note', id: 'n1', text: 'read the source' },
  ]
  const request: EditRequest = { baseRev: sheet.rev, by: 'ana', key: 'k1', edits }
  const path = `/api/investigations/${sheet.id}`
  const { investigation } = await ask<EditAnswer>('POST', `${path}/edits`, request)
  await collector.kill()
  collector = await startCollectorProgram(DATA, CONTRACT)

  expect(await ask<Investigation>('GET', path)).toEqual(investigation)
  expect(investigation.answers.find(({ id }) => id === open)).toMatchObject({
    text,
    state: 'supported',
    isDraft: false,
  })
  expect(await ask<Investigation>('GET', `${path}?rev=1`)).toEqual(sheet)
  const { entries } = await ask<InvestigationHistory>('GET', `${path}/history`)
  expect(entries.map(({ rev, by }) => [rev, by])).toEqual([
    [2, 'ana'],
    [1, 'ana'],
  ])
  expect(entries[0]?.edits).toEqual(edits)
  // Whoever did not hear the answer asks again, and it is done once.
  expect((await ask<EditAnswer>('POST', `${path}/edits`, request)).investigation.rev).toBe(2)
  const { investigations } = await ask<InvestigationList>('GET', `/api/investigations?incident=${run.fingerprint}`)
  expect(investigations).toMatchObject([{ id: sheet.id, rev: 2, state: 'open', supported: sheet.answers.length }])
})

test('it is exported as Markdown and JSON, with the line, absolute links and what happened when', async () => {
  const path = `/api/investigations/${sheet.id}/export`
  const markdown = await (await fetch(`${collector.dashboard}${path}?format=md`)).text()
  for (const wanted of [
    `# ${sheet.id}: `,
    'KeyError',
    `${run.step?.code?.file}:${run.step?.code?.line}`,
    `](${collector.dashboard}/runs/${run.id}?span=`,
    `stall: [run ${run.id} stalled`,
    'note: ana: read the source',
  ])
    expect(markdown).toContain(wanted)
  const exported = await ask<InvestigationExport>('GET', `${path}?format=json`)
  expect(exported.investigation.answers).toEqual(
    (await ask<Investigation>('GET', `/api/investigations/${sheet.id}`)).answers,
  )
  expect(exported.timeline.map(({ at }) => at)).toEqual(exported.timeline.map(({ at }) => at).toSorted())
})

function chainOf({ answers }: Investigation) {
  const chain = []
  for (let next = answers.find(({ parentId }) => parentId === null); next !== undefined;) {
    chain.push(next)
    const { id } = next
    next = answers.find(({ parentId }) => parentId === id)
  }
  return chain
}

async function ask<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const response = await fetch(collector.dashboard + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Answer
}
