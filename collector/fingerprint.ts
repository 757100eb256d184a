import { createHash } from 'node:crypto'
import type { RunRow } from '../contract/runs.ts'

/**
 * What makes two stalls the same trouble: the same agent in the same environment, at the same step, for the same cause
 * and, where it is known, at the same line of code. Who the user was and which process it was make no difference.
 */
export function fingerprintOfRun({
  agent,
  environment,
  step,
  cause,
}: Pick<RunRow, 'agent' | 'environment' | 'step' | 'cause'>): string {
  const code = step?.code ?? null
  const place = code === null ? null : [code.file, code.line]
  return hashOf(['run', environment, agent, step?.phase ?? null, step?.name ?? null, cause, place])
}

/** 16 hexadecimal digits. */
export function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
