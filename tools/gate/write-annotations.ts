import { linkTo, type Report } from './report.ts'

/** GitHub shows ten annotations of a step, and drops the rest. */
const ANNOTATIONS_MAX = 10

/**
 * Workflow commands by which a GitHub job shows what failed beside the code: one for each check, one for each kind of
 * failure that a check failed by, at its line where that is known.
 */
export function writeAnnotations({ outcome, subject, dashboard }: Report): string[] {
  const failing = outcome.checks.filter(({ ok }) => !ok)
  if (failing.length === 0) return [command('notice', { title: 'Laststep gate' }, `passed: ${subject}`)]
  const names = new Set<string>(failing.map(({ name }) => name))
  const groups = outcome.failures.filter(({ axis }) => names.has(axis))
  return [
    ...failing.map(({ name, says }) => command('error', { title: `Laststep gate: ${name}` }, says)),
    ...groups.map(({ title, code, runs: [first, ...others] }) => {
      const place = code === null ? {} : { file: code.file, ...(code.line === null ? {} : { line: String(code.line) }) }
      const more = others.length === 0 ? '' : ` and ${others.length} more`
      return command(
        'error',
        { ...place, title: 'Laststep gate' },
        `${title}: ${linkTo(dashboard, first?.id ?? '')}${more}`,
      )
    }),
  ].slice(0, ANNOTATIONS_MAX)
}

function command(level: 'error' | 'notice', properties: Readonly<Record<string, string>>, message: string): string {
  const listed = Object.entries(properties).map(
    ([name, value]) => `${name}=${escape(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  )
  return `::${level} ${listed.join(',')}::${escape(message)}`
}

/** @actions/core, `escapeData`: a line break would begin a command of somebody else's. */
function escape(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
