/** One incident: what its stalls have in common, when it began, whom it met, and the runs behind it. */
import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useRoute } from 'preact-iso/router'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import type { IncidentDetail, Stall } from '../../contract/stalls.ts'
import { fromIso, hours } from '../../contract/units.ts'
import { count, formatAge, formatCode, formatCount, formatMinute, formatSecond, shortId } from '../model/format.ts'
import {
  deploysOf,
  firstSeen,
  incidentSentence,
  labelOf,
  STATE_LOOKS,
  stallLength,
  stepOf,
} from '../model/incidents.ts'
import { CAUSE_WORDS } from '../model/words.ts'
import { paths } from '../paths.ts'
import { CodeAt } from './code-at.tsx'
import { copyOfIncident } from './copy-of-run.ts'
import { CopyButton, CopyMenu, useCopyThing } from './copy.tsx'
import { Icon, StatusMark } from './icon.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useRowClicks } from './use-row-clicks.ts'
import { useScreen } from './screen.ts'
import { Spark } from './spark.tsx'
import { TagMark } from './stalls-page.tsx'
import { usePausable } from './use-pausable.ts'

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
        <IncidentView incident={incident} />
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

function IncidentView({ incident }: { incident: IncidentDetail }) {
  const { live } = useScreen()
  const { fingerprint } = incident
  const thing = copyOfIncident(incident)
  useCopyThing(thing)
  return (
    <>
      <Headline incident={incident} />
      <div class="run-bar">
        <p class="run-id mono">
          {labelOf(fingerprint)} <CopyButton text={fingerprint} what="fingerprint" />
        </p>
        <dl class="facts">
          <Fact name="agent" value={incident.agent} />
          <Fact name="environment" value={incident.environment} />
        </dl>
        <CopyMenu thing={thing} />
      </div>
      <div class="run-columns">
        <div class="run-main">
          <section class="card">
            <header>
              <h2>The last 24 hours</h2>
              <span class="grow" />
              <span class="hint">stalls in each half hour</span>
            </header>
            <div class="incident-trend">
              <Spark
                trend={incident.trend}
                trendFrom={incident.trendFrom}
                deploys={deploysOf(incident.deploys, incident)}
                height={96}
              />
              <p class="axis">
                <span>{formatMinute(fromIso(incident.trendFrom), live.now())}</span>
                <span>{formatMinute(fromIso(incident.trendFrom) + hours(12), live.now())}</span>
                <span>now</span>
              </p>
            </div>
          </section>
          <LatestStalls incident={incident} />
        </div>
        <div class="run-side">
          <Together incident={incident} />
          <Versions incident={incident} />
          <Users incident={incident} />
        </div>
      </div>
    </>
  )
}

function Headline({ incident }: { incident: IncidentDetail }) {
  const { live } = useScreen()
  const now = live.tick.value
  const { lead, step, rest } = incidentSentence(incident)
  const { cause, code, state, standing, firstAt, lastAt } = incident
  return (
    <section class={`headline is-${STATE_LOOKS[state]}`}>
      <h1>
        <Icon name={STATE_LOOKS[state]} />
        <span>
          {lead} <span class="mono">{step}</span>
          {rest} <TagMark incident={incident} />
        </span>
      </h1>
      <ul role="list">
        {cause !== null && <li>{CAUSE_WORDS[cause]}</li>}
        {standing === 0 && <li>none stands still now</li>}
        <li title={firstAt}>first seen {firstSeen(incident, now)}</li>
        <li title={lastAt}>last {formatAge(now - fromIso(lastAt))} ago</li>
        {code !== null && (
          <li>
            <CodeAt code={code} version={incident.latestStalls[0]?.version ?? incident.firstVersion} />
          </li>
        )}
      </ul>
    </section>
  )
}

function LatestStalls({ incident }: { incident: IncidentDetail }) {
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

/** Nobody trusts a group that does not say why. */
function Together({ incident }: { incident: IncidentDetail }) {
  const { agent, environment, cause, code } = incident
  const runs = paths.runs({
    agent: agent ?? '',
    environment: environment ?? '',
    step: stepOf(incident),
    statuses: [...STANDING_STATUSES],
  })
  return (
    <section class="card">
      <header>
        <h2>Why these are together</h2>
      </header>
      <dl class="ingredients">
        <Pair name="agent" value={agent} />
        <Pair name="environment" value={environment} />
        <Pair name="step" value={stepOf(incident)} />
        <Pair name="cause" value={cause} />
        <Pair name="code" value={code === null ? null : formatCode(code)} />
      </dl>
      <p class="hint in-card">
        Stalls alike in all of these are one; users, processes and versions may differ.{' '}
        <a href={runs}>Runs that stand there now</a>
      </p>
    </section>
  )
}

function Versions({ incident }: { incident: IncidentDetail }) {
  const most = Math.max(1, ...incident.versions.map(({ stalls }) => stalls))
  return (
    <section class="card">
      <header>
        <h2>By version</h2>
      </header>
      <ul class="shares" role="list">
        {incident.versions.map(({ version, stalls }) => (
          <li key={version}>
            <span class="mono">{version ?? 'none named'}</span>
            <span class="share">
              <i style={{ width: `${(stalls / most) * 100}%` }} />
            </span>
            <span class="number">{formatCount(stalls)}×</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Users({ incident }: { incident: IncidentDetail }) {
  const { users, userIds } = incident
  return (
    <section class="card">
      <header>
        <h2>Users</h2>
        <span class="count">{formatCount(users)}</span>
        <span class="grow" />
        {users > 0 && <CopyButton text={userIds.join('\n')} what="list of users" />}
      </header>
      {users === 0 ? (
        <p class="empty">None of these runs says whose it is.</p>
      ) : (
        <p class="in-card names">
          {userIds.slice(0, NAMES_MAX).map((id) => (
            <a key={id} href={paths.runs({ user: id })}>
              {id}
            </a>
          ))}
          {users > NAMES_MAX && <span class="hint">and {count(users - NAMES_MAX, 'other')}</span>}
        </p>
      )}
    </section>
  )
}

const NAMES_MAX = 20

function Fact({ name, value }: { name: string; value: string | null }) {
  if (value === null) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Pair({ name, value }: { name: string; value: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={value === null ? 'hint' : ''}>{value ?? 'not known'}</dd>
    </div>
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
