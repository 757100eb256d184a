/** Every metric we tell, as a list: what it is called, what it means, and where its value is read. */
import type { Instant, Millis } from '../../contract/units.ts'
import type { SelfWatch } from './self-watch.ts'
import type { VerdictWatch } from './watch-verdicts.ts'
import type { Metric, Sample } from './write-metrics.ts'

/** What is counted elsewhere, as it is at this moment. */
export interface Readings {
  readonly version: string
  readonly startedAt: Instant
  /** By transport: how requests ended, and how many records of each kind they held. */
  readonly doors: Readonly<Record<'http' | 'grpc', Readonly<Record<string, number>>>>
  readonly log: {
    readonly entries: number
    readonly bytes: number
    readonly commits: number
    readonly failedCommits: number
    readonly waitsSince: Instant | null
  }
  readonly history: { readonly waiting: number }
  readonly checkpoint: { readonly at: Instant; readonly tookMs: Millis; readonly chars: number } | null
  readonly watermark: Instant
  /** Thrown away since the start, by what it was. */
  readonly dropped: Readonly<Record<string, number>>
  readonly unknownEvents: number
  /** Nobody listened for so long in all, by why, since this process began to read the log. */
  readonly blind: Readonly<Record<string, Millis>>
  /** Null when nobody is told. */
  readonly messages: { readonly waiting: number; readonly counts: Readonly<Record<string, number>> } | null
  readonly liveClients: number
}

export function collectMetrics(readings: Readings, self: SelfWatch, verdicts: VerdictWatch, now: Instant): Metric[] {
  const { doors, log, history, checkpoint, messages } = readings
  const { ready, checks } = self.readiness()
  return [
    gauge('laststep_build_info', 'Always 1; says which version runs.', [
      { labels: { version: readings.version }, value: 1 },
    ]),
    gauge('laststep_start_time_seconds', 'When this process began, in unix time.', one(readings.startedAt / 1_000)),
    gauge('laststep_ready', '1 when /readyz answers 200.', one(ready ? 1 : 0)),
    gauge(
      'laststep_check_ok',
      '1 for each check of /readyz that holds.',
      checks.map(({ name, ok }) => ({ labels: { check: name }, value: ok ? 1 : 0 })),
    ),

    // Whether verdicts come in time, and whether they are right.
    duration('laststep_verdict_delay_seconds', 'From a deadline to the verdict.', verdicts.made),
    duration('laststep_verdict_stored_delay_seconds', 'From a deadline to the verdict on disk.', verdicts.stored),
    gauge(
      'laststep_watermark_lag_seconds',
      'How far verdicts are behind what was received.',
      one(Math.max(0, now - readings.watermark) / 1_000),
    ),
    duration('laststep_loop_delay_seconds', 'How late a timer of a second fires.', self.loopDelay),
    counter('laststep_blind_seconds_total', 'Nobody listened.', secondsBy('reason', readings.blind)),
    counter('laststep_flags_total', 'Runs flagged as standing still.', verdicts.flags.samples),
    counter('laststep_retractions_total', 'Flagged runs that went on or completed.', verdicts.retractions.samples),
    counter('laststep_verdicts_total', 'Changes of status, by the new one.', by('status', verdicts.verdicts)),
    gauge('laststep_runs_open', 'Runs that have not ended.', by('status', verdicts.openRuns)),
    ...canaryMetrics(self, now),

    // What comes in.
    counter('otelcol_receiver_accepted_spans_total', 'Spans on disk and folded.', perDoor(doors, 'spans')),
    counter('otelcol_receiver_accepted_log_records_total', 'Log records likewise.', perDoor(doors, 'log-records')),
    counter('laststep_records_refused_total', 'Records never understood.', perDoor(doors, 'records-refused')),
    counter('laststep_records_cut_total', 'Records shown in part.', perDoor(doors, 'records-cut')),
    counter('laststep_requests_total', 'OTLP requests, by how they ended.', requestsOf(doors)),
    counter('laststep_dropped_total', 'Thrown away.', by('what', Object.entries(readings.dropped))),
    counter('laststep_unknown_events_total', 'Messages of unknown types.', one(readings.unknownEvents)),

    // What is kept.
    counter('laststep_log_entries_total', 'Requests written to the log.', one(log.entries)),
    counter('laststep_log_bytes_total', 'Bytes of these.', one(log.bytes)),
    counter('laststep_log_commits_total', 'Writes, each with its fdatasync.', one(log.commits)),
    counter('laststep_log_commits_failed_total', 'Of these, refused by the disk.', one(log.failedCommits)),
    gauge('laststep_log_commit_age_seconds', 'How long the oldest waits.', one(age(log.waitsSince, now))),
    gauge('laststep_history_waiting_rows', 'Rows not yet with the database.', one(history.waiting)),
    gauge('laststep_checkpoint_age_seconds', 'Since the last.', checkpoint ? one(age(checkpoint.at, now)) : []),
    gauge('laststep_checkpoint_took_seconds', 'To write it.', checkpoint ? one(checkpoint.tookMs / 1_000) : []),
    gauge('laststep_checkpoint_chars', 'Its length before packing.', checkpoint ? one(checkpoint.chars) : []),

    // Who is told.
    gauge('laststep_messages_waiting', 'Messages not told yet.', messages ? one(messages.waiting) : []),
    counter(
      'laststep_messages_total',
      'Attempts, by result.',
      messages ? by('result', Object.entries(messages.counts)) : [],
    ),
    gauge('laststep_live_clients', 'Readers of the live feed.', one(readings.liveClients)),

    gauge('process_resident_memory_bytes', 'Memory of the process.', one(process.memoryUsage.rss())),
    counter('process_cpu_seconds_total', 'User and system time.', one(cpuSeconds())),
  ]
}

function canaryMetrics({ canary, deadMan }: SelfWatch, now: Instant): Metric[] {
  const last = canary?.last ?? null
  const isInTime = last?.outcome === 'in-time' ? 1 : 0
  return [
    gauge('laststep_canary_in_time', '1 when the last canary run was flagged in time.', last ? one(isInTime) : []),
    gauge('laststep_canary_age_seconds', 'Since the last one was sent.', last ? one(age(last.sentAt, now)) : []),
    gauge(
      'laststep_canary_late_seconds',
      'From its deadline until a reader saw the verdict.',
      last === null || last.lateMs === null ? [] : one(last.lateMs / 1_000),
    ),
    counter(
      'laststep_dead_man_pings_total',
      'Pings, by whether they were taken.',
      deadMan === null ? [] : by('result', Object.entries({ taken: deadMan.pings, failed: deadMan.failures })),
    ),
  ]
}

function gauge(name: string, help: string, samples: Iterable<Sample>): Metric {
  return { name, type: 'gauge', help, samples }
}

function counter(name: string, help: string, samples: Iterable<Sample>): Metric {
  return { name, type: 'counter', help, samples }
}

function duration(name: string, help: string, of: (Metric & { type: 'histogram' })['of']): Metric {
  return { name, type: 'histogram', help, of }
}

const one = (value: number): Sample[] => [{ value }]

function by(label: string, values: Iterable<readonly [string, number]>): Sample[] {
  return Array.from(values, ([text, value]) => ({ labels: { [label]: text }, value }))
}

function secondsBy(label: string, values: Readonly<Record<string, Millis>>): Sample[] {
  return Object.entries(values).map(([text, ms]) => ({ labels: { [label]: text }, value: ms / 1_000 }))
}

function perDoor(doors: Readings['doors'], count: string): Sample[] {
  return Object.entries(doors).map(([transport, counts]) => ({
    labels: { receiver: 'otlp', transport },
    value: counts[count] ?? 0,
  }))
}

const RECORD_COUNTS: ReadonlySet<string> = new Set(['spans', 'log-records', 'records-refused', 'records-cut'])

function requestsOf(doors: Readings['doors']): Sample[] {
  return Object.entries(doors).flatMap(([transport, counts]) =>
    Object.entries(counts)
      .filter(([result]) => !RECORD_COUNTS.has(result))
      .map(([result, value]) => ({ labels: { transport, result }, value })),
  )
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function age(since: Instant | null, now: Instant): number {
  return since === null ? 0 : Math.max(0, now - since) / 1_000
}
