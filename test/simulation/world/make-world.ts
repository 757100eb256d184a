/** A world from a seed: processes, connections, and runs with what really happens to them. */
import { minutes, seconds, type Instant, type Millis } from '../../../contract/units.ts'
import type { Signal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'
import { openRandom, type Random } from '../random.ts'
import { MANNERS, type Connection, type Process, type Saying, type World } from './story.ts'
import { repeatForEver } from './pen.ts'
import { tellPulses } from './tell-pulses.ts'
import { MISHAPS, tellRun } from './tell-run.ts'

export function makeWorld(seed: string): World {
  const random = openRandom(seed)
  const sayings: Saying[] = []
  const say = (saying: Saying) => void sayings.push(saying)
  const startsWithin = minutes(random.int(2, 6))
  const connections = Array.from({ length: random.int(1, 4) }, (_, index) =>
    makeConnection(index, random, startsWithin),
  )
  const processes = Array.from({ length: random.int(1, 3) }, (_, index) => makeProcess(index, random, startsWithin))
  const [first, ...others] = processes
  const [connection, ...more] = connections
  if (first === undefined || connection === undefined) throw new Error('a world has a process and a connection')
  // Most worlds are small, so that a thousand of them are quickly told; some are crowded.
  const count = random.chance(0.03) ? random.int(15, 40) : random.int(3, 8)
  const runs = Array.from({ length: count }, (_, index) => {
    const process = random.pick([first, ...others])
    const mishap = random.chance(0.4) ? 'none' : random.pick(MISHAPS)
    const own = random.fork(`run ${index}`)
    const to = random.chance(0.05) ? null : random.pick([connection, ...more])
    const startsAt = START + random.int(0, startsWithin)
    return tellRun({ label: `r${index}`, process, connection: to, startsAt, mishap, random: own, say })
  })
  const quietFrom = Math.max(START, ...sayings.map(({ at }) => at))
  const endsAt = quietFrom + (random.chance(0.03) ? minutes(40) : minutes(7))
  for (const { process, truth } of runs) repeatForEver(process, truth, endsAt, say)
  for (const process of processes) tellPulses(process, runs, endsAt, say)
  for (const each of connections) tellConnection(each, first, endsAt, say)
  const told = sayings.filter(({ at, process }) => at < endOf(process) && at <= endsAt)
  for (const process of processes) sayGoodbye(process, runs, (saying) => void told.push(saying))
  told.sort((a, b) => a.at - b.at)
  return { seed, processes, connections, runs, sayings: told, endsAt }
}

export function endOf({ crashesAt, exitsAt }: Process): Instant {
  return Math.min(crashesAt ?? Infinity, exitsAt ?? Infinity)
}

function makeConnection(index: number, random: Random, within: Millis): Connection {
  return {
    id: `c${index}`,
    user: `user${index}`,
    acks: random.chance(0.7),
    opensAt: START,
    closesAt: random.chance(0.2) ? START + random.int(0, within) : null,
  }
}

function makeProcess(index: number, random: Random, within: Millis): Process {
  const manner = random.pick(MANNERS)
  const beats = manner === 'full' || manner === 'records' || manner === 'spans'
  const blocks = beats && random.chance(0.2) ? makeBlocks(random, within) : []
  const fate = random.int(0, 9)
  const at = START + random.int(seconds(20), within + minutes(2))
  const offset = random.chance(0.5) ? random.int(-24 * 3_600_000, 24 * 3_600_000) : 0
  const drift = random.int(-200, 200) / 1e6
  const name = `p${index}`
  const source = { service: 'agents', version: '1.0', environment: 'test', instance: name, workingDirectory: null }
  return {
    name,
    manner,
    source: { ...source, contract: null },
    pulseEvery: beats ? random.pick([seconds(5), seconds(10), seconds(10)]) : null,
    crashesAt: fate === 0 ? at : null,
    exitsAt: fate === 1 ? at : null,
    blocks,
    trueAt: (work) => blocks.reduce((time, { from, lengthMs }) => (time >= from ? time + lengthMs : time), work),
    // Drift is slower than any two moments of work are close, so the order of a process's own moments stays.
    clock: (time) => Math.round(time + offset + (time - START) * drift),
  }
}

function makeBlocks(random: Random, within: Millis): Process['blocks'] {
  const from = START + random.int(seconds(10), within)
  return [
    { from, lengthMs: random.pick([random.int(300, 2_000), random.int(2_000, 9_000), random.int(11_000, 90_000)]) },
  ]
}

function tellConnection(
  { id, user, acks, opensAt, closesAt }: Connection,
  process: Process,
  until: Instant,
  say: (saying: Saying) => void,
): void {
  const common = { kind: 'connection', source: process.source, connectionId: id, userId: user, acks } as const
  const tell = (at: Instant, signal: Signal) => say({ at, process, queue: 'logs', signal })
  const open = {
    stream: null,
    isSubprotocolRefused: false,
    framesLost: 0,
    closeCode: null,
    clientCloseCode: null,
    closeReason: null,
    closedBy: null,
  }
  tell(opensAt, { ...common, ...open, state: 'ready', at: process.clock(opensAt) })
  if (closesAt === null || closesAt > until) return
  const shut = {
    stream: null,
    isSubprotocolRefused: false,
    framesLost: 0,
    closeCode: 1_006,
    clientCloseCode: null,
    closeReason: null,
    closedBy: 'client',
  } as const
  tell(closesAt, { ...common, ...shut, state: 'closed', at: process.clock(closesAt) })
}

/** An orderly exit ends every open span of the process unfinished. */
function sayGoodbye(process: Process, runs: World['runs'], say: (saying: Saying) => void): void {
  const { exitsAt, pulseEvery } = process
  if (exitsAt === null || pulseEvery === null) return
  for (const run of runs)
    for (const { span, from, to } of run.process === process ? run.truth.spans : [])
      if (from < exitsAt && to >= exitsAt)
        say({ at: exitsAt, process, queue: 'logs', signal: { ...span, seq: 2_000, stopReason: 'shutdown' } })
}
