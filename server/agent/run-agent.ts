/** The agent loop of the AI SDK over the run's own model and tools. */
import { ToolLoopAgent, isStepCount } from 'ai'
import type { Clock } from '../../contract/clock.ts'
import type { RunScope } from '../run-scope.ts'
import { AGENTS } from './agents.ts'
import { holdTools } from './hold-tools.ts'
import type { Model } from './model.ts'
import { observeModel } from './observe-model.ts'
import type { AgentTool } from './tools/tool.ts'

export interface AgentAnswer {
  readonly text: string
  /** Model calls it took. */
  readonly steps: number
}

export interface AgentSettings {
  readonly model: Model
  readonly tools: readonly AgentTool[]
  readonly clock: Clock
  /** Address of this runtime, for questions about itself; asked late, since the port may be any. */
  ownUrl(): string
}

/** Model calls after which a run must have its answer. */
const STEPS_MAX = 8

/** @throws the signal's reason when it aborts; whatever the model threw otherwise. Failing tools go to the model. */
export async function runAgent(scope: RunScope, { model, tools, clock, ownUrl }: AgentSettings): Promise<AgentAnswer> {
  const profile = AGENTS[scope.agentType]
  if (!profile) throw new RangeError(`no agent is called ${scope.agentType}`)
  const agent = new ToolLoopAgent({
    id: scope.agentType,
    model: observeModel(model, scope, clock),
    instructions: `${profile.instructions} This runtime answers at ${ownUrl()}/healthz.`,
    tools: holdTools(
      tools.filter(({ name }) => profile.tools.includes(name)),
      scope,
      clock,
    ),
    stopWhen: isStepCount(STEPS_MAX),
    // The errors come through the stream as well; by default they would be printed.
    onError: () => {},
  })
  const result = await agent.stream({ prompt: scope.text, abortSignal: scope.signal })
  for await (const part of result.stream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'abort') throw scope.signal.reason
  }
  return { text: await result.text, steps: (await result.steps).length }
}
