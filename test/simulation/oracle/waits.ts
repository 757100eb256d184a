import type { Instant } from '../../../contract/units.ts'
import type { HeardRun } from './hear.ts'

/** Since when a run waits for a person, by its records or its messages; null when it does not. */
export function waitSince(run: HeardRun): Instant | null {
  const words = run.records.filter(({ state }) => state === 'waiting' || state === 'resumed')
  const last = words.toSorted((a, b) => a.saidAt - b.saidAt).at(-1)
  if (last?.state === 'waiting') return last.at
  const messages = [...run.messages.values()].sort((a, b) => a.seq - b.seq)
  let asked: Instant[] = []
  for (const { event, at } of messages) {
    if (event === 'approval_required') asked.push(at)
    if (event === 'approval_resolved') asked = asked.slice(1)
    if (event === 'agent_started') asked = []
  }
  return asked.at(-1) ?? null
}

/** When it last came back from waiting. */
export function wentOnAt(run: HeardRun): Instant {
  const events = [...run.messages.values()]
  const hasAsked = events.some(({ event }) => event.startsWith('approval_'))
  const words = events.filter(({ event }) => hasAsked && (event === 'approval_resolved' || event === 'agent_started'))
  const spans = [...run.spans.values()].filter(({ phase }) => phase === 'waiting')
  const moments = [
    ...run.records.filter(({ state }) => state === 'resumed').map(({ at }) => at),
    ...words.map(({ at }) => at),
    ...spans.map(({ endedAt }) => endedAt ?? -Infinity),
  ]
  return Math.max(-Infinity, ...moments)
}
