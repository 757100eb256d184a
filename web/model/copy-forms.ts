/** In which forms a thing can be copied (ux/SPEC §4.14). Links are absolute and lead back to this very thing. */
import type { EvidenceDraft } from '../../contract/investigations.ts'
import type { DeliveryView, LogView, RunDetail, RunRow, SpanView } from '../../contract/runs.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { messageId } from '../../contract/search.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { attributeRows } from './attributes.ts'
import { formatCode, formatDuration, formatStep } from './format.ts'
import { incidentAsMarkdown, runAsMarkdown } from './markdown.ts'
import { DELIVERY_WORDS, STATUS_WORDS } from './words.ts'

/** The keys `c` and then one of these copy without opening a menu; the others are in the menu alone. */
export const COPY_KINDS = ['link', 'id', 'markdown', 'json', 'text', 'curl'] as const
export type CopyKind = (typeof COPY_KINDS)[number]

export interface CopyForm {
  readonly kind: CopyKind
  readonly name: string
  readonly text: () => string
}

export interface CopyThing {
  /** `run run_…4MO`: what is copied, for people. */
  readonly what: string
  /** Writing them is needed by those who copy, and comes with the first copy. */
  readonly load: () => Promise<readonly CopyForm[]>
  /** The same as evidence, for those who add it to an investigation. */
  readonly draft: () => Promise<EvidenceDraft>
}

/** One way to read each thing: its forms are one of them, its evidence another. */
export interface Writers<T> {
  copyRun(run: RunDetail, at: Addresses, now: () => Instant): T
  copyRow(run: RunRow, at: Addresses): T
  copyIncident(incident: IncidentDetail, at: Addresses): T
  copySpan(span: SpanView, at: Addresses): T
  copyMessage(runId: string, messages: readonly DeliveryView[], at: Addresses): T
  copyLog(log: LogView, at: Addresses): T
}

/** Where the API says the same, and the page that shows it. Both absolute. */
export interface Addresses {
  readonly link: () => string
  readonly api: string
}

export function copyRun(run: RunDetail, at: Addresses, now: () => Instant): readonly CopyForm[] {
  return formsOf(at, {
    id: ['Run id', () => run.id],
    markdown: () => runAsMarkdown(run, at.link(), now()),
    json: run,
  })
}

/** A run as a list shows it. */
export function copyRow(run: RunRow, at: Addresses): readonly CopyForm[] {
  return formsOf(at, {
    id: ['Run id', () => run.id],
    text: () => [run.id, ...rowWords(run)].join('  '),
    markdown: () => `- [${run.id}](${at.link()}) — ${rowWords(run).join(' · ')}\n`,
    json: run,
  })
}

/** Runs of a list that were picked: each as by itself, one after the other. */
export function copyRows(rows: readonly (readonly [run: RunRow, at: Addresses])[]): readonly CopyForm[] {
  const each = rows.map(([run, at]) => copyRow(run, at))
  return (each[0] ?? []).map(({ kind, name }, index) => ({
    kind,
    name: { link: 'Links', id: 'Run ids', markdown: 'Markdown list', curl: 'curl commands' }[kind as string] ?? name,
    text: () => {
      if (kind === 'json')
        return JSON.stringify(
          rows.map(([run]) => run),
          null,
          2,
        )
      return each.map((forms) => `${forms[index]?.text().trimEnd()}\n`).join('')
    },
  }))
}

export function copyIncident(incident: IncidentDetail, at: Addresses): readonly CopyForm[] {
  return formsOf(at, {
    id: ['Fingerprint', () => incident.fingerprint],
    markdown: () => incidentAsMarkdown(incident, at.link()),
    json: incident,
  })
}

export function copySpan(span: SpanView, at: Addresses): readonly CopyForm[] {
  return formsOf(at, {
    id: ['Span id', () => span.spanId],
    text: () => span.name,
    markdown: () =>
      [
        `### Span ${span.name}`,
        `${spanLength(span)} · span ${span.spanId} · trace ${span.traceId}`,
        ...(span.status === 'unset' ? [] : [[span.status, span.statusMessage].filter(Boolean).join(': ')]),
        ...(span.code === null ? [] : [`Code: \`${formatCode(span.code)}\``]),
        '',
        ...table(
          ['attribute', 'value'],
          attributeRows(span.attributes).map(({ key, value }) => [key, value]),
        ),
        '',
        `Link: ${at.link()}`,
        '',
      ].join('\n'),
    json: span,
  })
}

/** @param messages its attempts, one for each connection it went to */
export function copyMessage(runId: string, messages: readonly DeliveryView[], at: Addresses): readonly CopyForm[] {
  const [first] = messages
  const id = messageId(runId, first?.seq ?? 0)
  return formsOf(at, {
    id: ['Message id', () => id],
    text: () => `${first?.seq} ${first?.event}`,
    markdown: () =>
      [
        `### Message ${first?.seq} · ${first?.event}`,
        '',
        ...table(
          ['connection', 'attempt', 'state', 'at (UTC)'],
          messages.flatMap(({ connectionId, attempt, states }) =>
            states.map(({ state, at: reachedAt }) => [
              connectionId ?? '–',
              String(attempt),
              DELIVERY_WORDS[state],
              reachedAt,
            ]),
          ),
        ),
        '',
        `Link: ${at.link()}`,
        '',
      ].join('\n'),
    json: messages,
  })
}

export function copyLog(log: LogView, at: Addresses): readonly CopyForm[] {
  const says = [log.event, log.body].filter(Boolean).join(' · ')
  const line = [log.at, log.severity, says].filter(Boolean).join(' ')
  return formsOf(at, {
    text: () => line,
    markdown: () => `\`\`\`\n${line}\n\`\`\`\nLink: ${at.link()}\n`,
    json: log,
  })
}

interface Said {
  readonly id?: readonly [name: string, text: () => string]
  readonly text?: () => string
  readonly markdown: () => string
  readonly json: unknown
}

function formsOf(at: Addresses, { id, text, markdown, json }: Said): readonly CopyForm[] {
  const forms: readonly (CopyForm | undefined)[] = [
    { kind: 'link', name: 'Link', text: at.link },
    id && { kind: 'id', name: id[0], text: id[1] },
    text && { kind: 'text', name: 'Text', text },
    { kind: 'markdown', name: 'Markdown', text: markdown },
    { kind: 'json', name: 'JSON', text: () => JSON.stringify(json, null, 2) },
    { kind: 'curl', name: 'curl command', text: () => `curl '${at.api}'` },
  ]
  return forms.filter((form) => form !== undefined)
}

function rowWords(run: RunRow): string[] {
  const step = run.step === null || run.step.phase === 'terminal' ? null : formatStep(run.step)
  const words = [STATUS_WORDS[run.status].short, step, run.cause, run.agent, run.version, run.userId]
  return words.filter((word) => word !== null)
}

function spanLength({ startedAt, endedAt }: SpanView): string {
  if (endedAt === null) return `open since ${startedAt}`
  return `${startedAt}, took ${formatDuration(fromIso(endedAt) - fromIso(startedAt))}`
}

/** A cell must not end its row. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`
  return rows.length === 0 ? [] : [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)]
}
