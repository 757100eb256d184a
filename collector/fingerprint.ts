import { createHash } from 'node:crypto'
import type { Finding } from '../contract/findings.ts'
import type { RunRow } from '../contract/runs.ts'
import { codeKeyOf } from './code-key.ts'

/**
 * What makes two stalls the same trouble: the same agent in the same environment, at the same step, for the same cause
 * and, where it is known, in the same code (`code-key.ts`). Who the user was, which process and which version it was
 * make no difference.
 */
export function fingerprintOfRun({
  agent,
  environment,
  step,
  cause,
}: Pick<RunRow, 'agent' | 'environment' | 'step' | 'cause'>): string {
  const code = step?.code ?? null
  return hash(['run', environment, agent, step?.phase ?? null, step?.name ?? null, cause, code && codeKeyOf(code)])
}

/**
 * A process that falls silent again and again is one trouble, and so are the processes of one service; so are connections
 * to a service that fail in the same way.
 */
export function fingerprintOfFinding(finding: Finding): string {
  if (finding.kind === 'connections-failing') {
    const { kind, environment, service, failure, closeCode } = finding
    return hash([kind, environment, service, failure, closeCode])
  }
  const { kind, sources, sourcesTotal } = finding
  const services = [...new Set(sources.map(({ service, environment }) => `${environment}\n${service}`))].sort()
  return hash([kind, services, sourcesTotal === 1 ? (sources[0]?.instance ?? null) : null])
}

/** A fingerprint or its beginning, as the API writes it or as people are shown it. Null when it is neither. */
export function readFingerprint(written: string): string | null {
  const digits = /^(?:stl-)?([\da-f]{4,16})$/i.exec(written)?.[1]
  return digits?.toLowerCase() ?? null
}

/** 16 hexadecimal digits. */
function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
