/** One failure mode of connections: play it, wait for the finding, compare. */
import { sleep } from '../../contract/clock.ts'
import type { FailingFinding } from '../../contract/findings.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import { listFindings } from './ask-collector.ts'
import type { ConnectMode } from './mode.ts'
import { CONNECT_PLAYS, PLACES } from './plays/connect.ts'
import type { ModeSettings, Outcome } from './run-mode.ts'

/** Every limit of the lab's contract, and as much again for a machine that is busy. */
const FOUND_WITHIN_MS: Millis = seconds(60)
const LOOK_EVERY_MS: Millis = 250

export async function runConnectMode(mode: ConnectMode, settings: ModeSettings): Promise<Outcome> {
  const { clock, startRuntime, whenOver } = settings
  const { connects, fault, found } = mode.made
  // What is found is told of a service, and must be told apart from what befalls others at the same time.
  const service = serviceOf(mode)
  const flags = ['--service-name', service, '--user-connections', String(PLACES)]
  const runtime = await startRuntime(fault === undefined ? flags : [...flags, '--fault', fault])
  whenOver(runtime.stop)
  const askedAt = clock.now()
  const nothing = { mode, run: null, finding: null, tookMs: null, behindMs: null, healthy: [] }
  const clients = await CONNECT_PLAYS[connects]({ clock, runtime: runtime.url(), user: service })
  for (const client of clients) whenOver(() => client.drop())

  const finding = await firstOf(service, settings, askedAt + FOUND_WITHIN_MS)
  if (finding === null) return { ...nothing, problems: ['nothing was found within a minute'] }
  const problems: string[] = []
  if (finding.failure !== found.failure) problems.push(`found ${finding.failure}, not ${found.failure}`)
  if (finding.closeCode !== found.closeCode)
    problems.push(`close code ${finding.closeCode ?? 'none'}, not ${found.closeCode ?? 'none'}`)
  return { ...nothing, finding, problems, tookMs: clock.now() - askedAt }
}

export function serviceOf({ id, name }: ConnectMode): string {
  return `lab-${id}-${name}`
}

async function firstOf(
  service: string,
  { clock, dashboard }: ModeSettings,
  until: Instant,
): Promise<FailingFinding | null> {
  while (clock.now() < until) {
    for (const finding of await listFindings(dashboard))
      if (finding.kind === 'connections-failing' && finding.service === service) return finding
    await sleep(clock, LOOK_EVERY_MS)
  }
  return null
}
