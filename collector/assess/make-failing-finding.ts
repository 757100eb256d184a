import type { FailingFinding } from '../../contract/findings.ts'
import { seconds, toIso } from '../../contract/units.ts'
import type { FailingFindingFacts } from '../connection.ts'

/** A finding about connections as people are told of it. */
export function makeFailingFinding(facts: FailingFindingFacts): FailingFinding {
  const { kind, id, rev, state, service, environment, failure, closeCode, closeReason } = facts
  const { connections, openConnections, limit, instances, since, endedAt, lastFailedAt } = facts
  return {
    id,
    kind,
    rev,
    state,
    name: `connections to ${service ?? 'a service without a name'}${environment === null ? '' : ` in ${environment}`}`,
    since: toIso(since),
    endedAt: endedAt === null ? null : toIso(endedAt),
    service,
    environment,
    failure,
    closeCode,
    closeReason,
    trouble: troubleOf(facts),
    connections,
    lastFailedAt: toIso(lastFailedAt),
    openConnections,
    limit,
    instances,
  }
}

/** What becomes of them: the predicate of a sentence about them. */
function troubleOf({ failure, closeCode, openConnections, limit }: FailingFindingFacts): string {
  const within = limit === null ? '' : ` within ${limit.ms / seconds(1)} s`
  switch (failure) {
    case 'subprotocol-mismatch':
      return `break with ${closeCode} at once: the server takes none of the subprotocols that they offer`
    case 'auth-refused':
      return `are refused with ${closeCode}`
    case 'auth-hung':
      return `are not authenticated${within}`
    case 'never-ready':
      return `are authenticated and not ready${within}`
    case 'handshake-failed':
      return `fail with ${closeCode}, the server's own error, before they are ready`
    case 'closed-as-well':
      return `are closed with ${closeCode}, as if all were well, before they are ready`
    case 'frames-lost':
      return 'lose what their clients say first: it never arrives, and is never answered'
    case 'limit-reached':
      return `are refused with ${closeCode} as too many, while ${openConnections} are open`
    case 'closed-early':
      return `end ${closeCode === null ? '' : `with ${closeCode} `}before they are ready`
  }
}
