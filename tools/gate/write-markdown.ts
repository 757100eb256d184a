import { comparisonRows } from './write-text.ts'
import { writeCode, type FailureGroup } from './group-failures.ts'
import { GROUPS_SHOWN, linkTo, oneLine, RUNS_SHOWN, type Report } from './report.ts'

/** For a pull request, a wiki, and the summary of a GitHub job. */
export function writeMarkdown({ outcome, subject, dashboard }: Report): string {
  const { passed, checks, failures, undecided, comparison, weight, notes } = outcome
  const unknown = checks.some(({ name, ok }) => !ok && (name === 'open' || name === 'confirmed')) ? undecided : []
  const parts = [
    `## Laststep gate: ${passed ? 'passed' : 'failed'}`,
    `${plain(subject)}, by ${dashboard}`,
    table([['', 'check', 'says'], ...checks.map(({ name, ok, says }) => [ok ? '✅' : '❌', name, plain(says)])]),
    ...notes.map((note) => `> ${plain(note)}`),
    ...(failures.length === 0
      ? []
      : [
          '### What failed',
          table([
            ['runs', 'what', 'where', ''],
            ...failures.slice(0, GROUPS_SHOWN).map((group) => rowOf(group, dashboard)),
          ]),
        ]),
    ...(unknown.length === 0
      ? []
      : [
          '### What is not known',
          unknown
            .slice(0, RUNS_SHOWN)
            .map(({ id, status }) => `- ${link(id, dashboard)} ${status}`)
            .join('\n'),
        ]),
    ...(comparison === null || weight === null
      ? []
      : ['### Before and after', table(comparisonRows(comparison, weight).map((row) => row.map(plain)))]),
  ]
  return `${parts.join('\n\n')}\n`
}

function rowOf({ title, code, runs }: FailureGroup, dashboard: string): string[] {
  const links = runs.slice(0, RUNS_SHOWN).map(({ id }) => link(id, dashboard))
  const rest = runs.length > RUNS_SHOWN ? [`and ${runs.length - RUNS_SHOWN} more`] : []
  return [
    String(runs.length),
    plain(title),
    code === null ? '' : `\`${oneLine(writeCode(code)).replaceAll(/[`|]/g, ' ')}\``,
    [...links, ...rest].join(' '),
  ]
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const link = (id: string, dashboard: string): string => `[${plain(id)}](${linkTo(dashboard, id)})`

/** Words of others stay words: no markup, no link, no line break, no cell of their own. */
function plain(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_[\]|#~]/g, '\\$&')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('://', ':\\//')
}
