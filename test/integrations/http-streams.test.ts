/**
 * docs/integrations/http-streams.md, followed to the letter: its handlers run unchanged behind a server of Node, and of
 * what they sent the collector says that it was written, and claims no more.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seconds } from '../../contract/units.ts'
import { startModelServer, type ModelServer } from '../corpus/record-js/kit/model-server.ts'
import { listRuns, waitForRun } from '../kit/laststep-api.ts'
import {
  NODE,
  ROOT,
  startCollectorProgram,
  startCommand,
  temporaryFolder,
  type CollectorProgram,
  type Program,
} from '../kit/programs.ts'
import { findSnippets, readPage } from './run-page.ts'

/** What a framework does with such a handler. */
const SERVE = `
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { shutdown } from './tracing.ts'

const { answer, POST } = await import(process.argv[2])
async function reply(request, response) {
  const web = await POST(new Request('http://127.0.0.1/', { method: 'POST', body: 'Where is my order?' }))
  response.writeHead(web.status, Object.fromEntries(web.headers))
  await pipeline(Readable.fromWeb(web.body), response)
}
const server = createServer(answer ?? reply).listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ event: 'listening', http: 'http://127.0.0.1:' + server.address().port })))
process.once('SIGTERM', () => void shutdown().finally(() => process.exit(0)))
`

let collector: CollectorProgram
let model: ModelServer
let folder: string
const programs: Program[] = []
const seen = new Set<string>()

beforeAll(async () => {
  collector = await startCollectorProgram(temporaryFolder('http-streams'), ['--contract', 'ag-ui,vercel-ui'])
  model = await startModelServer('answers', () => {})
  // Inside the repository, where the packages are found that the page's reader installs.
  mkdirSync(join(ROOT, '.laststep'), { recursive: true })
  folder = mkdtempSync(join(ROOT, '.laststep', 'http-streams-'))
  for (const { file, text } of findSnippets(readPage('http-streams.md'))) writeFileSync(join(folder, file), text)
  writeFileSync(join(folder, 'serve.mjs'), SERVE)
})
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()))
  await Promise.all([collector?.stop(), model?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

// oxfmt-ignore
test.each([
  { file: './agent.ts', contract: 'ag-ui',     last: 'RUN_FINISHED' },
  { file: './route.ts', contract: 'vercel-ui', last: 'finish' },
])('the handler of $file: its run completed, written and not confirmed', async ({ file, contract, last }) => {
  const url = await serve(file, contract)
  const sent = await (await fetch(url)).text()
  expect(sent).toContain(`"type":"${last}"`)

  const isNew = ({ id }: { readonly id: string }) => !seen.has(id)
  const newest = async () => (await listRuns(collector.dashboard)).runs.find(isNew)?.id
  await expect.poll(newest, { timeout: seconds(40) }).toBeDefined()
  const id = String(await newest())
  seen.add(id)
  const run = await waitForRun(
    collector.dashboard,
    id,
    ({ status, deliveries }) =>
      status === 'completed' && deliveries.every(({ states }) => states.at(-1)?.state === 'written'),
  )
  expect(run.contract.name).toBe(contract)
  expect(run.connections).toEqual([expect.objectContaining({ stream: 'sse', acks: false })])
  expect(run.deliveries.at(-1)).toMatchObject({ event: last })
  expect(run.delivery).toMatchObject({ confirmed: 0, outcome: 'unknown' })
})

async function serve(file: string, contract: string): Promise<string> {
  const { program, listening } = await startCommand(NODE, [join(folder, 'serve.mjs'), file], {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp,
    OPENAI_BASE_URL: model.url,
    CONTRACT: contract,
  })
  programs.push(program)
  return String(listening['http'])
}
