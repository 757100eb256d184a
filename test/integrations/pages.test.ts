/**
 * Every page of docs/integrations/ about a JavaScript framework, followed to the letter: its snippets run unchanged with
 * the real framework, a model on the loopback and a real collector, and what the page promises is asked of the API.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seconds } from '../../contract/units.ts'
import { startModelServer, type ModelServer } from '../corpus/record-js/kit/model-server.ts'
import { listRuns } from '../kit/laststep-api.ts'
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
const POLL = { timeout: seconds(60), interval: 100 }

if (!frameworksInstalled)
  process.stderr.write('skipped: pages of docs/integrations; to have them run: npm ci in test/corpus/record-js\n')

describe.skipIf(!frameworksInstalled).each(PAGES)(
  'a reader who follows $page',
  ({ page, packages, user, thinksIn }) => {
    let collector: CollectorProgram
    let answering: ModelServer
    let hanging: ModelServer

    beforeAll(async () => {
      collector = await startCollectorProgram(temporaryFolder('pages'))
      answering = await startModelServer('answers', () => {})
      hanging = await startModelServer('hangs', () => {})
    })
    afterAll(() => Promise.all([collector?.stop(), answering?.stop(), hanging?.stop()]))

    const environment = (model: ModelServer) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp,
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'no-key',
    })
    const runs = async () => (await listRuns(collector.dashboard)).runs

    test('sees the run, whose it was, and that it completed', async () => {
      const { ended } = startPage(page, packages, null, environment(answering))
      expect(await ended).not.toMatch(/Error/)
      const run = { agent: 'support', sessionId: 's-1', userId: user, status: 'completed', confidence: 'T3' }
      await expect.poll(runs, POLL).toEqual([expect.objectContaining(run)])
    })

    test('with open spans, sees the step of a run that hangs', async () => {
      const program = startPage(page, packages, WITH_OPEN_SPANS, environment(hanging))
      const step = expect.objectContaining({ phase: 'reasoning', name: thinksIn })
      const run = { agent: 'support', status: 'running', step, confidence: 'T1' }
      try {
        await expect.poll(runs, POLL).toContainEqual(expect.objectContaining(run))
      } finally {
        await program.kill()
      }
    })
  },
)

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
