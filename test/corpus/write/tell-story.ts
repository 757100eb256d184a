/**
 * The story in OTLP/JSON: what has been sent when it comes to a stop. Everything happens at beats, a second apart:
 *
 * ```
 * 0 the run begins   1-2 the model asks for the tool   3-4 the tool   5-6 the model answers   7 the run ends
 * ```
 */
import { createHash } from 'node:crypto'
import type { Attributes, Framework, Told } from './story.ts'

export type Case = 'finished' | 'failed' | 'hung-in-model' | 'hung-in-tool'

export interface Request {
  readonly afterMs: number
  readonly signal: 'traces' | 'logs'
  readonly body: unknown
}

/** A span of one story. */
interface Placed {
  readonly told: Told
  readonly id: string
  readonly parent: Placed | null
  readonly from: number
  readonly to: number
  /** In beats: an inner span begins a little later and ends a little earlier. */
  readonly inset: number
  readonly failed: boolean
}

interface Story {
  readonly framework: Framework
  readonly traceId: string
  readonly spans: readonly Placed[]
}

const END = 7
const STOPS: Readonly<Record<Case, number>> = { finished: END, failed: END, 'hung-in-tool': 3, 'hung-in-model': 5 }
const LOGS = [
  ['asked', 2],
  ['called', 3],
  ['returned', 4],
] as const
const BEAT_MS = 1_000
const INSET = 0.005
const BEGINNING = Date.UTC(2026, 10, 27, 10)

export function tellStory(framework: Framework, name: Case): Request[] {
  const story = placeSpans(framework, name)
  const requests: Request[] = []
  for (let beat = 0; beat <= STOPS[name]; beat++) {
    const begun = framework.open === 'no' || framework.open === 'paths' ? [] : beginnings(story, beat)
    const ended = story.spans.filter(({ to }) => to === beat).toReversed()
    const spans = [...begun, ...ended.map((span) => finishedSpan(story, span))]
    if (spans.length > 0) requests.push({ afterMs: beat * BEAT_MS, signal: 'traces', body: traces(framework, spans) })
    const logs = logsAt(story, beat)
    if (logs.length > 0) requests.push({ afterMs: beat * BEAT_MS, signal: 'logs', body: records(framework, logs) })
  }
  const [first] = requests
  return requests.map((request) => ({ ...request, afterMs: request.afterMs - (first?.afterMs ?? 0) }))
}

function placeSpans(framework: Framework, name: Case): Story {
  const { folder, around, run, model, tool } = framework
  const spans: Placed[] = []
  const place = (chain: readonly Told[], around: Placed | null, from: number, to: number, failed: boolean) => {
    let parent = around
    for (const [depth, told] of chain.entries()) {
      const id = makeId(16, folder, name, String(spans.length))
      const span: Placed = { told, id, parent, from, to, inset: depth * INSET, failed }
      spans.push(span)
      parent = span
    }
    return parent
  }
  const fails = name === 'failed'
  const outside = around === undefined ? null : place([around], null, 0, Infinity, false)
  const root = place(run, outside, 0, END, fails)
  place(model, root, 1, 2, false)
  place(tool, root, 3, 4, false)
  place(model, root, 5, 6, fails)
  return { framework, traceId: makeId(32, folder, name), spans }
}

/** Nothing is random: the same files every time. */
function makeId(digits: number, ...of: readonly string[]): string {
  return createHash('sha256').update(of.join('/')).digest('hex').slice(0, digits)
}

function beginnings({ framework, traceId, spans }: Story, beat: number): unknown[] {
  return spans
    .filter(({ from }) => from === beat)
    .map((span) => {
      const open = spanOf(traceId, span, span.told.start)
      if (framework.open === 'no end') return open
      const disguise = { '$span.partial': true, '$span.span_id': span.id }
      return {
        ...spanOf(traceId, span, { ...span.told.start, ...disguise }),
        spanId: makeId(16, span.id),
        endTimeUnixNano: open.startTimeUnixNano,
      }
    })
}

function finishedSpan({ framework, traceId }: Story, span: Placed) {
  const { start, end } = span.told
  const error: Attributes = span.failed && framework.saysOkFirst !== true ? { 'error.type': 'BadRequestError' } : {}
  const paths = framework.open === 'paths' ? laminarPaths(span) : {}
  return {
    ...spanOf(traceId, span, { ...start, ...end, ...error, ...paths }),
    endTimeUnixNano: nanos(span.to - span.inset),
    ...(span.failed ? failure(framework) : framework.saysOkFirst ? { status: { code: 1 } } : {}),
  }
}

function spanOf(traceId: string, { told, id, parent, from, inset }: Placed, attributes: Attributes) {
  return {
    traceId,
    spanId: id,
    ...(parent === null ? {} : { parentSpanId: parent.id }),
    name: told.name,
    kind: told.kind ?? 1,
    startTimeUnixNano: nanos(from + inset),
    attributes: keyValues(attributes),
  }
}

function failure({ saysOkFirst }: Framework) {
  const message = 'The model refused the request.'
  if (saysOkFirst !== true) return { status: { code: 2, message } }
  const attributes = keyValues({ 'exception.type': 'Exception', 'exception.message': message })
  return { status: { code: 1 }, events: [{ timeUnixNano: nanos(6), name: 'exception', attributes }] }
}

/** The names of a span's ancestors and its own, and the ids of its ancestors, as UUIDs. */
function laminarPaths(span: Placed): Attributes {
  const above: Placed[] = []
  for (let each = span.parent; each !== null; each = each.parent) above.unshift(each)
  return {
    'lmnr.span.path': [...above, span].map(({ told }) => told.name),
    'lmnr.span.ids_path': above.map(({ id }) => `00000000-0000-0000-${id.slice(0, 4)}-${id.slice(4)}`),
  }
}

function logsAt({ framework, traceId, spans }: Story, beat: number): unknown[] {
  return LOGS.flatMap(([when, at]) => {
    const log = at === beat ? framework.logs?.[when] : undefined
    if (log === undefined) return []
    return {
      timeUnixNano: nanos(at),
      severityNumber: 9,
      body: { stringValue: log.name },
      attributes: keyValues({ 'event.name': log.name.replace(/^\w+\./, ''), ...log.attributes }),
      traceId,
      spanId: spans[0]?.id,
    }
  })
}

function traces({ scope }: Framework, spans: readonly unknown[]) {
  return { resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope: { name: scope }, spans }] }] }
}

function records({ scope }: Framework, logRecords: readonly unknown[]) {
  return { resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: scope }, logRecords }] }] }
}

function keyValues(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: Attributes[string]): unknown {
  if (typeof value === 'object') return { arrayValue: { values: value.map(anyValue) } }
  if (typeof value === 'number') return { intValue: String(value) }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value }
}

const RESOURCE = { attributes: keyValues({ 'service.name': 'shop', 'service.instance.id': 'shop-1' }) }

function nanos(beat: number): string {
  return `${BEGINNING + Math.round(beat * BEAT_MS)}000000`
}
