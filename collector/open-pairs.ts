import type { Instant } from '../contract/units.ts'
import { ruleOf, type EventRule, type Progression } from './progression.ts'
import type { MessageFacts, RunFacts } from './run.ts'

/** Whether the runtime tells about its runs beyond spans, so that a run span's end is not yet the run's end. */
export function isTold(run: Pick<RunFacts, 'tellsDeliveries' | 'tellsRecords'>): boolean {
  return run.tellsDeliveries || run.tellsRecords
}

/** A message that opened a step or a wait, and what it means. */
export interface OpenPair {
  readonly message: MessageFacts
  readonly rule: EventRule
}

/**
 * What messages opened and no later one closed, oldest first. Pairs are made by call id; without one, the first opened
 * is the first closed. A run that starts again waits no more, and its next turn leaves the calls of the one before behind.
 *
 * A child's events open and close nothing of the run.
 */
export function findOpenPairs(run: Pick<RunFacts, 'messages'>, progression: Progression): OpenPair[] {
  let open: OpenPair[] = []
  for (const message of Object.values(run.messages).sort((a, b) => a.seq - b.seq)) {
    const rule = ruleOf(progression, message.event)
    if (rule === null || rule.scope === 'step' || rule.outcome !== null || rule.phase === 'accepted') continue
    if (isStart(rule)) open = progression.turns ? [] : open.filter((pair) => pair.rule.phase !== 'waiting')
    else if (rule.edge === 'open') open.push({ message, rule })
    else if (rule.edge === 'close') open = withoutClosed(open, { message, rule })
  }
  return open
}

/** The seq at which the turn at hand began; below any in a run that has only one. */
export function turnSeqOf(run: Pick<RunFacts, 'events'>, progression: Progression): number {
  if (!progression.turns) return -1
  const starts = Object.entries(run.events).filter(([type]) => isStart(ruleOf(progression, type)))
  return Math.max(-1, ...starts.map(([, facts]) => facts.lastSeq))
}

/** Since when the run waits for somebody, as its messages tell; null when it does not. */
export function findWait(run: Pick<RunFacts, 'events' | 'messages'>, progression: Progression): Instant | null {
  if (!hasWaited(run, progression)) return null
  const waits = findOpenPairs(run, progression).filter(({ rule }) => rule.phase === 'waiting')
  return waits.at(-1)?.message.emittedAt ?? null
}

/** When the run last went on after a wait: it said that the wait is over, or started again. */
export function wentOnAt(run: Pick<RunFacts, 'events'>, progression: Progression): Instant {
  if (!hasWaited(run, progression)) return -Infinity
  const words = Object.entries(run.events).filter(([type]) => {
    const rule = ruleOf(progression, type)
    return isStart(rule) || (rule?.phase === 'waiting' && rule.edge === 'close')
  })
  return Math.max(-Infinity, ...words.map(([, facts]) => facts.lastAt))
}

/** Whether the run ever waited for somebody, as its messages tell. */
export function hasWaited(run: Pick<RunFacts, 'events'>, progression: Progression): boolean {
  return Object.keys(run.events).some((type) => ruleOf(progression, type)?.phase === 'waiting')
}

export function isStart(rule: EventRule | null): boolean {
  return rule?.phase === 'started' && rule.edge === 'open' && rule.scope === 'run'
}

function withoutClosed(open: OpenPair[], close: OpenPair): OpenPair[] {
  const id = callIdOf(close)
  // A call that ends was also allowed to.
  const isClosed = (pair: OpenPair) =>
    callIdOf(pair) === id &&
    (pair.rule.phase === close.rule.phase ||
      (id !== null && pair.rule.phase === 'waiting' && close.rule.phase === 'tool'))
  if (id !== null) return open.filter((pair) => !isClosed(pair))
  const first = open.findIndex(isClosed)
  return first === -1 ? open : open.toSpliced(first, 1)
}

function callIdOf({ message, rule }: OpenPair): string | null {
  return rule.pair === null ? null : message.toolCallId
}
