/** One agents' process that sends by itself: it pulses, some of its runs stand still, others go on until they are told to end. */
import { sleep, systemClock } from '../contract/clock.ts'
import { seconds, type Instant, type Millis } from '../contract/units.ts'
import { startProcess, type AgentRun, type AgentSpan } from './chaos-agents.ts'
import type { Field, Sent } from './chaos-field.ts'

export interface Troupe {
  /** Runs that stand still in a tool from now on. */
  hang(count: number): Promise<readonly string[]>
  /** Runs that progress at every beat. */
  goOn(count: number): Promise<readonly string[]>
  /** Those that go on end well; the user confirms what was sent to him. @returns their ids */
  end(): Promise<readonly string[]>
  /** Whether the collector received the last word of a run at this moment, as far as whoever sent it can know. */
  wasHeardAt(runId: string, at: Instant): boolean
  stop(): Promise<void>
}

export const BEAT: Millis = seconds(2)

/** @param now what its clock says; @see startProcess */
export function openTroupe(field: Field, instance: string, now: (about: string) => Instant): Troupe {
  const agent = startProcess({ instance, now, pulseMs: BEAT })
  const goingOn: { readonly run: AgentRun; readonly tool: AgentSpan }[] = []
  const lastSent = new Map<string, Sent>()
  let begun = 0
  let beats = 0
  let isStopped = false

  const begin = async (count: number) => {
    const runs = Array.from({ length: count }, () => {
      const run = agent.run(`${instance}-${++begun}`, 'support')
      return { run, tool: agent.tool(run, 'search') }
    })
    const lines = runs.flatMap(({ run, tool }) => [
      agent.said(run, 'accepted'),
      agent.begun(run.root),
      agent.said(run, 'started'),
      agent.message(run, 1, 'agent_started', ['emitted', 'routed', 'queued', 'written', 'received']),
      agent.begun(tool),
    ])
    const sent = await field.send('/v1/logs', agent.logs([agent.connection('ready'), ...lines]))
    for (const { run } of runs) lastSent.set(run.id, sent)
    return runs
  }

  const beat = async (): Promise<void> => {
    beats += 1
    const lines = goingOn.map(({ tool }) => agent.progressed(tool, beats))
    await field.send('/v1/logs', agent.logs([agent.pulse(), ...lines]))
  }

  const live = async (): Promise<void> => {
    const mayGoOn = () => !isStopped
    const awake = setInterval(() => {}, 1_000)
    while (mayGoOn()) {
      // Nobody listens, for now.
      await beat().catch(() => {})
      await sleep(systemClock, BEAT)
    }
    clearInterval(awake)
  }
  const living = live()

  return {
    async hang(count) {
      return (await begin(count)).map(({ run }) => run.id)
    },
    async goOn(count) {
      const runs = await begin(count)
      goingOn.push(...runs)
      return runs.map(({ run }) => run.id)
    },
    async end() {
      const runs = goingOn.splice(0)
      const lines = runs.flatMap(({ run, tool }) => [
        agent.ended(tool),
        agent.message(run, 2, 'agent_completed', ['emitted', 'routed', 'queued', 'written', 'received']),
        agent.ended(run.root),
        agent.said(run, 'ended', 'succeeded'),
      ])
      await field.send('/v1/logs', agent.logs(lines))
      return runs.map(({ run }) => run.id)
    },
    wasHeardAt(runId, at) {
      const sent = lastSent.get(runId)
      // The API says whole milliseconds.
      return sent !== undefined && at >= Math.floor(sent.sentAt) - CLOCKS_APART && at <= sent.answeredAt + CLOCKS_APART
    },
    async stop() {
      isStopped = true
      await living
    },
  }
}

/** Two processes of one machine anchor the same wall clock a little differently. */
const CLOCKS_APART: Millis = 20
