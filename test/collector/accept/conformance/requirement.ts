import type { Target } from './target.ts'

/** One thing an OTLP receiver is asked to do, and how to see whether it does. */
export interface Requirement {
  /** Number of the must-meet list, and what of it. */
  readonly id: string
  /** `must`: the specification says so. `ours`: Laststep asks more of itself. */
  readonly level: 'must' | 'ours'
  readonly says: string
  /** What the target must offer for this to be seen at all. */
  readonly needs?: 'grpc' | 'trouble' | 'passMinutes'
  readonly secondNeed?: 'trouble'
  /** @returns null when it does; else what was seen instead */
  check(target: Target): Promise<string | null>
}

export interface Row {
  readonly requirement: Requirement
  readonly result: 'ok' | 'differs' | 'not offered'
  /** What was seen instead; empty when ok. */
  readonly seen: string
}

/** Runs them one after the other: some of them are rude, and none should be blamed for another. */
export async function runConformance(requirements: readonly Requirement[], target: Target): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const requirement of requirements) rows.push(await look(requirement, target))
  return rows
}

async function look(requirement: Requirement, target: Target): Promise<Row> {
  const missing = [requirement.needs, requirement.secondNeed].find((need) => need !== undefined && !target[need])
  if (missing !== undefined) return { requirement, result: 'not offered', seen: REASONS[missing] }
  try {
    const seen = await requirement.check(target)
    return { requirement, result: seen === null ? 'ok' : 'differs', seen: seen ?? '' }
  } catch (error) {
    return { requirement, result: 'differs', seen: `no answer: ${error instanceof Error ? error.message : error}` }
  }
}

const REASONS = {
  grpc: 'no address for gRPC given (--grpc host:port)',
  trouble: 'can only be seen on a receiver that can be made to fail',
  passMinutes: 'can only be seen on a receiver whose clock can be moved',
}

/** Required rows that were seen and differ. */
export function isConforming(rows: readonly Row[]): boolean {
  return rows.every((row) => row.result !== 'differs' || row.requirement.level !== 'must')
}

export function formatRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map((row) => row.requirement.says.length))
  const lines = rows.map(({ requirement, result, seen }) =>
    [requirement.id.padEnd(18), requirement.level.padEnd(4), requirement.says.padEnd(width), result, seen].join('  '),
  )
  const count = (result: Row['result']): number => rows.filter((row) => row.result === result).length
  return [...lines, '', `${count('ok')} ok, ${count('differs')} differ, ${count('not offered')} not offered`].join('\n')
}
