/** Users whom nothing befalls: what the lab's faults are told apart from. */
import { sleep, type Clock } from '../../contract/clock.ts'
import type { RunDetail, RunRow } from '../../contract/runs.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { REQUESTS } from '../simulate-users.ts'
import { connectUser, fetchToken } from '../user-client.ts'
import { getRun, listFindings } from './ask-collector.ts'
import type { Board } from './watch-board.ts'

export interface HealthyCrowd {
  readonly asked: number
  /** Let every run come to its end. Resolves with the ids of all. @throws Error when a connection was lost */
  finish(): Promise<readonly string[]>
}

const PAUSE_MS: Millis = 500
/** Far longer than the longest request takes. */
const PATIENCE_MS: Millis = seconds(120)

export function startHealthyCrowd(runtime: string, usersCount: number, clock: Clock): HealthyCrowd {
  const ids: string[] = []
  const over = new AbortController()
  const lives = Array.from({ length: usersCount }, (_, index) => live(index))
  // A failure is told by `finish`; until then it is nobody's.
  for (const life of lives) life.catch(() => {})
  return {
    get asked() {
      return ids.length
    },
    async finish() {
      over.abort()
      await Promise.all(lives)
      return ids
    },
  }

  async function live(index: number): Promise<void> {
    const token = await fetchToken(runtime, `healthy-${index + 1}`)
    const client = await connectUser({ url: `${runtime.replace(/^http/, 'ws')}/ws`, token, clock })
    for (let count = index; !over.signal.aborted; count++) {
      const { agent, text } = REQUESTS[count % REQUESTS.length] ?? REQUESTS[0]
      const runId = await client.ask(text, { agent })
      ids.push(runId)
      // One that does not end is found among the flags.
      await client.waitForEnd(runId, PATIENCE_MS).catch(() => null)
      client.forget()
      await sleep(clock, PAUSE_MS)
    }
    // The last ack is on its way.
    await sleep(clock, PAUSE_MS)
    await client.close()
  }
}

/** Healthy runs that were flagged, each with what was said of it. */
export async function findFalseFlags(
  dashboard: string,
  ids: readonly string[],
  { flagOf }: Pick<Board, 'flagOf'>,
  clock: Clock,
): Promise<string[]> {
  const flags: string[] = []
  for (const id of ids) {
    const problem = problemOf(await settled(dashboard, id, clock), flagOf(id))
    if (problem !== null) flags.push(`${id} ${problem}`)
  }
  return flags
}

/** What was found of connections to services to which nothing was done. @param meant services whose connections were to fail */
export async function findFalseFindings(dashboard: string, meant: readonly string[]): Promise<string[]> {
  return (await listFindings(dashboard)).flatMap((finding) =>
    finding.kind === 'connections-failing' && !meant.includes(finding.service ?? '')
      ? [`${finding.name} ${finding.trouble}`]
      : [],
  )
}

/** Its last acks may still be on their way; a verdict on them is due within seconds. */
async function settled(dashboard: string, id: string, clock: Clock): Promise<RunDetail> {
  for (;;) {
    const run = await getRun(dashboard, id)
    if (run.status !== 'completed' || run.delivery.outcome !== 'pending') return run
    await sleep(clock, PAUSE_MS)
  }
}

function problemOf({ status, cause, verdict, delivery }: RunDetail, flag: RunRow | undefined): string | null {
  if (status !== 'completed' || delivery.outcome !== 'delivered')
    return `is ${status}${cause === null ? '' : ` (${cause})`}, its messages ${delivery.outcome}`
  // A run that was flagged and came to its end all the same says how late it was.
  if (verdict.lateByMs === null) return null
  const as = flag === undefined ? '' : ` as ${flag.status} (${flag.cause}) at ${flag.step?.phase ?? 'its end'}`
  return `was flagged${as}, and completed ${Math.round(verdict.lateByMs)} ms late`
}
