/** What the lab prints: a line while it works, a table when it is over. Pure. */
import { seconds, type Millis } from '../../contract/units.ts'
import type { Expected, Mode } from './mode.ts'
import type { Outcome } from './run-mode.ts'
import type { LabProgress, LabReport } from './start-lab.ts'

const HEAD = ['fault', 'name', 'status', 'step', 'cause', 'sure', 'time to flag', 'expected', 'ok'] as const

export function writeTable({ outcomes, notMade }: LabReport): string {
  const rows = outcomes.map((outcome) => [...cellsOf(outcome)])
  const table = align([[...HEAD], ...rows])
  const problems = outcomes.flatMap(({ mode, problems: found }) =>
    found.length === 0 ? [] : [`  ${mode.id} ${mode.name}: ${found.join('; ')}`],
  )
  const absent = notMade.map(({ id, name, made }) => `  ${id} ${name}: ${made.whyNot}`)
  return [
    table,
    ...(problems.length === 0 ? [] : ['', 'not as expected', ...problems]),
    ...(absent.length === 0 ? [] : ['', 'not in the lab', ...absent]),
  ].join('\n')
}

export function writeSummary({ outcomes, notMade, healthyRuns, falseFlags, tookMs }: LabReport): string {
  const good = outcomes.filter(({ problems }) => problems.length === 0).length
  const flags = falseFlags.length === 0 ? 'none flagged' : `${falseFlags.length} FLAGGED`
  return [
    ...falseFlags.map((flag) => `  healthy run ${flag}`),
    `${good} of ${outcomes.length} as expected · ${notMade.length} not in the lab · ` +
      `${healthyRuns} healthy runs beside them, ${flags} · ${inWords(tookMs)}`,
  ].join('\n')
}

export function writeProgress({ modes, done, underWay, healthyRuns }: LabProgress): string {
  const wrong = done.filter(({ problems }) => problems.length > 0).length
  const ids = underWay.map(({ id }) => id).join(' ')
  return (
    `${done.length}/${modes} verdicts${wrong > 0 ? `, ${wrong} not as expected` : ''} · ` +
    `${healthyRuns} healthy runs${ids === '' ? '' : ` · waiting for ${ids}`}`
  )
}

export function writeList(modes: readonly Mode[]): string {
  return align(
    modes.map((mode) => [mode.id, mode.name, wordsOf(mode.made), mode.isOrigin ? 'origin story' : '', mode.symptom]),
  )
}

export function expectedWords({ status, cause, phase, isLate }: Expected): string {
  const at = phase === null ? '' : ` at ${phase}`
  return `${status}${at}${cause === null ? '' : `, ${cause}`}${isLate ? ', late' : ''}`
}

function wordsOf(made: Mode['made']): string {
  if ('whyNot' in made) return 'not in the lab'
  return 'play' in made ? expectedWords(made.expected) : `connections failing, ${made.found.failure}`
}

function* cellsOf({ mode, run, finding, tookMs, behindMs, problems }: Outcome): Generator<string> {
  yield mode.id
  yield mode.name
  yield run?.status ?? (finding === null ? '-' : 'connections failing')
  yield run?.step ? `${run.step.phase}${run.step.name === null ? '' : ` › ${run.step.name}`}` : '-'
  yield run?.cause ?? finding?.failure ?? '-'
  yield run?.confidence ?? '-'
  yield tookMs === null ? '-' : `${inWords(tookMs)}${behindMs === null ? '' : ` (deadline + ${inWords(behindMs)})`}`
  yield wordsOf(mode.made)
  yield problems.length === 0 ? 'yes' : 'NO'
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function inWords(length: Millis): string {
  return `${(length / seconds(1)).toFixed(1)} s`
}
