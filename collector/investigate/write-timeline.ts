/** What happened, in order of time: of runs, deploys and alerts as far as they are kept, and of what the sheet holds itself. */
import type { Investigation, TimelineEntry, TimelineKind } from '../../contract/investigations.ts'
import type { IsoTime, RunDetail } from '../../contract/runs.ts'
import type { IncidentDetail, Stall } from '../../contract/stalls.ts'
import { fromIso, hours, toIso, type Instant } from '../../contract/units.ts'
import type { SheetFacts } from '../investigation.ts'
import { inertLine } from './inert-text.ts'
import { ingredientWords, stepWords } from './pin-evidence.ts'

/** A message as it was told; `toldAt` is when its receiver said yes. */
export interface ToldAlert {
  readonly body: string
  readonly toldAt: Instant
}

/** Of an incident's stalls the first and so many of the latest: a list of hundreds shows no order of events. */
const STALLS_MAX = 10
/** A deploy longer before the first stall is no part of its story. */
const DEPLOY_MS_MAX = hours(24)
const NOTE_MAX = 200

export function writeTimeline(
  sheet: Investigation,
  { run, incident }: SheetFacts,
  told: readonly ToldAlert[],
): TimelineEntry[] {
  const entries = [
    ...(incident === null ? [] : [...deploysOf(incident), ...stallsOf(incident, sheet.runId)]),
    ...(run === null ? [] : ofRun(run)),
    ...told.flatMap(ofAlert),
    ...sheet.evidence.flatMap(({ at, kind, title, link, id }) =>
      // Laststep pins what is in the timeline by itself.
      at === null || kind === 'run' || kind === 'incident' || kind === 'deploy'
        ? []
        : [entry(at, 'evidence', `${id} ${kind}: ${title}`, link)],
    ),
    ...sheet.notes.map(({ at, by, text }) => entry(at, 'note', `${by === null ? '' : `${by}: `}${cut(text)}`, null)),
  ]
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function deploysOf({ deploys, deploy, firstAt, environment, fingerprint }: IncidentDetail): TimelineEntry[] {
  const from = toIso(fromIso(firstAt) - DEPLOY_MS_MAX)
  const near = deploys.filter((each) => each.environment === environment && each.at >= from)
  const isAmong = near.some((each) => each.at === deploy?.at && each.version === deploy.version)
  return [...near, ...(deploy === null || isAmong ? [] : [deploy])].map(({ at, service, version }) =>
    entry(at, 'deploy', `${service} ${version} first seen`, `/stalls/${fingerprint}`),
  )
}

/** @param own the run whose own story is told */
function stallsOf(incident: IncidentDetail, own: string | null): TimelineEntry[] {
  const { firstStall, latestStalls } = incident
  const where = ingredientWords(incident)
  const latest = latestStalls.slice(0, STALLS_MAX)
  const isAmong = latest.some((stall) => stall.runId === firstStall?.runId && stall.beganAt === firstStall.beganAt)
  const told = isAmong || firstStall === null ? latest : [firstStall, ...latest]
  return told.filter(({ runId }) => runId !== own).flatMap((stall) => ofStall(stall, where))
}

function ofStall({ runId, beganAt, endedAt }: Stall, where: string | null): TimelineEntry[] {
  const link = linkToRun(runId)
  const began = entry(beganAt, 'stall', `run ${runId} stalled${where === null ? '' : ` in ${where}`}`, link)
  return endedAt === null ? [began] : [began, entry(endedAt, 'stall', `run ${runId} stood still no more`, link)]
}

function ofRun(run: RunDetail): TimelineEntry[] {
  const { id, startedAt, endedAt, status, verdict, pastStalls } = run
  const link = linkToRun(id)
  const flagged = (step: RunDetail['step'], at: IsoTime, how: string): TimelineEntry =>
    entry(at, 'stall', `run ${id} ${how}${step === null ? '' : ` in ${stepWords(step)}`}`, link)
  return [
    entry(startedAt, 'run', `run ${id} started`, link),
    ...pastStalls.flatMap((past) => [
      flagged(past.step, past.since, past.status),
      entry(past.endedAt, 'stall', `run ${id} ${past.ending}`, link),
    ]),
    ...(status === 'stalled' || status === 'lost' || status === 'undelivered'
      ? [flagged(verdict.step, verdict.since, status)]
      : []),
    ...(endedAt === null ? [] : [entry(endedAt, 'run', `run ${id} ended: ${run.outcome ?? status}`, link)]),
  ]
}

/** The desk keeps a message as the text that was sent (`notify/message.ts`). */
function ofAlert({ body, toldAt }: ToldAlert): TimelineEntry[] {
  const { type, data } = JSON.parse(body) as { type: string; data: { run?: { id: string }; group?: { count: number } } }
  const runId = data.run?.id ?? null
  const count = data.group?.count ?? 1
  const of = runId === null ? '' : `: run ${runId}${count > 1 ? ` and ${count - 1} more` : ''}`
  return [entry(toIso(toldAt), 'alert', `told: ${type}${of}`, runId === null ? null : linkToRun(runId))]
}

function entry(at: IsoTime, kind: TimelineKind, text: string, link: string | null): TimelineEntry {
  return { at, kind, text: inertLine(text), link }
}

function linkToRun(id: string): string {
  return `/runs/${encodeURIComponent(id)}`
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= NOTE_MAX ? line : `${line.slice(0, NOTE_MAX - 1)}…`
}
