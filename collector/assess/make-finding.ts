import type { Finding, SilentFinding } from '../../contract/findings.ts'
import { toIso } from '../../contract/units.ts'
import type { FindingFacts } from '../finding.ts'
import type { SilentFindingFacts, SilentSourceFacts } from '../source.ts'
import { makeFailingFinding } from './make-failing-finding.ts'

const LISTED_MAX = 10

/** A finding as people are told of it. One that is only suspected is told to nobody. */
export function makeFinding(facts: FindingFacts): Finding {
  switch (facts.kind) {
    case 'source-silent':
      return makeSilentFinding(facts)
    case 'connections-failing':
      return makeFailingFinding(facts)
  }
}

function makeSilentFinding({ id, rev, state, since, endedAt, sources }: SilentFindingFacts): SilentFinding {
  const byRuns = sources.toSorted((a, b) => b.openRuns - a.openRuns)
  return {
    id,
    kind: 'source-silent',
    rev,
    state: state === 'suspected' ? 'open' : state,
    name: nameOf(sources),
    since: toIso(since),
    lastHeardAt: toIso(sources.reduce((latest, { heardAt }) => Math.max(latest, heardAt), 0)),
    endedAt: endedAt === null ? null : toIso(endedAt),
    openRuns: sources.reduce((sum, { openRuns }) => sum + openRuns, 0),
    limit: sources[0]?.limit ?? { ms: 0, from: 'nothing', learned: null },
    sources: byRuns.slice(0, LISTED_MAX).map(({ instance, service, environment, heardAt, openRuns, backAt }) => {
      const who = { instance, service, environment, lastHeardAt: toIso(heardAt), openRuns }
      return { ...who, backAt: backAt === null ? null : toIso(backAt) }
    }),
    sourcesTotal: sources.length,
  }
}

/**
 * Who fell silent. Several that did so together share something nobody told us: a host, a network, a gateway that
 * forwards for them. Their service is named where they have one in common.
 */
function nameOf(sources: readonly SilentSourceFacts[]): string {
  const [first] = sources
  if (first === undefined) return 'nobody'
  const services = new Set(sources.map(({ service }) => service))
  if (sources.length === 1)
    return first.service === null ? first.instance : `${first.instance} (service ${first.service})`
  if (services.size > 1) return `${sources.length} instances of ${services.size} services`
  return first.service === null ? `${sources.length} instances` : `${sources.length} instances of ${first.service}`
}
