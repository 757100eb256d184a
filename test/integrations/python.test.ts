/**
 * Every page of docs/integrations/ about a Python framework, followed to the letter: its snippets run unchanged with the
 * real framework, a model on the loopback and a real collector, and what the page promises is asked of the API.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { RunRow } from '../../contract/runs.ts'
import { seconds } from '../../contract/units.ts'
import { isMade } from '../corpus/record_py/environment.ts'
import { listRuns, sleepAwake } from '../kit/laststep-api.ts'
import { startCollectorProgram, temporaryFolder, type CollectorProgram } from '../kit/programs.ts'
import { findSnippets, startModel, startPage, type Model } from './run-python-page.ts'

/** The user is null where the page says that there is no word for it; the run hangs in its step when its model does. */
// oxfmt-ignore
const PAGES = ([
  // page                     recorded in                variant             user   step
  ['pydantic-ai.md',          'pydantic-ai',             null,               null,  'chat gpt-5-mini'],
  ['langgraph-python.md',     'langgraph-openinference', null,               null,  'ChatOpenAI'],
  ['langgraph-python.md',     'langgraph-openllmetry',   'with OpenLLMetry', null,  'chat gpt-5-mini'],
  ['openai-agents-python.md', 'openai-agents-python',    null,               'u-1', 'response'],
  ['logfire-python.md',       'logfire',                 null,               null,  'chat gpt-5-mini'],
  ['strands.md',              'strands',                 null,               'u-1', 'chat gpt-5-mini'],
  ['google-adk.md',           'google-adk',              null,               null,  'generate_content gemini-2.5-flash'],
  ['openai-python.md',        'openai-python',           null,               'u-1', 'chat gpt-5-mini'],
  ['crewai.md',               'crewai',                  null,               'u-1', 'ChatCompletion'],
] as const).map(([page, framework, variant, user, step]) => ({ page, framework, variant, user, step }))

const missing = PAGES.map(({ framework }) => framework).filter((framework) => !isMade(framework))
if (missing.length > 0) {
  const mend = `npm run corpus:record-py -- --install-only ${missing.join(' ')}`
  process.stderr.write(`skipped: Python pages of docs/integrations; to have them run: ${mend}\n`)
}

let collector: CollectorProgram
beforeAll(async () => {
  if (missing.length < PAGES.length) collector = await startCollectorProgram(temporaryFolder('python-pages'))
})
afterAll(() => collector?.stop())

for (const { page, framework, variant, user, step } of PAGES)
  describe.skipIf(missing.includes(framework))(`a reader of ${page}, with ${framework}`, () => {
    const variants = variant === null ? [] : [variant]
    let answering: Model
    let hanging: Model
    beforeAll(async () => {
      answering = await startModel(framework, 'answers')
      hanging = await startModel(framework, 'hangs')
    })
    afterAll(() => Promise.all([answering?.stop(), hanging?.stop()]))

    const environment = (model: Model) => ({
      ...model.environment,
      OTEL_SERVICE_NAME: framework,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp,
    })

    test('sees the run, whose it was, and that it completed', async () => {
      const before = await knownRuns()
      const { code, errors } = await startPage(page, framework, variants, environment(answering)).ended
      expect(code, errors).toBe(0)
      const run = await waitForNewRun(before, ({ status }) => status === 'completed')
      expect(run).toMatchObject({ agent: 'support', sessionId: 's-1', userId: user })
    })

    test('with open spans, sees the step of a run that hangs', async () => {
      const before = await knownRuns()
      const program = startPage(page, framework, [...variants, 'continued'], environment(hanging))
      try {
        // T2 until the first pulse of its process has come.
        const run = await waitForNewRun(before, (run) => run.step?.name === step && run.confidence === 'T1')
        expect(run).toMatchObject({ agent: 'support', step: { phase: 'reasoning' } })
      } finally {
        await program.kill()
      }
    })
  })

describe.skipIf(missing.includes('logfire'))('the Logfire SDK, with nothing of ours in the process', () => {
  test('shows the open step of a run that hangs', async () => {
    const before = await knownRuns()
    const hanging = await startModel('logfire', 'hangs')
    const program = startPage('logfire-python.md', 'logfire', [], {
      ...hanging.environment,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp,
    })
    try {
      const run = await waitForNewRun(before, ({ step }) => step?.name === 'chat gpt-5-mini')
      const step = { phase: 'reasoning', name: 'chat gpt-5-mini' }
      expect(run).toMatchObject({ agent: 'support', status: 'running', step, confidence: 'T2' })
    } finally {
      await program.kill()
      await hanging.stop()
    }
  })
})

test.each(PAGES)('$page shows what to add, an agent, and how to see more', ({ page, variant }) => {
  const files = findSnippets(page).map((snippet) => [snippet.file, snippet.variant])
  expect(files).toEqual(
    expect.arrayContaining([
      ['tracing.py', variant],
      ['agent.py', null],
      ['tracing.py', 'continued'],
    ]),
  )
})

async function knownRuns(): Promise<ReadonlySet<string>> {
  const { runs } = await listRuns(collector.dashboard)
  return new Set(runs.map(({ id }) => id))
}

/** @throws Error when none has come that fits, with those that have */
async function waitForNewRun(before: ReadonlySet<string>, fits: (run: RunRow) => boolean): Promise<RunRow> {
  const until = systemClock.now() + seconds(20)
  for (;;) {
    const fresh = (await listRuns(collector.dashboard)).runs.filter(({ id }) => !before.has(id))
    const found = fresh.find(fits)
    if (found !== undefined) return found
    if (systemClock.now() > until) throw new Error(`no such run; there are: ${JSON.stringify(fresh, null, 1)}`)
    await sleepAwake(100)
  }
}
