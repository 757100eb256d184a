/**
 * What is on screen, as evidence: a link that leads back to it, and a copy of the values it shows now. The functions are
 * called as those of `copy-forms.ts` are, so whoever can be copied can be pinned.
 */
import { SHEET_LIMITS, type EvidenceDraft, type EvidenceKind, type FrozenValue } from '../../contract/investigations.ts'
import type { DeliveryView, LogView, RunDetail, RunRow, SpanView } from '../../contract/runs.ts'
import { SPAN_ATTR } from '../../contract/span-attributes.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { fromIso, toIso, type Instant } from '../../contract/units.ts'
import { attributeRows } from './attributes.ts'
import type { Addresses } from './copy-forms.ts'
import { capitalise, formatCode, formatDuration, formatLimit, formatStep, labelOf } from './format.ts'
import { incidentSentence, stepOf, versionWords } from './incidents.ts'
import { originOf, titleOf } from './sentence.ts'
import type { Figure } from './trends.ts'
import { DELIVERY_WORDS } from './words.ts'

/** What was not known when it was pinned is not kept. */
type Values = readonly (readonly [name: string, value: string | null | undefined])[]

export function copyRun(run: RunDetail, at: Addresses, now: () => Instant): EvidenceDraft {
  const { verdict } = run
  const step = verdict.step ?? run.step
  return draft('run', `Run ${run.id}: ${titleOf(run, now())}`, at.link(), verdict.since, [
    ...rowValues(run),
    ['since', verdict.since],
    ['deadline', verdict.deadline],
    ['expected', verdict.limit && `≤ ${formatLimit(verdict.limit.ms)} (${originOf(verdict.limit)})`],
    ['code', step?.code && formatCode(step.code)],
    ['trace', run.traceId],
    ...run.checklist.map(({ event, state, at: when }) => [event, when === null ? state : `${state}, ${when}`] as const),
    ...verdict.evidence.map(({ text }, index) => [`evidence ${index + 1}`, text] as const),
  ])
}

/** A run as a list shows it. */
export function copyRow(run: RunRow, at: Addresses): EvidenceDraft {
  return draft('run', `Run ${run.id}: ${run.status}`, at.link(), run.lastProgressAt, rowValues(run))
}

/** Several rows of a list, which has no address of its own for them: the link leads to the first. */
export function copyRows(rows: readonly (readonly [run: RunRow, at: Addresses])[]): EvidenceDraft {
  const words = ({ status, step }: RunRow) => (step === null ? status : `${status} at ${formatStep(step)}`)
  const [first] = rows
  return draft(
    'run',
    `${rows.length} runs: ${rows.map(([{ id }]) => id).join(', ')}`,
    first?.[1].link() ?? '',
    null,
    rows.map(([run]) => [run.id, words(run)] as const),
  )
}

export function copyIncident(incident: IncidentDetail, at: Addresses): EvidenceDraft {
  const { lead, step, rest } = incidentSentence(incident)
  const { fingerprint, cause, code, agent, environment, deploy } = incident
  return draft('incident', `${labelOf(fingerprint)}: ${lead} ${step}${rest}`, at.link(), incident.firstAt, [
    ['fingerprint', fingerprint],
    ['stalls', String(incident.stalls)],
    ['standing', String(incident.standing)],
    ['users', String(incident.users)],
    ['first', incident.firstAt],
    ['last', incident.lastAt],
    ['step', stepOf(incident)],
    ['cause', cause],
    ['code', code && formatCode(code)],
    ['agent', agent],
    ['environment', environment],
    ['versions', versionWords(incident.versions)],
    ['deploy', deploy && `${deploy.version} at ${deploy.at}`],
  ])
}

/** A span that threw shows its exception first: that is what it is evidence of. */
export function copySpan(span: SpanView, at: Addresses): EvidenceDraft {
  const exception = span.events.findLast(({ name }) => name === 'exception')
  const said = (key: string) => (exception ? String(exception.attributes[key] ?? '') : '')
  const [type, message] = [said(SPAN_ATTR.exceptionType), said(SPAN_ATTR.exceptionMessage)]
  const title = exception ? [type, message].filter(Boolean).join(': ') : `Span ${span.name}, ${lengthOf(span)}`
  return draft(exception ? 'exception' : 'span', title, at.link(), exception?.at ?? span.startedAt, [
    ['exception', type],
    ['message', message],
    ['span', span.name],
    ['span id', span.spanId],
    ['started', span.startedAt],
    ['ended', span.endedAt ?? 'open'],
    ['last heard', span.endedAt === null ? span.lastHeardAt : null],
    ['status', [span.status, span.statusMessage].filter(Boolean).join(': ')],
    ['code', span.code && formatCode(span.code)],
    ...attributeRows(span.attributes).map(({ key, value }) => [key, value] as const),
  ])
}

export function copyMessage(_runId: string, messages: readonly DeliveryView[], at: Addresses): EvidenceDraft {
  const [first] = messages
  const title = `Message ${first?.seq} · ${first?.event}`
  const values = messages.flatMap(({ connectionId, attempt, states, reason }): Values => [
    ['connection', connectionId],
    ['attempt', attempt > 1 ? String(attempt) : null],
    ...states.map(({ state, at: reached }) => [DELIVERY_WORDS[state], reached] as const),
    ['reason', reason],
  ])
  return draft('message', title, at.link(), first?.states[0]?.at ?? null, values)
}

export function copyLog(log: LogView, at: Addresses): EvidenceDraft {
  const says = [log.event, log.body].filter(Boolean).join(' · ')
  return draft('log', says, at.link(), log.at, [
    ['at', log.at],
    ['severity', log.severity],
    ['event', log.event],
    ['line', log.body],
    ['span id', log.spanId],
    ...attributeRows(log.attributes).map(({ key, value }) => [key, value] as const),
  ])
}

export interface FigureShown {
  readonly figure: Figure
  readonly from: Instant
  readonly to: Instant
}

/** @param link of the page with the times it shows now, which do not move with the clock */
export function draftOfFigure({ figure, from, to }: FigureShown, link: string): EvidenceDraft {
  return draft('chart', `${figure.title} ${figure.sentence}`, link, toIso(to), [
    ['from', toIso(from)],
    ['to', toIso(to)],
    ...figure.lines.map(({ name, whole }) => [name, whole] as const),
  ])
}

function rowValues(run: RunRow): Values {
  const step = run.step === null || run.step.phase === 'terminal' ? null : formatStep(run.step)
  return [
    ['status', run.status],
    ['step', step],
    ['cause', run.cause],
    ['last progress', run.lastProgressAt],
    ['started', run.startedAt],
    ['ended', run.endedAt],
    ['agent', run.agent],
    ['service', run.service],
    ['version', run.version],
    ['environment', run.environment],
    ['user', run.userId],
  ]
}

function lengthOf({ startedAt, endedAt }: SpanView): string {
  if (endedAt === null) return `open since ${startedAt}`
  return `took ${formatDuration(fromIso(endedAt) - fromIso(startedAt))}`
}

/** @param link absolute, of a page of this dashboard */
function draft(kind: EvidenceKind, title: string, link: string, at: string | null, values: Values): EvidenceDraft {
  const { pathname, search } = new URL(link)
  const path = pathname + search
  return {
    kind,
    title: cut(title.trim() || capitalise(kind), SHEET_LIMITS.title),
    // Half an address leads elsewhere.
    link: path.length <= SHEET_LIMITS.link ? path : pathname,
    at,
    frozen: values
      .flatMap(([name, value]): FrozenValue[] =>
        value === null || value === undefined || value === ''
          ? []
          : [{ name: cut(name, SHEET_LIMITS.frozenName), value: cut(value, SHEET_LIMITS.frozenValue) }],
      )
      .slice(0, SHEET_LIMITS.frozen),
  }
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`
}
