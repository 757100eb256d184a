/** How an alert leaves: gathered with its like, decided, stored, then told. */
import type { Clock } from '../../contract/clock.ts'
import type { IncidentLife, IncidentState } from '../../contract/incidents.ts'
import type { Finding } from '../../contract/findings.ts'
import type { JudgedRun } from '../judgement.ts'
import { startMessageGroups, type GroupDesk, type SuspectDeploys } from './message-groups.ts'
import { startOutbox, type Outbox, type OutboxDesk } from './outbox.ts'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import { isOwnRun } from '../test-run.ts'
import { subjectOfFinding, subjectOfRun, type HomeOf, type Subject } from './stall-group.ts'
import { openWebhook, type WebhookSettings } from './webhook.ts'

export interface AlertSettings {
  readonly webhook: Omit<WebhookSettings, 'clock'>
  readonly clock: Clock
  readonly desk: GroupDesk & OutboxDesk
  readonly deploys: SuspectDeploys
  readonly log: {
    warn(facts: object, text: string): void
    error(facts: object, text: string): void
  }
  /** Resolves once what was noted so far rests on something that a restart would say again. */
  readonly stored: () => Promise<void>
  /** What people decided about incidents; `incident-book.ts` fits. */
  readonly incidents: {
    readonly homeOf: HomeOf
    lifeOf(fingerprint: string): IncidentLife
    onChange(call: () => void): void
  }
  /** Where people reach the dashboard. */
  readonly address: () => string
}

export interface Alerts {
  /** A run has changed. Never throws. */
  note(run: JudgedRun): void
  found(finding: Finding): void
  /** At the start, once the log has been read: how things are. @param find what became of a run that stood still */
  noteAll(runs: Iterable<JudgedRun>, findings: Iterable<Finding>, find: (id: string) => JudgedRun | null): void
  readonly counts: Outbox['counts']
  /** Lets what is under way end. Safe to call twice. */
  stop(): Promise<void>
}

export function startAlerts(settings: AlertSettings): Alerts {
  const { webhook, clock, desk, deploys, log, stored, incidents, address } = settings
  const outbox = startOutbox({ clock, desk, tell: openWebhook({ ...webhook, clock }), log })
  const stateOf = (fingerprint: string): IncidentState => incidents.lifeOf(fingerprint).state
  const groups = startMessageGroups({ clock, desk, deploys, log, stored, stateOf, send: outbox.put, address })
  incidents.onChange(groups.decided)
  const subjectOf = ({ row, verdict }: JudgedRun): Subject => subjectOfRun(row, verdict, incidents.homeOf)
  return {
    note: (run) => groups.note(run.row.id, STANDING_STATUSES.has(run.row.status), () => subjectOf(run)),
    found: (finding) => groups.note(finding.id, true, () => subjectOfFinding(finding)),
    noteAll(runs, findings, find) {
      const standing = new Map<string, () => Subject>()
      for (const finding of findings) standing.set(finding.id, () => subjectOfFinding(finding))
      for (const run of runs)
        if (STANDING_STATUSES.has(run.row.status) && !isOwnRun(run.row)) standing.set(run.row.id, () => subjectOf(run))
      groups.noteAll(standing, (id) => {
        const run = find(id)
        return run === null ? null : subjectOf(run)
      })
    },
    counts: outbox.counts,
    async stop() {
      await groups.stop()
      await outbox.stop()
    },
  }
}
