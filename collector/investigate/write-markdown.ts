/**
 * A sheet as one Markdown text, for GitHub, GitLab, Slack and paper: headings, quotes, one table and lists, no diagrams and no
 * HTML. What people wrote stands in quotes, so that a fence or a list somebody left open ends with it; what telemetry said
 * stands in code, as it was, or in words that do nothing.
 */
import type {
  Action,
  Answer,
  Investigation,
  InvestigationExport,
  PinnedEvidence,
} from '../../contract/investigations.ts'
import { inertLine, inertMarkdown, withoutSteering } from './inert-text.ts'
import { shortFingerprint } from './pin-evidence.ts'

/** Longer values stand below the table, each in a block of its own. */
const CELL_MAX = 200

export function writeMarkdown({ investigation: sheet, timeline, address }: InvestigationExport): string {
  const parts = [
    `# ${sheet.id}: ${inertLine(sheet.title)}`,
    factsOf(sheet, address),
    section('Problem', quote(sheet.problem)),
    section('Whys', ladder(sheet)),
    section('Evidence', evidence(sheet.evidence)),
    section('Detection', detection(sheet)),
    section('Contributing factors', quote(sheet.contributing)),
    section('What limited the damage', quote(sheet.limited)),
    section('Actions', sheet.actions.map(action).join('\n')),
    section(
      'Timeline',
      timeline.map(({ at, kind, text, link }) => `- ${at} ${kind}: ${linked(text, link)}`).join('\n'),
    ),
    section('Notes', sheet.notes.map(({ at, by, text }) => `${at}${byWhom(by)}\n\n${quote(text)}`).join('\n\n')),
    `Times are UTC. Written by Laststep from ${sheet.id}, revision ${sheet.rev} of ${sheet.updatedAt}.`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function factsOf({ state, fingerprint, runId, createdAt, by }: Investigation, address: string): string {
  const about = [
    ...(fingerprint === null ? [] : [`incident ${shortFingerprint(fingerprint)}`]),
    ...(runId === null ? [] : [`run ${inertLine(runId)}`]),
  ]
  return [state, ...about, `begun ${createdAt}${byWhom(by)}`, `<${encodeURI(address)}>`].join(' · ')
}

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`
}

/** Depth first: whatever follows from an answer stands below it, branches one after the other. */
function ladder({ answers }: Investigation): string {
  return [...numbered(answers, null, '')].map(([number, answer]) => rung(number, answer)).join('\n\n')
}

/** `1`, `2`, `3a`, `3b`, `4b`: how deep, and which of the branches on the way there. */
function* numbered(
  answers: readonly Answer[],
  parentId: string | null,
  way: string,
  depth = 1,
): Generator<readonly [string, Answer]> {
  const side = answers
    .filter((answer) => answer.parentId === parentId)
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
  for (const [index, answer] of side.entries()) {
    const branch = side.length === 1 ? way : way + letters(index)
    yield [`${depth}${branch}`, answer]
    yield* numbered(answers, answer.id, branch, depth + 1)
  }
}

/** `a` to `z`, then `aa`, as the columns of a sheet are named. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26))
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last
}

function rung(number: string, { question, text, state, evidence: ids, isDraft }: Answer): string {
  const standing = [state, ...(ids.length === 0 ? [] : [ids.join(', ')]), ...(isDraft ? ['drafted by Laststep'] : [])]
  const said = text === '' ? '> (open)' : quote(text)
  return `### ${number}. ${inertLine(question) || 'Why?'}\n\n${said}\n\n${standing.join(' · ')}`
}

function evidence(pieces: readonly PinnedEvidence[]): string {
  if (pieces.length === 0) return ''
  const rows = pieces.map(({ id, kind, title, link, at, frozen }) => {
    const values = frozen.map(({ name, value }) => `${words(name)}: ${valueCell(value)}`)
    return `| ${id} | ${kind} | ${linked(title, link)} | ${at ?? '–'} | ${values.join('; ')} |`
  })
  const table = ['| # | kind | what | at (UTC) | as it was |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
  const long = pieces.flatMap(({ id, frozen }) =>
    frozen
      .filter(({ value }) => !fitsCell(value))
      .map(({ name, value }) => `${id}, ${inertLine(name)}:\n\n${block(value)}`),
  )
  return [table, ...long].join('\n\n')
}

function detection({ detection: { beganAt, detectedAt, delayMs } }: Investigation): string {
  return [
    ...(beganAt === null ? [] : [`- it stood still from ${beganAt}`]),
    ...(detectedAt === null ? [] : [`- it was flagged at ${detectedAt}`]),
    ...(delayMs === null ? [] : [`- delay: ${Math.round(delayMs / 100) / 10} s`]),
  ].join('\n')
}

function action({ text, owner, due, isDone }: Action): string {
  const more = [owner === null ? null : inertLine(owner), due === null ? null : `due ${inertLine(due)}`].filter(Boolean)
  return `- [${isDone ? 'x' : ' '}] ${inertLine(text)}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}

function byWhom(by: string | null): string {
  return by === null ? '' : ` by ${inertLine(by)}`
}

function quote(markdown: string): string {
  const text = inertMarkdown(markdown).trim()
  return text === ''
    ? ''
    : text
        .split('\n')
        .map((line) => (line === '' ? '>' : `> ${line}`))
        .join('\n')
}

/** Words beside code, in a link or in a table: what would end one of these, or pair with a backtick of theirs, is escaped. */
function words(text: string): string {
  return inertLine(text).replace(/[\\`|[\]]/g, (mark) => `\\${mark}`)
}

function linked(text: string, link: string | null): string {
  if (link === null) return words(text)
  return `[${words(text)}](${encodeURI(link).replace(/[()|]/g, (mark) => ESCAPES[mark] ?? mark)})`
}

const ESCAPES: Readonly<Record<string, string>> = { '(': '%28', ')': '%29', '|': '%7C' }

/** In a table a bar ends the cell even inside code. */
function valueCell(value: string): string {
  return fitsCell(value) ? code(value).replaceAll('|', '\\|') : '(below)'
}

/** A backslash before a bar cannot be told from an escape of it. */
function fitsCell(value: string): boolean {
  return value.length <= CELL_MAX && !/[\r\n]|\\\|/.test(value)
}

/** A fence of more backticks than the text has in a row; spaces where the text begins or ends with one. */
function code(text: string): string {
  const line = withoutSteering(text)
  const fence = '`'.repeat(longestTicks(line) + 1)
  const room = line.startsWith('`') || line.endsWith('`') || line.trim() === '' ? ' ' : ''
  return `${fence}${room}${line}${room}${fence}`
}

function block(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestTicks(text) + 1))
  return `${fence}text\n${withoutSteering(text)}\n${fence}`
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
}
