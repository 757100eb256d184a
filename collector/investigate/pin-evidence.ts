/** Records of a run and of an incident as evidence: where each is on the dashboard, and the values it shows now. */
import type { EvidenceDraft, FrozenValue } from '../../contract/investigations.ts'
import { SHEET_LIMITS } from '../../contract/investigations.ts'
import type {
  CodeLocation,
  ConnectionView,
  DeliveryView,
  LogView,
  RunDetail,
  SpanEvent,
  SpanView,
} from '../../contract/runs.ts'
import type { Deploy, IncidentDetail } from '../../contract/stalls.ts'
import { inertLine } from './inert-text.ts'

/** What stands in a title: the rest of a long name is among the values. */
const TITLE_MAX = 120
/** More attributes of a span than this say little more; the link has them all. */
const ATTRIBUTES_MAX = 12
const EXCEPTION = 'exception'

/** @param ref of a line of the verdict's evidence (`contract/runs.ts`). @returns null when the record is not there */
export function pinRef(run: RunDetail, ref: string): EvidenceDraft | null {
  const [kind, key] = split(ref, ':')
  switch (kind) {
    case 'span': {
      const span = run.spans.find(({ spanId }) => spanId === key)
      return span === undefined ? null : pinSpan(run, span)
    }
    case 'delivery': {
      const ways = run.deliveries.filter(({ seq }) => String(seq) === key)
      return ways.length === 0 ? null : pinMessage(run, ways)
    }
    case 'connection': {
      const connection = run.connections.find(({ id }) => id === key)
      return connection === undefined ? null : pinConnection(run, connection)
    }
    case 'pulse':
      return run.process === null ? null : pinPulse(run, run.process)
    case 'log': {
      const [state, at] = split(key, '@')
      const log = run.logs.find((each) => each.at === at && each.body === `run ${state}`)
      return log === undefined ? null : pinLog(run, log)
    }
    default:
      return null
  }
}

/** A span with an exception on it is evidence of the exception. */
export function pinSpan(run: RunDetail, span: SpanView): EvidenceDraft {
  const thrown = span.events.findLast(({ name }) => name === EXCEPTION)
  if (thrown !== undefined) return pinException(run, span, thrown)
  return draft('span', span.name, linkTo(run, { span: span.spanId }), span.startedAt, spanValues(span))
}

export function pinLog(run: RunDetail, log: LogView): EvidenceDraft {
  return draft(
    'log',
    log.body === '' ? (log.event ?? log.severity) : log.body,
    linkTo(run, { log: String(run.logs.indexOf(log)) }),
    log.at,
    [
      ['at', log.at],
      ['severity', log.severity],
      ['body', log.body],
      ['span', log.spanId],
    ],
  )
}

export function pinRun(run: RunDetail): EvidenceDraft {
  const { verdict, checklist, step } = run
  const named = (state: string): string =>
    checklist.flatMap((item) => (item.state === state ? [item.event] : [])).join(', ')
  return draft(
    'run',
    `${run.id} ${run.status}${step === null ? '' : ` in ${stepWords(step)}`}`,
    linkTo(run),
    run.startedAt,
    [
      ['run', run.id],
      ['status', run.status],
      ['agent', run.agent],
      ['step', step === null ? null : stepWords(step)],
      ['cause', run.cause],
      ['since', verdict.since],
      ['deadline', verdict.deadline],
      ['limit', verdict.limit === null ? null : `${verdict.limit.ms} ms, ${verdict.limit.from}`],
      ['started at', run.startedAt],
      ['last progress at', run.lastProgressAt],
      ['events seen', named('done')],
      ['overdue', named('overdue')],
      ['pending', named('pending')],
      ['skipped', named('skipped')],
      ['version', run.version],
      ['environment', run.environment],
      ['user', run.userId],
      ['trace', run.traceId],
    ],
  )
}

export function pinIncident(incident: IncidentDetail): EvidenceDraft {
  const { fingerprint, stalls, standing, users, firstAt, lastAt, firstVersion, versions, cause, code } = incident
  return draft('incident', shortFingerprint(fingerprint), `/stalls/${fingerprint}`, firstAt, [
    ['fingerprint', fingerprint],
    ['agent', incident.agent],
    ['step', ingredientWords(incident)],
    ['cause', cause],
    ['code', code === null ? null : codeWords(code)],
    ['stalls', String(stalls)],
    ['standing now', String(standing)],
    ['users', String(users)],
    ['first at', firstAt],
    ['first version', firstVersion],
    ['last at', lastAt],
    ['versions', versions.map(({ version, stalls: count }) => `${version ?? 'none'}: ${count}`).join(', ')],
  ])
}

export function pinDeploy({ service, version, environment, at }: Deploy, incident: IncidentDetail): EvidenceDraft {
  return draft('deploy', `${service} ${version} first seen`, `/stalls/${incident.fingerprint}`, at, [
    ['service', service],
    ['version', version],
    ['environment', environment],
    ['first seen at', at],
    ['first stall at', incident.firstAt],
  ])
}

/** `STL-4F2A09` */
export function shortFingerprint(fingerprint: string): string {
  return `STL-${fingerprint.slice(0, 6).toUpperCase()}`
}

export function stepWords({ phase, name }: { readonly phase: string; readonly name: string | null }): string {
  return name === null ? phase : `${phase} › ${name}`
}

export function ingredientWords({ phase, step }: Pick<IncidentDetail, 'phase' | 'step'>): string | null {
  return phase === null ? step : stepWords({ phase, name: step })
}

export function codeWords({ file, line }: CodeLocation): string {
  return line === null ? file : `${file}:${line}`
}

function pinException(run: RunDetail, span: SpanView, { at, attributes }: SpanEvent): EvidenceDraft {
  const text = (name: string): string => {
    const value = attributes[`${EXCEPTION}.${name}`]
    return value === undefined || value === null ? '' : String(value)
  }
  const [type, message] = [text('type') || 'exception', text('message')]
  // Where the verdict is about it, the line that threw was read from its stack.
  const isVerdict = run.cause === 'exception-swallowed' && run.verdict.evidence.some(({ ref }) => ref === refOf(span))
  const code = isVerdict ? (run.step?.code ?? span.code) : span.code
  const title = message === '' ? type : `${type}: ${message}`
  return draft(EXCEPTION, title, linkTo(run, { span: span.spanId }), at, [
    ['exception.type', type],
    ['exception.message', message],
    [isVerdict ? 'thrown at' : 'code', code === null ? null : codeWords(code)],
    ['recorded at', at],
    ['on span', span.name],
    ['span', span.spanId],
    ['exception.stacktrace', text('stacktrace')],
  ])
}

function pinMessage(run: RunDetail, ways: readonly DeliveryView[]): EvidenceDraft {
  const [{ event, seq, bytes, states } = { event: '', seq: 0, bytes: null, states: [] }] = ways
  return draft('message', `${event}, number ${seq}`, linkTo(run, { msg: String(seq) }), states[0]?.at ?? null, [
    ['event', event],
    ['seq', String(seq)],
    ['bytes', bytes === null ? null : String(bytes)],
    ...ways.flatMap(({ connectionId, attempt, states: reached, reason, targets }): Value[] => [
      ['connection', connectionId === null ? null : `${connectionId}, attempt ${attempt}`],
      ['targets', targets === null ? null : String(targets)],
      ...reached.map(({ state, at }): Value => [state, at]),
      ['reason', reason],
    ]),
  ])
}

/** Of the run's kind: its place is on the page of the run. */
function pinConnection(run: RunDetail, connection: ConnectionView): EvidenceDraft {
  const { id, states, acks, closeCode, clientCloseCode, closeReason, closedBy } = connection
  const codeOf = (code: number | null): string | null => (code === null ? null : String(code))
  return draft('run', `connection ${id} of ${run.id}`, linkTo(run, { conn: id }), states.at(-1)?.at ?? null, [
    ['connection', id],
    ['client acknowledges', acks ? 'yes' : 'no'],
    ...states.map(({ state, at }): Value => [state, at]),
    ['closed by', closedBy],
    ['close code', codeOf(closeCode)],
    ["the client's close code", codeOf(clientCloseCode)],
    ['close reason', closeReason],
  ])
}

function pinPulse(run: RunDetail, process: NonNullable<RunDetail['process']>): EvidenceDraft {
  const { id, lastPulseAt, pulses, intervalMs, blockedSince, loopDelayMs, stopped } = process
  return draft('pulse', `number ${pulses} of process ${id}`, linkTo(run, { process: id }), lastPulseAt, [
    ['process', id],
    ['last pulse at', lastPulseAt],
    ['number', String(pulses)],
    ['interval', `${intervalMs} ms`],
    ['main thread stands since', blockedSince],
    ['event-loop delay', loopDelayMs === null ? null : `${loopDelayMs} ms`],
    ['shut down in order', stopped ? 'yes' : 'no'],
  ])
}

function spanValues(span: SpanView): Value[] {
  const attributes = Object.entries(span.attributes).slice(0, ATTRIBUTES_MAX)
  return [
    ['span', span.spanId],
    ['name', span.name],
    ['started at', span.startedAt],
    ['ended at', span.endedAt ?? `no end (${span.openState ?? 'not told'})`],
    ['last heard at', span.lastHeardAt],
    ['status', [span.status, span.statusMessage].filter(Boolean).join(': ')],
    ['code', span.code === null ? null : codeWords(span.code)],
    ...attributes.map(([key, value]): Value => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  ]
}

type Value = readonly [name: string, value: string | null]

function draft(
  kind: EvidenceDraft['kind'],
  title: string,
  link: string,
  at: string | null,
  values: readonly Value[],
): EvidenceDraft {
  const { frozen, frozenName, frozenValue } = SHEET_LIMITS
  const shown = values.flatMap(([name, value]): FrozenValue[] =>
    value === null || value === '' ? [] : [{ name: cut(name, frozenName), value: cut(value, frozenValue) }],
  )
  return { kind, title: cut(inertLine(title), TITLE_MAX), link, at, frozen: shown.slice(0, frozen) }
}

function linkTo({ id }: RunDetail, selected: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(selected).toString()
  return `/runs/${encodeURIComponent(id)}${query === '' ? '' : `?${query}`}`
}

function refOf({ spanId }: SpanView): string {
  return `span:${spanId}`
}

function split(text: string, at: string): readonly [before: string, after: string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
