/** Which lines of a run's log are shown. */
import type { LogView } from '../../contract/runs.ts'

/** OpenTelemetry's names, the least first; `info2` and the like count with their first. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type Level = (typeof LEVELS)[number]

export interface LogFilter {
  /** Every word must stand somewhere in the line, in whatever case. */
  readonly text: string
  /** This level and those above; null for all lines, also those of a level nobody knows. */
  readonly level: Level | null
}

/** @returns the places of the lines that fit, among all of them; null when nothing is asked */
export function filterLogs(logs: readonly LogView[], { text, level }: LogFilter): readonly number[] | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && level === null) return null
  const least = level === null ? -1 : LEVELS.indexOf(level)
  return logs.flatMap((log, index) => {
    const said = `${log.severity} ${log.event ?? ''} ${log.body} ${JSON.stringify(log.attributes)}`.toLowerCase()
    return levelOf(log) >= least && words.every((word) => said.includes(word)) ? [index] : []
  })
}

/** -1 for a word that is no level. */
function levelOf({ severity }: LogView): number {
  const word = severity.toLowerCase().replace(/\d$/, '')
  return LEVELS.findIndex((level) => level === (word === 'warning' ? 'warn' : word))
}
