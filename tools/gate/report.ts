import type { GateOutcome } from './decide-gate.ts'

/** What every form of a gate's report is made of. */
export interface Report {
  readonly outcome: GateOutcome
  /** `runs of the last 15m in staging` */
  readonly subject: string
  /** Where links lead: the dashboard's address. */
  readonly dashboard: string
}

/** Runs named of each group of failures, and groups: more would only repeat it. */
export const RUNS_SHOWN = 5
export const GROUPS_SHOWN = 20

/** Brackets as well: in Markdown one would end the link. */
export function linkTo(dashboard: string, runId: string): string {
  return `${dashboard}/runs/${encodeURIComponent(runId).replaceAll('(', '%28').replaceAll(')', '%29')}`
}

/** Words of others are data: one line, and nothing that a terminal or a log obeys. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
