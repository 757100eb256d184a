/** The live board on a wall: numbers, phases, the worst troubles, the last hour, and the stalls of today. */
import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Deploy } from '../../contract/deploys.ts'
import { attentionRows } from '../model/attention.ts'
import { shownFindings, unexplainedRows } from '../model/findings.ts'
import { count, formatAge, formatCount, labelOf, shortCode } from '../model/format.ts'
import { lookOf, stepOf } from '../model/incidents.ts'
import { fromIso } from '../../contract/units.ts'
import { paths } from '../paths.ts'
import { readStallsFilter, readTrendsView } from '../read-address.ts'
import { FindingList } from './finding-list.tsx'
import { FlightChart } from './flight-chart.tsx'
import { Icon } from './icon.tsx'
import { PhaseStrip } from './phase-strip.tsx'
import { RunTable } from './run-table.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { Tiles } from './tiles.tsx'

/** What fits above the last hour and is read from five metres. */
const ATTENTION_MAX = 8
const INCIDENTS_MAX = 5
/** The same each time, so that the picture is. */
const NO_DEPLOYS: readonly Deploy[] = []

export function WallBoard() {
  return (
    <>
      <h1 class="sr">Live board</h1>
      <Tiles />
      <PhaseStrip phase={null} />
      <Attention />
      <div class="wall-third">
        <LastHour />
        <MostStalls />
      </div>
    </>
  )
}

function Attention() {
  const { live } = useScreen()
  const findings = useComputed(() => shownFindings(live.board.value.findings, live.tick.value).slice(0, ATTENTION_MAX))
  const rows = useComputed(() =>
    attentionRows(unexplainedRows(live.board.value.runs.values(), findings.value), null, live.tick.value),
  )
  const ids = useComputed(() => rows.value.slice(0, ATTENTION_MAX - findings.value.length).map(({ id }) => id))
  const total = findings.value.length + rows.value.length
  const isLoaded = live.board.value.counts !== null
  return (
    <section class="card" id="wall-attention" aria-busy={!isLoaded}>
      <header>
        <h2>Needs attention</h2>
        <span class="count">{formatCount(total)}</span>
        <span class="grow" />
        {total > ATTENTION_MAX && <span class="hint">the {ATTENTION_MAX} most pressing</span>}
      </header>
      <FindingList findings={findings} />
      {isLoaded ? (
        <RunTable ids={ids} empty={total === 0 && <p class="empty">Nothing needs attention.</p>} />
      ) : (
        <SkeletonRows />
      )}
    </section>
  )
}

function LastHour() {
  const { live, watchInFlight, watchTrends } = useScreen()
  const [history, trends] = useMemo(
    () => [watchInFlight(), watchTrends(readTrendsView({ from: 'now-1h' }))] as const,
    [],
  )
  useEffect(
    () => () => {
      history.stop()
      trends.stop()
    },
    [],
  )
  const { data } = history.state.value
  if (data === null) return <section class="card flight" aria-busy="true" />
  return <FlightChart history={data} deploys={trends.state.value.data?.deploys ?? NO_DEPLOYS} now={live.tick.peek()} />
}

function MostStalls() {
  const { live, watchStalls } = useScreen()
  const watch = useMemo(() => watchStalls(readStallsFilter({ sort: 'trend' })), [])
  useEffect(() => watch.stop, [])
  const incidents = (watch.state.value.data?.incidents ?? []).slice(0, INCIDENTS_MAX)
  return (
    <section class="card wall-stalls">
      <header>
        <h2>Most stalls in 24 h</h2>
      </header>
      {watch.state.value.data !== null && incidents.length === 0 && <p class="empty">No run has stalled.</p>}
      <ul role="list">
        {incidents.map(({ fingerprint, life, agent, phase, step, code, standing, trend, lastAt }) => (
          <li key={fingerprint} class={`is-${lookOf({ standing, life })}`}>
            <a href={paths.stall(fingerprint)}>
              <Icon name={lookOf({ standing, life })} />
              <span class="wall-what">
                <b>{stepOf({ phase, step })}</b> {agent}{' '}
                <span class="mono">{code ? shortCode(code) : labelOf(fingerprint)}</span>
              </span>
              <span class="number">
                <b>{formatCount(trend.reduce((sum, each) => sum + each, 0))}×</b>{' '}
                {standing > 0 ? `${count(standing, 'run')} now` : `${formatAge(live.tick.value - fromIso(lastAt))} ago`}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
