import { isStart } from '../../collector/open-pairs.ts'
import { ruleOf, type Progression } from '../../collector/progression.ts'
import type { SeenEvent } from './run-view.ts'

/**
 * What is wrong with the order in which a run's events arrived, as sentences. The contract says what may come: numbers
 * grow by one, nothing comes before the start or after the end, and what is owed to the user in pairs comes in pairs.
 */
export function checkOrder(seen: readonly SeenEvent[], progression: Progression): string[] {
  return [
    ...wrongNumbers(seen, progression),
    ...beforeStart(seen, progression),
    ...unopened(seen, progression),
    ...afterEnd(seen, progression),
  ]
}

function wrongNumbers(seen: readonly SeenEvent[], { turns }: Progression): string[] {
  const problems: string[] = []
  let last: number | null = null
  for (const { event, seq } of seen) {
    if (seq === null) continue
    // Some count from 0 and some from 1; where a run has turns, each may count anew.
    const isBeginning = last === null || (turns && seq <= 1)
    if (isBeginning && seq > 1) problems.push(`${event} is number ${seq}, and nothing came before it`)
    else if (!isBeginning && last !== null && seq !== last + 1)
      problems.push(`${event} is number ${seq}, right after ${last}: ${whatHappened(seq, last)}`)
    last = seq
  }
  return problems
}

function whatHappened(seq: number, last: number): string {
  if (seq === last) return 'it came twice'
  if (seq < last) return 'it came out of order'
  return seq === last + 2 ? `${last + 1} is missing` : `${last + 1} to ${seq - 1} are missing`
}

function beforeStart(seen: readonly SeenEvent[], progression: Progression): string[] {
  const starts = progression.required.filter((key) => isStart(progression.events[key] ?? null))
  if (starts.length === 0) return []
  const startedAt = seen.findIndex(({ event }) => isStart(ruleOf(progression, event)))
  const early = seen.slice(0, startedAt === -1 ? seen.length : startedAt).filter(({ event }) => {
    const rule = ruleOf(progression, event)
    return rule !== null && rule.phase !== 'accepted' && rule.phase !== 'started' && rule.outcome === null
  })
  return early.slice(0, 1).map(({ event }) => `${event} came before ${starts.join(' or ')}`)
}

/** Only of closings that are owed to the user: some vocabularies also close what never began. */
function unopened(seen: readonly SeenEvent[], progression: Progression): string[] {
  const open = new Map<string, number>()
  const problems: string[] = []
  for (const { event, callId } of seen) {
    const rule = ruleOf(progression, event)
    if (rule === null || rule.edge === 'point' || rule.scope === 'step' || rule.outcome !== null) continue
    const pair = `${rule.phase} ${callId ?? ''}`
    const count = open.get(pair) ?? 0
    if (rule.edge === 'open') open.set(pair, count + 1)
    else if (count > 0) open.set(pair, count - 1)
    else if (progression.critical.includes(rule.key))
      problems.push(`${event}${callId === null ? '' : ` of ${callId}`} came, and nothing had opened it`)
  }
  return problems
}

function afterEnd(seen: readonly SeenEvent[], progression: Progression): string[] {
  return seen
    .filter(({ event, isAfterEnd }) => isAfterEnd && ruleOf(progression, event)?.scope === 'run')
    .map(({ event }) => `${event} came after the run had ended`)
}
