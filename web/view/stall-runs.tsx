/** The runs of an incident, the latest first, and how long each stood. */
import { useMemo } from 'preact/hooks'
import type { IncidentDetail, Stall } from '../../contract/stalls.ts'
import { fromIso } from '../../contract/units.ts'
import { formatCount, formatSecond, shortId } from '../model/format.ts'
import { stallLength } from '../model/incidents.ts'
import { paths } from '../paths.ts'
import { StatusMark } from './icon.tsx'
import { useScreen } from './screen.ts'
import { useRowClicks } from './use-row-clicks.ts'

export function StallRuns({ incident }: { incident: IncidentDetail }) {
  const { latestStalls, firstStall, stalls } = incident
  const isFirstShown = latestStalls.some(
    ({ runId, beganAt }) => runId === firstStall?.runId && beganAt === firstStall.beganAt,
  )
  return (
    <section class="card">
      <header>
        <h2>Runs</h2>
        <span class="count">{formatCount(stalls)}</span>
        <span class="grow" />
        {stalls > latestStalls.length && <span class="hint">the latest {latestStalls.length}</span>}
      </header>
      <div class="row stall-row row-head" aria-hidden="true">
        <span>Run</span>
        <span>Now</span>
        <span>Version</span>
        <span>User</span>
        <span class="number">Stood from</span>
        <span class="number">For</span>
      </div>
      <ul class="rows" role="list" onClickCapture={useRowClicks(false)}>
        {latestStalls.map((stall) => (
          <StallRow key={`${stall.runId} ${stall.beganAt}`} stall={stall} />
        ))}
        {firstStall !== null && !isFirstShown && (
          <>
            <li class="between-rows">the first that is kept</li>
            <StallRow stall={firstStall} />
          </>
        )}
      </ul>
    </section>
  )
}

function StallRow({ stall }: { stall: Stall }) {
  const { live } = useScreen()
  const row = useMemo(() => live.row(stall.runId), [stall.runId])
  // Where the board knows better, the board's word counts.
  const run = row.value !== null && row.value.rev > (stall.run?.rev ?? -1) ? row.value : stall.run
  const now = live.tick.value
  const cells = (
    <>
      <span class="cell-run mono" title={stall.runId}>
        {shortId(stall.runId)}
      </span>
      <span class="cell-status">
        {run === null ? <span class="hint">not kept</span> : <StatusMark status={run.status} />}
      </span>
      <span class="cell-version mono">{stall.version ?? '–'}</span>
      <span class="cell-who">{stall.userId ?? '–'}</span>
      <span class="cell-began number">{formatSecond(fromIso(stall.beganAt), now)}</span>
      <span class="cell-age number">{stallLength(stall, now)}</span>
    </>
  )
  return (
    <li>
      {run === null ? (
        <div class="row stall-row">{cells}</div>
      ) : (
        <a class={`row stall-row is-${run.status}`} href={paths.run(run.id)} data-row={run.id}>
          {cells}
        </a>
      )}
    </li>
  )
}
