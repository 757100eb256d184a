/** What an incident's runs have that healthy ones have not, and what healthy ones do next. */
import '../style/compare.css'
import { useEffect, useMemo } from 'preact/hooks'
import type { ComparedRow, Comparison } from '../../contract/compare.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { sayCohort, sumUp, warnOf } from '../model/compare.ts'
import { paths } from '../paths.ts'
import { DifferenceList } from './difference-list.tsx'
import { NextStepsCard } from './next-steps.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'

/** More would bury what else the page says. */
const ROWS_MAX = 5

/** Those beyond chance; without any, the largest, which say how little there is. */
function leadsOf({ rows }: Comparison): readonly ComparedRow[] {
  const beyond = rows.filter(({ isBeyondChance }) => isBeyondChance)
  return beyond.length === 0 ? rows.slice(0, 2) : beyond.slice(0, ROWS_MAX)
}

export function StallCompare({ incident: { fingerprint } }: { incident: Pick<IncidentDetail, 'fingerprint'> }) {
  const { watchAnswer } = useScreen()
  const a = `incident:${fingerprint}`
  const watch = useMemo(() => watchAnswer<Comparison>(paths.compare(a)), [a])
  useEffect(() => watch.stop, [watch])
  const { data, problem } = watch.state.value
  return (
    <>
      <section class="card compared" aria-labelledby="stall-compare">
        <header>
          <h2 id="stall-compare">Against healthy runs</h2>
          <span class="grow" />
          <a href={paths.compare(a)}>Compare</a>
        </header>
        {problem !== null && <ProblemBox problem={problem} retry={watch.refresh} />}
        {data === null ? (
          problem === null && <SkeletonRows />
        ) : (
          <>
            <p class="compared-sum">
              <b>{sumUp(data)}</b> A difference is a lead, not a cause. {warnOf(data)}{' '}
              <span class="hint">B: {sayCohort(data.b)}</span>
            </p>
            <DifferenceList comparison={data} rows={leadsOf(data)} label="Attributes that differ most" />
          </>
        )}
      </section>
      <NextStepsCard of={paths.stall(fingerprint)} />
    </>
  )
}
