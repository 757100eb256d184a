import { formatTable } from '../format-table.ts'
import { writeDuration } from '../read-duration.ts'
import { percent, type Comparison, type GateOutcome } from './decide-gate.ts'
import { writeCode, type FailureGroup } from './group-failures.ts'
import { GROUPS_SHOWN, linkTo, oneLine, RUNS_SHOWN, type Report } from './report.ts'
import type { Weight } from './weigh-runs.ts'

/** For a person at a terminal; without a line break at the end. */
export function writeText({ outcome, subject, dashboard }: Report): string {
  const { checks, failures, undecided, comparison, weight, notes, passed } = outcome
  const failing = failures.slice(0, GROUPS_SHOWN).flatMap((group) => ['', ...writeGroup(group, dashboard)])
  const rest = failures.length > GROUPS_SHOWN ? ['', `and ${failures.length - GROUPS_SHOWN} more kinds of failure`] : []
  return [
    `gate: ${subject}, by ${dashboard}`,
    ...checks.map(({ name, ok, says }) => `  ${ok ? '✓' : '✗'} ${name.padEnd(10)}  ${oneLine(says)}`),
    ...notes.map((note) => `    ${oneLine(note)}`),
    ...failing,
    ...rest,
    ...writeUndecided(outcome, undecided.length, dashboard),
    ...(comparison === null || weight === null ? [] : ['', formatTable(comparisonRows(comparison, weight))]),
    '',
    passed
      ? 'PASSED'
      : `FAILED: ${checks
          .filter(({ ok }) => !ok)
          .map(({ name }) => name)
          .join(', ')}`,
  ].join('\n')
}

function writeGroup({ title, code, runs }: FailureGroup, dashboard: string): string[] {
  return [
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}: ${oneLine(title)}${code === null ? '' : `, at ${oneLine(writeCode(code))}`}`,
    ...runs.slice(0, RUNS_SHOWN).map(({ id }) => `  ${linkTo(dashboard, id)}`),
    ...(runs.length > RUNS_SHOWN ? [`  and ${runs.length - RUNS_SHOWN} more`] : []),
  ]
}

function writeUndecided({ undecided, checks }: GateOutcome, count: number, dashboard: string): string[] {
  const isAsked = checks.some(({ name, ok }) => !ok && (name === 'open' || name === 'confirmed'))
  if (count === 0 || !isAsked) return []
  return [
    '',
    `${count} not known:`,
    ...undecided.slice(0, RUNS_SHOWN).map(({ id, status, isUnconfirmed }) => {
      return `  ${linkTo(dashboard, id)}  ${status}${isUnconfirmed ? ', unconfirmed' : ''}`
    }),
    ...(count > RUNS_SHOWN ? [`  and ${count - RUNS_SHOWN} more`] : []),
  ]
}

/** Before and after, a row a figure; the first row names the columns. */
export function comparisonRows({ version, before, news }: Comparison, after: Weight): string[][] {
  const share = (part: number, whole: number): string => (whole === 0 ? '–' : percent(part / whole))
  const time = (ms: number | null): string => (ms === null ? '–' : writeDuration(ms))
  const row = (name: string, of: (weight: Weight) => string): string[] => [name, of(before), of(after)]
  return [
    ['', oneLine(version), 'now'],
    row('runs decided', ({ decided }) => String(decided)),
    row('completion', ({ completed, decided }) => share(completed, decided)),
    row('delivery', ({ delivered, completed }) => share(delivered, completed)),
    row('run p50', ({ p50Ms }) => time(p50Ms)),
    row('run p95', ({ p95Ms }) => time(p95Ms)),
    ...news.slice(0, GROUPS_SHOWN).map((title) => ['new', '', oneLine(title)]),
  ]
}
