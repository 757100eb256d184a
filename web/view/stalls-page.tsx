/** Stalls by what they have in common: which trouble there is, how often, since when, and whether it goes on. */
import { useComputed, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { INCIDENT_FIELDS, INCIDENT_SORTS, type Incident, type IncidentList } from '../../contract/stalls.ts'
import { INCIDENT_STATES, type IncidentState } from '../../contract/incidents.ts'
import { fromIso } from '../../contract/units.ts'
import { capitalise, count, formatAge, formatCode, formatCount, labelOf, shortCode } from '../model/format.ts'
import { riskWords, siblingWords } from '../model/incident-life.ts'
import { deploysOf, firstSeen, lookOf, SORT_WORDS, stepOf, tagOf } from '../model/incidents.ts'
import { CAUSE_WORDS } from '../model/words.ts'
import { paths, type StallsFilter } from '../paths.ts'
import { readStallsFilter } from '../read-address.ts'
import { ChoiceField, FilterForm, FoldChip } from './filter-form.tsx'
import { DecisionSheet } from './decision-sheet.tsx'
import { useDecisions, type Decisions } from './decisions.ts'
import { Icon } from './icon.tsx'
import { useKeys } from './keyboard.ts'
import { ListHeader } from './list-header.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { say } from './said.tsx'
import { useScreen, type Watch } from './screen.ts'
import { Spark } from './spark.tsx'
import { useHeldList, useHold } from './use-held-list.ts'
import { usePausable } from './use-pausable.ts'

export function StallsPage() {
  const { url, query } = useLocation()
  const { watchStalls } = useScreen()
  const filter = readStallsFilter(query)
  const watch = useMemo(() => watchStalls(filter), [url])
  useEffect(() => watch.stop, [watch])
  useEffect(() => void (document.title = 'Stalls · Laststep'), [])
  return (
    <>
      <h1 class="sr">Stalls</h1>
      <Filters
        filter={filter}
        values={watch.state.value.data?.values ?? null}
        count={(state) => <StateCount key={url} watch={watch} state={state} />}
      />
      {/* Another question is another list: it starts unheld. */}
      <Stalls key={url} watch={watch} filter={filter} />
    </>
  )
}

function Stalls({ watch, filter }: { watch: Watch<IncidentList>; filter: StallsFilter }) {
  const { problem, isFetching } = watch.state.value
  const answer = usePausable(useComputed(() => watch.state.value.data))
  const region = useRef<HTMLElement>(null)
  const wanted = useComputed(() => answer.value?.incidents.map(({ fingerprint }) => fingerprint) ?? [])
  const total = useComputed(() => answer.value?.total ?? 0)
  const list = useHeldList(wanted, useHold(region))
  const { value: data } = answer
  const decisions = useDecisions(watch.refresh)
  const onFocused = (call: (incident: Incident) => void) => () => {
    const row = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row']
    const incident = data?.incidents.find(({ fingerprint }) => fingerprint === row)
    if (incident === undefined) say('Go to a row first, with j and k')
    else call(incident)
  }
  useKeys({
    'show-new': list.show,
    acknowledge: onFocused((incident) => void decisions.decide(incident, { action: 'acknowledge' })),
    mute: onFocused((incident) => decisions.ask(incident, 'mute')),
  })
  return (
    <>
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      <DecisionSheet decisions={decisions} />
      <section class="card" id="stalls" ref={region} aria-busy={data === null && isFetching}>
        <ListHeader title="Stalls by cause" total={total} list={list} />
        {data === null ? (
          problem === null && <SkeletonRows />
        ) : (
          <Incidents ids={list.shown.value} data={data} filter={filter} decisions={decisions} />
        )}
        {data !== null && data.total > data.incidents.length && (
          <p class="more">
            The first {formatCount(data.incidents.length)} of {formatCount(data.total)}; narrow them down to see the
            others.
          </p>
        )}
      </section>
    </>
  )
}

interface IncidentsProps {
  readonly ids: readonly string[]
  readonly data: IncidentList
  readonly filter: StallsFilter
  readonly decisions: Decisions
}

function Incidents({ ids, data, filter, decisions }: IncidentsProps) {
  // One that left the answer stays in a held list, as it was last heard of.
  const kept = useRef(new Map<string, Incident>())
  for (const incident of data.incidents) kept.current.set(incident.fingerprint, incident)
  const shown = ids.flatMap((id) => kept.current.get(id) ?? [])
  kept.current = new Map(shown.map((incident) => [incident.fingerprint, incident]))
  if (shown.length === 0) return <NoStalls data={data} filter={filter} />
  return (
    <ul class="rows incidents" role="list">
      {shown.map((incident) => (
        <li key={incident.fingerprint}>
          <IncidentRow incident={incident} data={data} />
          <button
            type="button"
            class="button is-square incident-more"
            aria-haspopup="dialog"
            aria-label={`Decide about ${labelOf(incident.fingerprint)}`}
            onClick={() => decisions.ask(incident, 'menu')}
          >
            <Icon name="chevron" />
          </button>
        </li>
      ))}
    </ul>
  )
}

function IncidentRow({ incident, data }: { incident: Incident; data: IncidentList }) {
  const { fingerprint, life, cause, code, agent, environment, stalls, standing, users } = incident
  const look = lookOf(incident)
  const risk = riskWords(incident)
  return (
    <a class={`incident is-${look}`} href={paths.stall(fingerprint)} data-row={fingerprint}>
      <span class="incident-mark">
        <Icon name={look} />
        <span class="sr">{life.state}: </span>
      </span>
      <span class="incident-what">
        <b>{stepOf(incident)}</b> {code && <code title={formatCode(code)}>{shortCode(code)}</code>}{' '}
        <TagMark incident={incident} />{' '}
        {life.state !== 'open' && <span class={`tag is-${life.state}`}>{life.state}</span>}
        {life.assignee !== null && <span class="hint"> @{life.assignee}</span>}
      </span>
      <span class="incident-why">
        <span class="mono">{labelOf(fingerprint)}</span>
        {risk !== null && <b>{risk}</b>}
        {incident.siblings.slice(0, 1).map((sibling) => (
          <span key={sibling.fingerprint}>{siblingWords(sibling)}</span>
        ))}
        {cause !== null && <span>{CAUSE_WORDS[cause]}</span>}
        <span>{[agent, environment].filter(Boolean).join(' · ') || 'no agent named'}</span>
      </span>
      <span class="incident-spark">
        <Spark
          trend={incident.trend}
          trendFrom={data.trendFrom}
          deploys={deploysOf(data.deploys, incident)}
          height={24}
        />
      </span>
      <span class="incident-count number">
        <b>{formatCount(stalls)}×</b>
        <span>{users === 0 ? 'no user named' : count(users, 'user')}</span>
      </span>
      <span class="incident-now number">
        <b>{standing === 0 ? '–' : formatCount(standing)}</b>
        <span>{standing === 0 ? 'quiet' : 'stand now'}</span>
      </span>
      <span class="incident-when">
        <FirstAndLast incident={incident} />
      </span>
    </a>
  )
}

export function TagMark({ incident }: { incident: Incident }) {
  const words = tagOf(incident)
  return words === null ? null : <span class={`tag is-${incident.tag}`}>{words}</span>
}

/** Ticks by itself; the row around it stays as it is. */
function FirstAndLast({ incident }: { incident: Incident }) {
  const { live } = useScreen()
  const now = live.tick.value
  return (
    <>
      <span>last {formatAge(now - fromIso(incident.lastAt))} ago</span>
      <span>first {firstSeen(incident, now)}</span>
    </>
  )
}

const STATE_WORDS = { open: 'Open', acknowledged: 'Acknowledged', muted: 'Muted', resolved: 'Resolved' } as const

interface FiltersProps {
  readonly filter: StallsFilter
  /** What there is to choose from; null before it is known. */
  readonly values: IncidentList['values'] | null
  /** How many there are in a state. */
  readonly count: (state: IncidentState | 'standing') => ComponentChildren
}

function Filters({ filter, values, count: countOf }: FiltersProps) {
  const { route } = useLocation()
  // Filters that are set are always in sight.
  const isFolded = useSignal(!hasFilter({ ...filter, state: null, isStanding: false }))
  const go = (change: Partial<StallsFilter>) => route(paths.stalls({ ...filter, ...change }))
  return (
    <FilterForm label="Stalls">
      <div class="chips" role="group" aria-label="State">
        {INCIDENT_STATES.map((state) => (
          <button
            key={state}
            type="button"
            class="chip"
            aria-pressed={filter.state === state}
            onClick={() => go({ state: filter.state === state ? null : state })}
          >
            {STATE_WORDS[state]} {countOf(state)}
          </button>
        ))}
        <button
          type="button"
          class="chip is-stalled"
          aria-pressed={filter.isStanding}
          onClick={() => go({ isStanding: !filter.isStanding })}
        >
          <Icon name="stalled" />
          standing now {countOf('standing')}
        </button>
        <FoldChip isFolded={isFolded} />
      </div>
      <div class={`fields ${isFolded.value ? 'is-folded' : ''}`}>
        {INCIDENT_FIELDS.map((name) => (
          <ChoiceField
            key={name}
            label={capitalise(name)}
            none="any"
            value={filter[name]}
            options={values?.[name] ?? []}
            choose={(value) => go({ [name]: value })}
          />
        ))}
        <ChoiceField
          label="Order"
          none={SORT_WORDS.last}
          value={filter.sort === 'last' ? '' : filter.sort}
          options={INCIDENT_SORTS.filter((sort) => sort !== 'last')}
          words={SORT_WORDS}
          choose={(chosen) => {
            const sort = INCIDENT_SORTS.find((each) => each === chosen) ?? 'last'
            route(paths.stalls({ ...filter, sort }), true)
          }}
        />
        {hasFilter(filter) && <a href={paths.stalls({ sort: filter.sort })}>Clear filters</a>}
      </div>
    </FilterForm>
  )
}

function StateCount({ watch, state }: { watch: Watch<IncidentList>; state: IncidentState | 'standing' }) {
  const { value: data } = usePausable(useComputed(() => watch.state.value.data))
  return <>{data && formatCount(state === 'standing' ? data.standing : data.states[state])}</>
}

function NoStalls({ data, filter }: { data: IncidentList; filter: StallsFilter }) {
  const others = Object.values(data.states).reduce((sum, incidents) => sum + incidents, 0)
  if ((filter.state !== null || filter.isStanding) && others > 0)
    return (
      <p class="empty">
        {filter.state === null
          ? 'No run stands still now.'
          : `Nothing is ${filter.state}${filter.isStanding ? ' and stands still now' : ''}.`}{' '}
        <a href={paths.stalls({ ...filter, state: null, isStanding: false })}>Show all {formatCount(others)}</a>
      </p>
    )
  if (hasFilter(filter))
    return (
      <p class="empty">
        No stalls match. <a href={paths.stalls({ sort: filter.sort })}>Clear filters</a>
      </p>
    )
  return (
    <p class="empty">
      No run has stood still since Laststep began to look. Runs that will never finish appear here within a second of
      their deadline, those with one cause together. <a href={paths.live()}>See what is live</a>
    </p>
  )
}

function hasFilter({ state, isStanding, agent, step, version, environment }: StallsFilter): boolean {
  return state !== null || isStanding || [agent, step, version, environment].some((value) => value !== '')
}
