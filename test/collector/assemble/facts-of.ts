/** What is known of all runs once every record has been folded. */
import { openRunBook } from '../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../collector/contracts.ts'
import type { RunFacts } from '../../../collector/run.ts'
import type { Signal } from '../../../collector/signal.ts'
import { START } from '../../kit/manual-clock.ts'

const progression = loadPreset('laststep')

/**
 * All runs that come out, without the names the arrival gave them. Runs withdrawn on the way are left out: an inner
 * agent's spans that come before the outer one's are shown as a run until then.
 */
export function factsOf(signals: readonly Signal[]): Omit<RunFacts, 'id' | 'otherIds' | 'rev'>[] {
  const book = openRunBook({
    contracts: openContracts([progression]),
    judge: (each, now) => judgeRun(each, progression, now),
    changed: () => {},
  })
  for (const signal of signals) book.apply([signal], START)
  // What only goes on is settled a moment later.
  book.advance(START + 250)
  const standing = [...book.rows()].filter(({ facts }) => !facts.outcomeReason?.startsWith('its spans turned out'))
  const all = standing.map(({ facts: { id: _id, otherIds: _otherIds, rev: _rev, ...facts } }) => {
    // A record sent again only counts on; what matters of the count is whether it is hearsay.
    const open = Object.entries(facts.open).map(([id, span]) => [id, { ...span, seq: Math.min(span.seq, 0) }])
    return { ...facts, open: Object.fromEntries(open) }
  })
  return all.sort((a, b) => (`${a.traceId} ${a.spanId}` < `${b.traceId} ${b.spanId}` ? -1 : 1))
}
