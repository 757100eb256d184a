/** A search over spans as the page shows it: what was found so far, how far it has come, and how it ended. */
import {
  ATTRIBUTE_TESTS,
  writeCondition,
  type AttributeCondition,
  type AttributeTest,
  type SearchLine,
  type SearchProgress,
  type SpanFound,
} from '../../contract/search.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { count, formatCount, formatSecond } from './format.ts'

export interface SpanSearchState {
  /** Each run once, the newest first. */
  readonly found: readonly SpanFound[]
  readonly progress: SearchProgress | null
  readonly phase: 'searching' | 'stopped' | 'full' | 'over' | 'failed'
  /** Where to go on; null when there is nothing more, or the end was not told. */
  readonly next: string | null
  /** Why it failed. */
  readonly problem: string | null
}

export const SEARCH_BEGINS: SpanSearchState = {
  found: [],
  progress: null,
  phase: 'searching',
  next: null,
  problem: null,
}

export function foldLine(state: SpanSearchState, line: SearchLine): SpanSearchState {
  switch (line.type) {
    case 'found':
      // A page that goes on may tell of a run again.
      return state.found.some(({ run }) => run.id === line.run.id) ? state : { ...state, found: [...state.found, line] }
    case 'progress':
      return { ...state, progress: line }
    case 'end':
      return { ...state, phase: line.next === null ? 'over' : 'full', next: line.next }
  }
}

/** `2 found · looked back to 03:04:11, through 1 204 of 41 310 runs`. */
export function searchWords({ found, progress, phase }: SpanSearchState, now: Instant): string {
  const words = [`${count(found.length, 'run')} found`]
  if (phase === 'over')
    words.push(`everything that is kept was looked through, ${count(progress?.runsTotal ?? 0, 'run')}`)
  else if (progress !== null && progress.backTo !== null)
    words.push(
      `looked back to ${formatSecond(fromIso(progress.backTo), now)}, through ${formatCount(progress.runs)} of ${count(progress.runsTotal, 'run')}`,
    )
  if (phase === 'stopped') words.push('stopped')
  return words.join(' · ')
}

const SIGNS: Readonly<Record<string, AttributeTest>> = { '=': 'is', '!=': 'not', '~': 'has', '>': 'over', '<': 'under' }
const WRITTEN = new RegExp(`^(\\S+)\\s+(${[...ATTRIBUTE_TESTS, ...Object.keys(SIGNS)].join('|')})(?:\\s+(.*))?$`, 's')

/** As people type it: `gen_ai.tool.name is search_orders`, `code.line.number > 80`; any other text is looked for anywhere. */
export function conditionFrom(typed: string): string {
  const [, key = '', word = '', value = ''] = WRITTEN.exec(typed) ?? []
  const test = SIGNS[word] ?? ATTRIBUTE_TESTS.find((one) => one === word)
  if (test === undefined || (test !== 'any' && value === ''))
    return writeCondition({ key: '*', test: 'has', value: typed })
  return writeCondition({ key: key.replaceAll(':', ''), test, value })
}

/** `gen_ai.tool.name is search_orders`. */
export function conditionWords({ key, test, value }: AttributeCondition): string {
  if (key === '*') return `any attribute ${test} ${value}`
  return test === 'any' ? `has ${key}` : `${key} ${test} ${value}`
}
