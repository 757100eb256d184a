/** Agents that real frameworks called from another agent, as a run's page shows them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRecords } from '../../collector/accept/read-records.ts'
import { agentOf } from '../../collector/assemble/agent-name.ts'
import { recognise } from '../../collector/assemble/recognise/recognise.ts'
import { spanViews } from '../../collector/serve/span-views.ts'
import { START, makeRow, makeStored } from '../collector/serve/kit/made-runs.ts'

interface Recording {
  readonly requests: readonly { readonly signal: 'traces' | 'logs'; readonly body: unknown }[]
}

// oxfmt-ignore
test.each([
  // recording                           the run's agent   the agents inside: name, how it is, model and tool steps in it
  ['pydantic-ai/sub-agent.json',         'concierge',      [['support', 'ended', 3]]],
  ['pydantic-ai/finished.json',          'support',        []],
  ['ai-sdk/sub-agent.json',              'support',        [['warehouse', 'ended', 3]]],
  ['crewai/finished.json',               'shop',           [['support', 'ended', 3]]],
  ['openai-agents-python/handoff.json',  'triage',         [['support', 'ended', 3]]],
  // The workflow goes by the name of the agent it is handed to.
  ['openai-agents-js/handoff.json',      'support',        [['triage', 'ended', 1]]],
] as const)('%s', (file, agent, expected) => {
  const { requests } = JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Recording
  const records = requests.map(({ signal, body }) =>
    readRecords({ kind: signal, encoding: 'json', body: Buffer.from(JSON.stringify(body)), receivedAt: START }),
  )
  const spans = records.flatMap((each) => each.spans)
  const run = makeStored(makeRow({ traceId: spans[0]?.traceId ?? null, agent }))
  const phaseOf = (name: string, known: Parameters<typeof agentOf>[1]) => recognise(name, known).phase
  const { subAgents } = spanViews(run, { spans, logs: [] }, [], { phaseOf, agentOf })
  expect(subAgents.map((each) => [each.agent, each.status, each.steps])).toEqual(expected)
})
