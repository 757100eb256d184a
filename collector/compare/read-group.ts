/** The runs of a group, digested one batch after the other until there are enough. */
import { SAMPLE_MAX, type ComparedStep } from '../../contract/compare.ts'
import type { Instant } from '../../contract/units.ts'
import type { StoredRun } from '../stored-run.ts'
import { digestRun } from './digest-run.ts'
import type { FullRun, RunDigest } from './run-digest.ts'

export interface Group {
  readonly digests: readonly RunDigest[]
  /** Runs that were read and did not pass the step. */
  readonly notPassed: number
}

export interface GroupSettings {
  readonly step: ComparedStep | null
  /** Only runs whose own span of the step ended, and that never stood still. */
  readonly isHealthy: boolean
  readonly now: Instant
  readonly isStopped: () => boolean
  readonly runs: (offset: number, count: number) => readonly StoredRun[]
  /** In the order in which they are asked for; those whose records are gone are left out. */
  readonly readRuns: (runs: readonly StoredRun[]) => Promise<readonly FullRun[]>
}

/** Entries are shared: a run read by itself costs as much as those that were sent with it. */
const BATCH = SAMPLE_MAX
/** Where few runs pass the step, looking at more would take too long. */
const LOOKED_MAX = 3 * SAMPLE_MAX

export async function readGroup(settings: GroupSettings, most = SAMPLE_MAX): Promise<Group> {
  const { step, isHealthy, now, isStopped, runs, readRuns } = settings
  const digests: RunDigest[] = []
  let notPassed = 0
  for (let offset = 0; offset < LOOKED_MAX && digests.length < most && !isStopped(); offset += BATCH) {
    const batch = runs(offset, Math.min(BATCH, isHealthy ? BATCH : most - digests.length))
    if (batch.length === 0) break
    const candidates = isHealthy ? batch.filter((run) => mayHavePassed(run, step)) : batch
    notPassed += batch.length - candidates.length
    for (const full of await readRuns(candidates)) {
      const digest = digestRun(full, step, now)
      const hasPassed = step === null || (digest.passed?.endedAt ?? null) !== null
      if (isHealthy && !hasPassed) notPassed += 1
      else if (digests.length < most) digests.push(digest)
    }
  }
  return { digests, notPassed }
}

/** As far as is known without reading what it sent. */
function mayHavePassed({ pastStalls, reached }: StoredRun, step: ComparedStep | null): boolean {
  if (pastStalls.length > 0) return false
  return step === null || step.phase === 'waiting' || reached[step.phase] !== undefined
}
