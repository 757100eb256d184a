/** Stalls by what they have in common: which trouble there is, how often, since when, and whether it goes on. */
import { useComputed, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import {
  INCIDENT_FIELDS,
  INCIDENT_SORTS,
  INCIDENT_STATES,
  type Incident,
  type IncidentList,
  type IncidentState,
} from '../../contract/stalls.ts'
import { fromIso } from '../../contract/units.ts'
import { capitalise, count, formatAge, formatCode, formatCount, shortCode } from '../model/format.ts'
import { deploysOf, firstSeen, labelOf, SORT_WORDS, STATE_LOOKS, stepOf, tagOf } from '../model/incidents.ts'
import { CAUSE_WORDS } from '../model/words.ts'
import { paths, type StallsFilter } from '../paths.ts'
import { readStallsFilter } from '../read-address.ts'
import { ChoiceField, FilterForm, FoldChip } from './filter-form.tsx'
import { Icon } from './icon.tsx'
import { useKeys } from './keyboard.ts'
import { ListHeader } from './list-header.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
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
  useKeys({ 'show-new': list.show })
  const { value: data } = answer
  return (
    <>
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      <section class="card" id="stalls" ref={region} aria-busy={data === null && isFetching}>
        <ListHeader title="Stalls by cause" total={total} list={list} />
        {data === null ? (
          problem === null && <SkeletonRows />
        ) : (
          <Incidents ids={list.shown.value} data={data} filter={filter} />
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

function Incidents({ ids, data, filter }: { ids: readonly string[]; data: IncidentList; filter: StallsFilter }) {
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
        </li>
      ))}
    </ul>
  )
}

function IncidentRow({ incident, data }: { incident: Incident; data: IncidentList }) {
  const { fingerprint, state, cause, code, agent, environment, stalls, standing, users } = incident
  return (
    <a class={`incident is-${STATE_LOOKS[state]}`} href={paths.stall(fingerprint)} data-row={fingerprint}>
      <span class="incident-mark">
        <Icon name={STATE_LOOKS[state]} />
        <span class="sr">{state}: </span>
      </span>
      <span class="incident-what">
        <b>{stepOf(incident)}</b> {code && <code title={formatCode(code)}>{shortCode(code)}</code>}{' '}
        <TagMark incident={incident} />
      </span>
      <span class="incident-why">
        <span class="mono">{labelOf(fingerprint)}</span>
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

const STATE_WORDS = { standing: 'standing now', quiet: 'quiet' } as const

interface FiltersProps {
  readonly filter: StallsFilter
  /** What there is to choose from; null before it is known. */
  readonly values: IncidentList['values'] | null
  /** How many there are in a state. */
  readonly count: (state: IncidentState) => ComponentChildren
}

function Filters({ filter, values, count: countOf }: FiltersProps) {
  const { route } = useLocation()
  // Filters that are set are always in sight.
  const isFolded = useSignal(!hasFilter({ ...filter, state: null }))
  const go = (change: Partial<StallsFilter>) => route(paths.stalls({ ...filter, ...change }))
  return (
    <FilterForm label="Stalls">
      <div class="chips" role="group" aria-label="State">
        {INCIDENT_STATES.map((state) => (
          <button
            key={state}
            type="button"
            class={`chip is-${STATE_LOOKS[state]}`}
            aria-pressed={filter.state === state}
            onClick={() => go({ state: filter.state === state ? null : state })}
          >
            <Icon name={STATE_LOOKS[state]} />
            {STATE_WORDS[state]} {countOf(state)}
          </button>
        ))}
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

function StateCount({ watch, state }: { watch: Watch<IncidentList>; state: IncidentState }) {
  const { value: data } = usePausable(useComputed(() => watch.state.value.data))
  return <>{data && formatCount(data.states[state])}</>
}

function NoStalls({ data, filter }: { data: IncidentList; filter: StallsFilter }) {
  const others = data.states.standing + data.states.quiet
  if (filter.state !== null && others > 0)
    return (
      <p class="empty">
        {filter.state === 'standing' ? 'No run stands still now.' : 'Nothing that stood still is over.'}{' '}
        <a href={paths.stalls({ ...filter, state: null })}>Show all {formatCount(others)}</a>
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

function hasFilter({ state, agent, step, version, environment }: StallsFilter): boolean {
  return state !== null || [agent, step, version, environment].some((value) => value !== '')
}
