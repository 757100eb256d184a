import { createHash } from 'node:crypto'
import type { Progression } from './progression.ts'

/** The progression contracts a collector judges by: each run by the one its telemetry names, the others by the first. */
export interface Contracts {
  of(name: string | null): Progression
  /** Names that telemetry gave and no contract has. */
  unknown(): readonly string[]
  /** The fewest intervals without a pulse after which any of them calls a process lost. */
  readonly pulsesMissedMin: number
  /** Of all of them: verdicts reached by others say nothing about these. */
  readonly hash: string
}

/** A sender that makes up a name per run is not listed for ever. */
const UNKNOWN_MAX = 32

/** @param notFound told once of each name that no contract has */
export function openContracts(
  list: readonly [Progression, ...Progression[]],
  notFound: (name: string) => void = () => {},
): Contracts {
  const byName = new Map(list.map((progression) => [progression.name, progression]))
  const unknown = new Set<string>()
  return {
    of(name) {
      const held = name === null ? list[0] : byName.get(name)
      if (held !== undefined) return held
      if (name !== null && !unknown.has(name) && unknown.size < UNKNOWN_MAX) {
        unknown.add(name)
        notFound(name)
      }
      return list[0]
    },
    unknown: () => [...unknown],
    pulsesMissedMin: Math.min(...list.map(({ budgets }) => budgets.pulseIntervalsMissed)),
    hash: list.length === 1 ? list[0].hash : createHash('sha256').update(list.map(hashOf).join()).digest('hex'),
  }
}

const hashOf = (progression: Progression): string => progression.hash
