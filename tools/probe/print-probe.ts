/** What a person reads of a probe: the events of a single run as they come, of many a line each, then the tables. */
import type { ChecklistItem } from '../../contract/runs.ts'
import type { Millis } from '../../contract/units.ts'
import { formatTable } from '../format-table.ts'
import { writeDuration } from '../read-duration.ts'
import type { Watcher } from './probe-run.ts'
import type { RunView } from './run-view.ts'
import type { EventSummary, Summary } from './summarise.ts'

export type Write = (text: string) => void

const FAILED_SHOWN_MAX = 20
/** Longer texts are an answer's: enough to see that it is one. */
const TEXT_CHARS_MAX = 300

/** The events of one run as they come; partial results of one kind go on in the same line. */
export function printRun(write: Write): Watcher {
  let line: string | null = null
  const endLine = (): void => {
    if (line !== null) write('\n')
    line = null
  }
  return {
    connected: (connectionId) => write(`connected${connectionId === null ? '' : ` as ${connectionId}`}\n`),
    asked: (runId) => write(`asked${runId === null ? '' : ` for ${runId}`}\n`),
    seen({ event, afterMs, text }) {
      if (event !== line || text === null) {
        endLine()
        write(`${`+${Math.round(afterMs)} ms`.padStart(10)}  ${event}`)
        if (text !== null) write('  ')
      }
      if (text !== null) write(plain(text))
      line = event
    },
    ended({ runId, problems }) {
      endLine()
      for (const problem of problems) write(`  ✗ ${plain(problem)}\n`)
      write(`${problems.length === 0 ? 'passed' : 'FAILED'}${runId === null ? '' : `  ${runId}`}\n`)
    },
  }
}

/** One line a run. */
export function printEnds(write: Write, count: number): () => Watcher {
  let ended = 0
  return () => ({
    connected() {},
    asked() {},
    seen() {},
    ended({ runId, problems, seen }) {
      const took = seen.at(-1)?.afterMs ?? 0
      const outcome = problems.length === 0 ? `passed in ${writeDuration(took)}` : `FAILED: ${plain(problems[0] ?? '')}`
      write(`${String(++ended).padStart(String(count).length)}/${count}  ${runId ?? '(no id)'}  ${outcome}\n`)
    },
  })
}

/** @returns the tables, without a line break at the end */
export function formatSummary({ runs, passed, failed, events }: Summary, views: readonly RunView[]): string {
  const [only] = views
  const table = formatTable(runs === 1 ? oneRun(events, only?.checklist ?? []) : manyRuns(events))
  const bad = views.filter(({ problems }) => problems.length > 0)
  const named = bad
    .slice(0, FAILED_SHOWN_MAX)
    .flatMap(({ runId, problems }) => [`${runId ?? '(no id)'}`, ...problems.map((problem) => `  ✗ ${plain(problem)}`)])
  const rest = bad.length > FAILED_SHOWN_MAX ? [`and ${bad.length - FAILED_SHOWN_MAX} more`] : []
  const verdict = `${passed} of ${runs} ${runs === 1 ? 'run' : 'runs'} passed${failed === 0 ? '' : `, ${failed} failed`}`
  return [table, '', ...(runs === 1 ? [] : [...named, ...rest]), verdict].join('\n')
}

/** What the checklist says of an event that did not come. */
const ABSENCE = {
  done: 'came',
  pending: 'not yet',
  overdue: 'OVERDUE',
  skipped: 'MISSING',
  optional: 'not seen',
} as const satisfies Record<ChecklistItem['state'], string>

function oneRun(events: readonly EventSummary[], checklist: readonly ChecklistItem[]): string[][] {
  const absent = (event: string): string => ABSENCE[checklist.find((item) => item.event === event)?.state ?? 'pending']
  const rows = events.map(({ event, need, runs, after, waitedMs, limitMs }) => [
    event,
    need,
    runs === 0 ? '–' : writeDuration(after.p50),
    waitedMs === null ? '–' : writeDuration(waitedMs),
    limitMs === null ? '–' : writeDuration(limitMs),
    runs > 0 ? 'came' : absent(event),
  ])
  return [['event', 'need', 'after', 'longest silence before', 'limit', ''], ...rows]
}

function manyRuns(events: readonly EventSummary[]): string[][] {
  const ms = (value: Millis, runs: number): string => (runs === 0 ? '–' : String(Math.round(value)))
  const rows = events.map(({ event, need, runs, after }) => [
    event,
    need,
    String(runs),
    ...[after.p50, after.p95, after.p99, after.max].map((value) => ms(value, runs)),
  ])
  return [['ms from the request', 'need', 'runs', 'p50', 'p95', 'p99', 'max'], ...rows]
}

/** Words of others are data: no line breaks, no control characters, nothing a terminal obeys. */
function plain(text: string): string {
  const shown = text.replaceAll(/\p{Cc}+/gu, ' ')
  return shown.length > TEXT_CHARS_MAX ? `${shown.slice(0, TEXT_CHARS_MAX)}…` : shown
}
