/** A crowd of runs for `chaos-down.ts`: processes that pulse, runs that progress, and what becomes of each while nobody listens. */
import { sleep, systemClock } from '../contract/clock.ts'
import { seconds, type Millis } from '../contract/units.ts'
import { startProcess, type AgentProcess, type AgentRun, type AgentSpan, type Line } from './chaos-agents.ts'
import type { Sent } from './chaos-field.ts'

/** What becomes of a run; all but the first while the collector is down. */
export const FATES = [
  'stalled before',
  'stands still',
  'process dies',
  'ends, told late',
  'ends, unheard',
  'ends, tells itself',
  'goes on',
] as const
export type Fate = (typeof FATES)[number]

export interface Crowd {
  /** Ids of the runs with this fate. */
  of(fate: Fate): readonly string[]
  /** Process after process its runs begin; from then on it pulses and they progress. Resolves when all have begun. */
  begin(): Promise<void>
  /** The collector is gone: each run meets its fate, and what is sent is lost. */
  suffer(): void
  /** The collector is back: whoever held something back sends it. */
  return(): void
  stop(): Promise<void>
}

interface Member {
  readonly fate: Fate
  readonly run: AgentRun
  readonly tool: AgentSpan
  isMoving: boolean
}

interface Host {
  readonly agent: AgentProcess
  readonly members: Member[]
  /** Held back for whoever listens again. */
  held: Line[]
  isDead: boolean
  rounds: number
}

const RUNS_A_PROCESS = 500
const PULSE: Millis = seconds(10)
const BEGUN_AT_ONCE = 100

/** @param send throws when nobody listens */
export function openCrowd(
  counts: Readonly<Record<Fate, number>>,
  progressEvery: Millis,
  send: (body: string) => Promise<Sent>,
): Crowd {
  const hosts: Host[] = []
  const hostOf = (fate: Fate, index: number): Host => {
    // Who dies takes nobody along; all others are dealt out evenly.
    const many = Math.ceil(total(counts) / RUNS_A_PROCESS)
    const at = fate === 'process dies' ? many : index % many
    const host = { agent: startProcess({ instance: `p${at}`, now: systemClock.now, pulseMs: PULSE }), members: [] }
    return (hosts[at] ??= { ...host, held: [], isDead: false, rounds: 0 })
  }
  for (const fate of FATES)
    for (let index = 0; index < counts[fate]; index++) {
      const { agent, members } = hostOf(fate, index)
      const name = fate.replaceAll(/\W+/g, '-')
      const run = agent.run(`${name}-${index}`, 'support')
      // A tool for each fate: a group of messages of its own.
      members.push({ fate, run, tool: agent.tool(run, name), isMoving: fate !== 'stalled before' })
    }
  const all = hosts.flatMap(({ members }) => members)
  let isStopped = false
  const living: Promise<void>[] = []
  const awake = setInterval(() => {}, 1_000)

  async function beat(host: Host): Promise<void> {
    const { agent, members } = host
    const parts = progressEvery / PULSE
    const due = members.filter(({ isMoving }, index) => isMoving && index % parts === host.rounds % parts)
    const lines = due.map(({ tool }) => agent.progressed(tool, host.rounds))
    host.rounds += 1
    // As the SDK does: the pulse has a thread, and requests, of its own.
    await Promise.all([send(agent.logs([agent.pulse()])), lines.length > 0 && send(agent.logs(lines))])
  }

  async function live(host: Host, firstIn: Millis): Promise<void> {
    const mayGoOn = () => !isStopped && !host.isDead
    for (let at = systemClock.now() + firstIn; mayGoOn(); at += PULSE) {
      await sleep(systemClock, at - systemClock.now())
      // Nobody listens: it is lost, as after a sender's last try.
      await beat(host).catch(() => {})
    }
  }

  return {
    of: (fate) => all.filter((member) => member.fate === fate).map(({ run }) => run.id),
    async begin() {
      for (const [index, host] of hosts.entries()) {
        const { agent, members } = host
        for (let at = 0; at < members.length; at += BEGUN_AT_ONCE)
          await send(agent.logs(members.slice(at, at + BEGUN_AT_ONCE).flatMap((member) => beginning(agent, member))))
        // Not all at one moment.
        living.push(live(host, (PULSE * index) / hosts.length))
      }
    },
    suffer() {
      for (const host of hosts)
        for (const member of host.members) {
          if (member.fate === 'goes on') continue
          member.isMoving = false
          if (member.fate === 'process dies') host.isDead = true
          if (!member.fate.startsWith('ends')) continue
          const lines = [host.agent.ended(member.tool), host.agent.ended(member.run.root)]
          if (member.fate === 'ends, told late') host.held.push(...lines)
        }
    },
    return() {
      for (const host of hosts) {
        if (host.held.length > 0) void send(host.agent.logs(host.held))
        host.held = []
      }
    },
    async stop() {
      isStopped = true
      await Promise.all(living)
      clearInterval(awake)
    },
  }
}

function beginning(agent: AgentProcess, { fate, run, tool }: Member): Line[] {
  const words = fate === 'ends, tells itself' ? [agent.said(run, 'accepted'), agent.said(run, 'started')] : []
  return [...words, agent.begun(run.root), agent.begun(tool)]
}

const total = (counts: Readonly<Record<Fate, number>>): number =>
  Object.values(counts).reduce((sum, each) => sum + each)
