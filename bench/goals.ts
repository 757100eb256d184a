/** What a benchmark promised, and what came of it: one line each, as soon as it is known. */

export interface Goals {
  /** @param isMet null for a figure that nothing was promised of */
  row(what: string, goal: string, result: string, isMet: boolean | null): void
  /** A count that must be this one. */
  exactly(what: string, wanted: number, found: number): void
  /** A length of time or a size that must not be exceeded. */
  atMost(what: string, most: number, found: number, unit: string): void
  /** What this machine cannot show, and why. */
  skipped(what: string, why: string): void
  /** Says whether every goal was met; the process will exit with 1 when one was not. */
  conclude(): void
}

export function openGoals(title: string): Goals {
  let areMet = true
  console.log(`${title}\n`)
  const goals: Goals = {
    row(what, goal, result, isMet) {
      areMet &&= isMet !== false
      const word = isMet === null ? '' : isMet ? 'ok' : 'MISSED'
      console.log(`${what.padEnd(72)} ${goal.padStart(12)} ${result.padStart(18)}  ${word}`.trimEnd())
    },
    exactly: (what, wanted, found) => goals.row(what, numberOf(wanted), numberOf(found), wanted === found),
    // NaN is not at most anything.
    atMost: (what, most, found, unit) =>
      goals.row(what, `≤ ${numberOf(most)} ${unit}`, `${numberOf(found)} ${unit}`, found <= most),
    skipped: (what, why) => console.log(`skipped, ${what}: ${why}`),
    conclude() {
      console.log(areMet ? '\nevery goal met' : '\nMISSED')
      if (!areMet) process.exitCode = 1
    },
  }
  return goals
}

function numberOf(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0 })
}

/** `90s`, `10m`, `1h`: as a person writes it on a command line. @throws Error when it is none */
export function lengthOf(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? []
  if (count === undefined) throw new Error(`not a length of time such as 90s, 10m or 1h: ${text}`)
  return Number(count) * (unit === 's' ? 1_000 : unit === 'm' ? 60_000 : 3_600_000)
}
