/** `npm run stalls`: docs/STALLS.md from the catalogue. `writeStalls` is pure; a test holds the page against it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CATALOGUE, CHAPTERS } from './catalogue/catalogue.ts'
import type { PageCheckName } from './page-checks.ts'
import { isAbsent, type Expected, type Mode } from './mode.ts'

export const STALLS_PAGE = join(import.meta.dirname, '..', '..', 'docs', 'STALLS.md')

export function writeStalls(): string {
  const made = CATALOGUE.filter((mode) => !isAbsent(mode)).length
  const chapters = CHAPTERS.map(({ title, modes }) => `## ${title}\n\n${HEAD}\n${modes.map(rowOf).join('\n')}`)
  return `${intro(made)}\n\n${chapters.join('\n\n')}\n`
}

function intro(made: number): string {
  return `# How agent runs go wrong

<!-- Written by \`npm run stalls\` from tools/lab/catalogue; edit it there. -->

The known ways in which a run fails to bring its answer to its user, from the client's wish to connect to whoever watches the
watcher. Find the symptom; the next column is what Laststep says of it, the last one what to do.

${made} of the ${CATALOGUE.length} rows happen for real in the lab, each in the code where it would happen: \`npx laststep lab\` plays them all beside
healthy runs and compares every verdict with this page, \`npx laststep lab F18 hung-tool\` plays some, and \`--keep\` leaves the
dashboard up to look at each. The runtime takes the name of a fault in \`payload.fault\` of one request, or as \`--fault\` for all.
Rows in **bold** are those of the story this product began with: one symptom, start and then silence, with five causes in turn.

A verdict reads: status at phase, *cause* (confidence). Where no run has begun, what is told is a *finding*: three connections
to one service and more, and one in five of those that tried within a minute, failed in the same way. [CONTRACTS.md](CONTRACTS.md) has the limits, and
[ARCHITECTURE.md](ARCHITECTURE.md) where each is decided.`
}

const HEAD = '| | mode | symptom | what Laststep shows | what to do |\n| --- | --- | --- | --- | --- |'

function rowOf(mode: Mode): string {
  const name = mode.isOrigin ? `**${mode.name}**` : mode.name
  const shows = showsOf(mode.made)
  return `| ${mode.id} | ${name} | ${mode.symptom} | ${shows} | ${mode.remedy} |`
}

function showsOf(made: Mode['made']): string {
  if ('whyNot' in made) return `Nothing: ${made.whyNot}.`
  if ('play' in made) return verdictWords(made.expected)
  const { failure, closeCode } = made.found
  const code = closeCode === null ? '' : ` with ${closeCode}`
  return `The finding *${failure}*${code}: one line for all such connections of the service, with how many and since when`
}

const PAGE_WORDS: Readonly<Record<PageCheckName, string>> = {
  'sent-again': '; its messages show every attempt',
  'out-of-order': '; its messages show the order in which they left',
  'never-handled': '; its messages end at `received`',
  'more-calls-than-results': '; its checklist counts more calls than results',
  'results-without-calls': '; its checklist counts a result without a call',
}

function verdictWords({ status, phase, cause, confidence, file, page, isLate }: Expected): string {
  const at = phase === null ? '' : ` at ${phase}`
  const why = cause === null ? '' : `, *${cause}*`
  const place = file === undefined ? '' : `, and names the line in \`${file}\``
  const late = isLate ? ', and how late it was' : ''
  return `\`${status}\`${at}${why} (${confidence})${place}${late}${page === undefined ? '' : PAGE_WORDS[page]}`
}

if (import.meta.main) writeFileSync(STALLS_PAGE, writeStalls())
