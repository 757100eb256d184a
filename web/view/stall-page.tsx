/** One incident: what its stalls have in common, when it began, whom it met, and the runs behind it. A list of sections. */
import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useRoute } from 'preact-iso/router'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { paths } from '../paths.ts'
import { DecisionSheet } from './decision-sheet.tsx'
import { useDecisions } from './decisions.ts'
import { useKeys } from './keyboard.ts'
import { lazyPart } from './lazy.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { StallBar, StallHeadline } from './stall-headline.tsx'
import { StallHistory, StallLife } from './stall-life.tsx'
import { StallRuns } from './stall-runs.tsx'
import { StallUsers, StallVersions } from './stall-shares.tsx'
import { StallTogether } from './stall-together.tsx'
import { StallTrend } from './stall-trend.tsx'
import { usePausable } from './use-pausable.ts'

const StallDeploys = lazyPart(async () => (await import('./stall-deploys.tsx')).StallDeploys)
const StallCompare = lazyPart(async () => (await import('./stall-compare.tsx')).StallCompare)

export function StallPage() {
  const fingerprint = useRoute().params['fingerprint'] ?? ''
  return <WatchedStall key={fingerprint} fingerprint={fingerprint} />
}

function WatchedStall({ fingerprint }: { fingerprint: string }) {
  const { watchStall } = useScreen()
  const watch = useMemo(() => watchStall(fingerprint), [])
  useEffect(() => watch.stop, [watch])
  useEffect(() => void (document.title = `${fingerprint} · Stalls · Laststep`), [])
  const { problem } = watch.state.value
  const { value: incident } = usePausable(useComputed(() => watch.state.value.data))
  if (incident !== null)
    return (
      <>
        {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
        <IncidentView incident={incident} refresh={watch.refresh} />
      </>
    )
  if (problem?.code === 'not-found') return <UnknownStall fingerprint={fingerprint} />
  if (problem) return <ProblemBox problem={problem} retry={watch.refresh} />
  return (
    <section class="card" aria-busy="true">
      <h1 class="sr">Stalls {fingerprint}</h1>
      <SkeletonRows />
    </section>
  )
}

function IncidentView({ incident, refresh }: { incident: IncidentDetail; refresh: () => void }) {
  const decisions = useDecisions(refresh)
  useKeys({
    acknowledge: () => void decisions.decide(incident, { action: 'acknowledge' }),
    mute: () => decisions.ask(incident, 'mute'),
  })
  return (
    <>
      <StallHeadline incident={incident} />
      <StallBar incident={incident} />
      <DecisionSheet decisions={decisions} />
      <StallLife incident={incident} decisions={decisions} />
      <div class="run-columns">
        <div class="run-main">
          <StallTrend incident={incident} />
          <StallDeploys fingerprint={incident.fingerprint} />
          <StallCompare incident={incident} />
          <StallRuns incident={incident} />
          <StallHistory incident={incident} />
        </div>
        <div class="run-side">
          <StallTogether incident={incident} decisions={decisions} />
          <StallVersions incident={incident} decisions={decisions} />
          <StallUsers incident={incident} />
        </div>
      </div>
    </>
  )
}

function UnknownStall({ fingerprint }: { fingerprint: string }) {
  return (
    <section class="message">
      <h1>No stalls “{fingerprint}”</h1>
      <p>No stalls have this fingerprint. It may be mistyped or too short, or they are older than what is kept.</p>
      <p>
        <a href={paths.stalls()}>List the stalls</a> or <a href={paths.live()}>see what is live</a>.
      </p>
    </section>
  )
}
