/**
 * What a G-Research partial-span collector does with our records, after its code (otel-partial-collector,
 * `exporter/otelpartialexporter` and `receiver/otelpartialreceiver`), with a Map for its database and a clock that is
 * an argument. It reads OTLP/JSON itself, so that it knows nothing of ours.
 */
import type { Instant, Millis } from '../../contract/units.ts'

interface Value {
  readonly stringValue?: string
  readonly boolValue?: boolean
}

interface Attribute {
  readonly key: string
  readonly value: Value
}

/** A span as its collector keeps it and, when its time is over, gives it to the traces pipeline. */
export interface PartialSpan {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly endTimeUnixNano?: string
  readonly attributes: readonly Attribute[]
  /** Of the `TracesData`, united with those of the logs. */
  readonly resource: readonly Attribute[]
}

interface Kept {
  readonly span: PartialSpan
  readonly expiresAt: Instant
}

interface TracesData {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Omit<PartialSpan, 'resource'>[] }[]
  }[]
}

interface LogsData {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly attributes: readonly Attribute[]; readonly body?: Value }[]
    }[]
  }[]
}

export interface GResearchCollector {
  /** A request to `/v1/logs`. @throws Error for a body its collector answers with an error, losing the whole request */
  consume(body: string, now: Instant): void
  /** Its garbage collection: what expired leaves as a trace with the end made up. */
  collect(now: Instant): void
  open(): PartialSpan[]
  /** What `collect` gave to the traces pipeline. */
  readonly expired: readonly PartialSpan[]
  /** Records it logged a warning about. */
  readonly ignored: number
}

export function gResearchCollector(expiryFactor: number): GResearchCollector {
  const kept = new Map<string, Kept>()
  const expired: PartialSpan[] = []
  let ignored = 0

  function consumeRecord(attributes: readonly Attribute[], body: string, resource: readonly Attribute[], now: Instant) {
    const event = textOf(attributes, 'partial.event')
    if (event !== 'heartbeat' && event !== 'stop') return ignored++
    // Without this attribute, or with `proto`, the body is protobuf in base64; ours never is.
    if (textOf(attributes, 'partial.body.type') !== 'json/v1') return ignored++
    const spans = readTraces(body)
    if (event === 'stop') return spans.forEach((span) => kept.delete(keyOf(span)))
    const frequency = parseGoDuration(textOf(attributes, 'partial.frequency'))
    if (frequency === null) return ignored++
    for (const span of spans)
      kept.set(keyOf(span), {
        span: { ...span, resource: merge(span.resource, resource) },
        expiresAt: now + frequency * expiryFactor,
      })
  }

  return {
    consume(body, now) {
      const { resourceLogs } = JSON.parse(body) as LogsData
      for (const { resource, scopeLogs } of resourceLogs)
        for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords))
          consumeRecord(record.attributes, record.body?.stringValue ?? '', resource.attributes, now)
    },
    collect(now) {
      for (const [key, { span, expiresAt }] of kept) {
        if (expiresAt > now) continue
        const gc = { key: 'partial.gc', value: { boolValue: true } }
        expired.push({ ...span, endTimeUnixNano: `${now}000000`, attributes: [...span.attributes, gc] })
        kept.delete(key)
      }
    },
    open: () => Array.from(kept.values(), ({ span }) => span),
    expired,
    get ignored() {
      return ignored
    },
  }
}

/** Its JSON reader (pdata) fails on ids that are not hex of the right length. */
function readTraces(body: string): PartialSpan[] {
  const { resourceSpans } = JSON.parse(body) as TracesData
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => {
        if (!/^[0-9a-f]{32}$/.test(span.traceId)) throw new Error(`no trace id: ${span.traceId}`)
        if (!/^[0-9a-f]{16}$/.test(span.spanId)) throw new Error(`no span id: ${span.spanId}`)
        return { ...span, resource: resource.attributes }
      }),
    ),
  )
}

/** What the trace says of itself stands; of the logs' resource its own `partial.` words are left out. */
function merge(own: readonly Attribute[], logs: readonly Attribute[]): Attribute[] {
  const isNew = ({ key }: Attribute) => !key.startsWith('partial.') && !own.some((attribute) => attribute.key === key)
  return [...own, ...logs.filter(isNew)]
}

const GO_UNITS: Readonly<Record<string, Millis>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Of Go's `time.ParseDuration` the form with one number and one unit. */
function parseGoDuration(text: string | undefined): Millis | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '') ?? []
  return number === undefined ? null : Number(number) * (GO_UNITS[unit] ?? Number.NaN)
}

function keyOf({ traceId, spanId }: PartialSpan): string {
  return `${traceId}:${spanId}`
}

function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value.stringValue
}
