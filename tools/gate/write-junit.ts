import { writeCode } from './group-failures.ts'
import { linkTo, type Report } from './report.ts'

interface Case {
  readonly group: string
  readonly name: string
  /** Null: it passed. */
  readonly failure: string | null
  readonly details: string
}

/** The JUnit format as CI systems read it: a case for each check, and one for each kind of failure that a check failed by. */
export function writeJunit({ outcome, subject, dashboard }: Report): string {
  const failing = new Set(outcome.checks.filter(({ ok }) => !ok).map(({ name }) => name))
  const cases: Case[] = [
    ...outcome.checks.map(({ name, ok, says }) => ({
      group: 'laststep.gate',
      name,
      failure: ok ? null : says,
      details: says,
    })),
    ...outcome.failures
      .filter(({ axis }) => failing.has(axis))
      .map(({ title, code, runs }) => ({
        group: `laststep.${runs.length === 1 ? 'run' : 'runs'}`,
        name: title,
        failure: `${runs.length} × ${title}${code === null ? '' : ` at ${writeCode(code)}`}`,
        details: runs.map(({ id }) => linkTo(dashboard, id)).join('\n'),
      })),
  ]
  const failures = cases.filter(({ failure }) => failure !== null).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}">`,
    `  <testsuite name="${xml(`laststep gate: ${subject}`)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">`,
    ...cases.map(writeCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function writeCase({ group, name, failure, details }: Case): string {
  const opening = `    <testcase classname="${xml(group)}" name="${xml(name)}"`
  if (failure === null) return `${opening}><system-out>${xml(details)}</system-out></testcase>`
  return `${opening}><failure message="${xml(failure)}">${xml(details)}</failure></testcase>`
}

/** XML 1.0 has no way to write most control characters, so they are left out. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
