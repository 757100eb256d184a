/**
 * Every page of docs/integrations/ about a JavaScript framework, followed to the letter: its snippets run unchanged with
 * the real framework, a model on the loopback and a real collector, and what the page promises is asked of the API.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { RunRow } from '../../contract/runs.ts'
import { seconds } from '../../contract/units.ts'
import { startModelServer, type ModelServer } from '../corpus/record-js/kit/model-server.ts'
import { listRuns, sleepAwake } from '../kit/laststep-api.ts'
import { startCollectorProgram, temporaryFolder, type CollectorProgram } from '../kit/programs.ts'
import { findSnippets, frameworksInstalled, readPage, startPage } from './run-page.ts'

/** `user` is null where the framework has no word for it. */
// oxfmt-ignore
const PAGES = [
  { page: 'vercel-ai-sdk.md',    packages: 'ai-sdk',        user: 'u-1', thinksIn: 'chat gpt-5-mini' },
  { page: 'vercel-ai-sdk-6.md',  packages: 'ai-sdk-6',      user: 'u-1', thinksIn: 'ai.generateText.doGenerate' },
  { page: 'langchain-js.md',     packages: 'langchain',     user: null,  thinksIn: 'ChatOpenAI' },
  { page: 'mastra.md',           packages: 'mastra',        user: 'u-1', thinksIn: "llm: 'gpt-5-mini'" },
  { page: 'openai-agents-js.md', packages: 'openai-agents', user: null,  thinksIn: 'chat' },
  { page: 'openllmetry-js.md',   packages: 'openllmetry',   user: 'u-1', thinksIn: 'chat gpt-5-mini' },
  { page: 'logfire-js.md',       packages: 'logfire',       user: 'u-1', thinksIn: 'chat gpt-5-mini' },
]

const WITH_OPEN_SPANS = 'with open spans'

if (!frameworksInstalled)
  process.stderr.write('skipped: pages of docs/integrations; to have them run: npm ci in test/corpus/record-js\n')

describe.skipIf(!frameworksInstalled)('a reader who follows', () => {
  let collector: CollectorProgram
  let answering: ModelServer
  let hanging: ModelServer

  beforeAll(async () => {
    collector = await startCollectorProgram(temporaryFolder('pages'))
    answering = await startModelServer('answers', () => {})
    hanging = await startModelServer('hangs', () => {})
  })
  afterAll(() => Promise.all([collector?.stop(), answering?.stop(), hanging?.stop()]))

  const environment = (service: string, model: ModelServer) => ({
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp,
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: 'no-key',
  })

  describe.each(PAGES)('$page', ({ page, packages, user, thinksIn }) => {
    test('sees the run, whose it was, and that it completed', async () => {
      const before = await newestRuns(collector)
      const program = startPage(page, packages, null, environment('pages', answering))
      const errors = await program.ended
      const run = await waitForNewRun(collector, before, ({ status }) => status === 'completed', errors)
      expect(run).toMatchObject({ agent: 'support', sessionId: 's-1', userId: user, confidence: 'T3' })
    })

    test('with open spans, sees the step of a run that hangs', async () => {
      const before = await newestRuns(collector)
      const program = startPage(page, packages, WITH_OPEN_SPANS, environment('pages', hanging))
      try {
        const run = await waitForNewRun(collector, before, ({ step }) => step?.name === thinksIn, '')
        expect(run).toMatchObject({ agent: 'support', step: { phase: 'reasoning' }, confidence: 'T1' })
      } finally {
        await program.kill()
      }
    })
  })
})

describe('a page', () => {
  test.each(PAGES)('$page shows what to add, an agent, and how to see more', ({ page }) => {
    const files = findSnippets(readPage(page)).map(({ file, variant }) => `${file} ${variant ?? ''}`.trim())
    expect(files).toEqual(expect.arrayContaining(['tracing.ts', 'agent.ts', `tracing.ts ${WITH_OPEN_SPANS}`]))
  })

  test('shows the bridge that was recorded', () => {
    const recorded = join(import.meta.dirname, '../corpus/record-js/frameworks/openai-agents/otel-bridge.ts')
    const shown = findSnippets(readPage('openai-agents-js.md')).find(({ file }) => file === 'otel-bridge.ts')
    expect(shown?.text).toBe(readFileSync(recorded, 'utf8'))
  })
})

async function newestRuns(collector: CollectorProgram): Promise<ReadonlySet<string>> {
  const { runs } = await listRuns(collector.dashboard)
  return new Set(runs.map(({ id }) => id))
}

/** @throws Error when none has come that fits, with those that have and what the program said */
async function waitForNewRun(
  collector: CollectorProgram,
  before: ReadonlySet<string>,
  fits: (run: RunRow) => boolean,
  errors: string,
): Promise<RunRow> {
  const until = systemClock.now() + seconds(20)
  for (;;) {
    const fresh = (await listRuns(collector.dashboard)).runs.filter(({ id }) => !before.has(id))
    const found = fresh.find(fits)
    if (found !== undefined) return found
    if (systemClock.now() > until)
      throw new Error(`no such run; there are: ${JSON.stringify(fresh, null, 1)}\n${errors}`)
    await sleepAwake(100)
  }
}
