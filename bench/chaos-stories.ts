/** How a run may go, told line by line: what an agent's process sends of it, in the order in which it happens. */
import type { DeliveryState } from '../contract/deliveries.ts'
import { seconds, type Instant, type Millis } from '../contract/units.ts'
import { startProcess, type AgentProcess, type Line } from './chaos-agents.ts'

export const STORIES = ['completes', 'fails', 'stands still in a tool', 'waits', 'is not confirmed'] as const
export type Story = (typeof STORIES)[number]

export interface Told {
  readonly runId: string
  readonly lines: readonly Line[]
  /** What is told when it goes on and completes after all; nothing for a run that has ended. */
  readonly rest: readonly Line[]
}

/** Between two lines, by the sender's clock. */
const STEP: Millis = 10
const SENT: readonly DeliveryState[] = ['emitted', 'routed', 'queued', 'written']

export interface Teller {
  readonly agent: AgentProcess
  tell(story: Story, runId: string): Told
}

/** @param beganAt by the clock of the process, which is all that its lines are dated by */
export function openTeller(instance: string, beganAt: Instant, agentName = 'support'): Teller {
  let at = beganAt
  const agent = startProcess({ instance, now: () => at, pulseMs: seconds(5) })
  const each = (acts: readonly (() => Line)[]): Line[] =>
    acts.map((act) => {
      at += STEP
      return act()
    })
  return {
    agent,
    tell(story, runId) {
      at = beganAt
      const run = agent.run(runId, agentName)
      // Each begins when its time has come.
      let [model, tool] = [run.root, run.root]
      const isFailure = story === 'fails'
      const event = isFailure ? 'agent_error' : 'agent_completed'
      const outcome = isFailure ? 'failed' : 'succeeded'
      const beginning = [
        () => agent.said(run, 'accepted'),
        () => agent.begun(run.root),
        () => agent.said(run, 'started'),
        () => agent.message(run, 1, 'agent_started', SENT),
        () => agent.message(run, 1, 'agent_started', ['received']),
        () => agent.begun((model = agent.model(run, 'gpt-5'))),
        () => agent.message(run, 2, 'agent_thinking', SENT),
        () => agent.message(run, 2, 'agent_thinking', ['received']),
        () => agent.ended(model),
        () => agent.begun((tool = agent.tool(run, 'search'))),
        () => agent.message(run, 3, 'tool_executing', SENT, 'call_1'),
        () => agent.message(run, 3, 'tool_executing', ['received']),
        () => agent.progressed(tool, 1),
        () => agent.progressed(tool, 2),
      ]
      const waiting = [() => agent.said(run, 'waiting')]
      const ending = [
        () => agent.said(run, 'resumed'),
        () => agent.ended(tool),
        () => agent.message(run, 4, 'tool_completed', SENT, 'call_1'),
        () => agent.message(run, 4, 'tool_completed', ['received']),
        () => agent.message(run, 5, event, SENT),
        () => agent.ended(run.root),
        () => agent.said(run, 'ended', outcome),
      ]
      const confirmed = [() => agent.message(run, 5, event, ['received'])]
      switch (story) {
        case 'completes':
        case 'fails':
          return { runId, lines: each([...beginning, ...waiting, ...ending, ...confirmed]), rest: [] }
        case 'is not confirmed':
          return { runId, lines: each([...beginning, ...waiting, ...ending]), rest: [] }
        case 'waits':
          return { runId, lines: each([...beginning, ...waiting]), rest: each([...ending, ...confirmed]) }
        case 'stands still in a tool':
          return { runId, lines: each(beginning), rest: each([...ending.slice(1), ...confirmed]) }
      }
    },
  }
}
