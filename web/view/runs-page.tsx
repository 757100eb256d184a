/** Every run, narrowed and sorted by the address. */
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { readCondition, writeCondition } from '../../contract/search.ts'
import { STATUSES, type Status } from '../../contract/statuses.ts'
import { count, localiseTimes } from '../model/format.ts'
import { conditionFrom, conditionWords } from '../model/span-search.ts'
import { STATUS_WORDS } from '../model/words.ts'
import { paths, type RunsFilter } from '../paths.ts'
import { readRunsFilter, unknownInRuns } from '../read-address.ts'
import { FilterForm, TextField } from './filter-form.tsx'
import { Icon } from './icon.tsx'
import { lazy, useLazy } from './lazy.tsx'
import { Peek } from './peek.tsx'
import { ProblemBox } from './problem-box.tsx'
import { RunList } from './run-list.tsx'
import { useScreen } from './screen.ts'

export function RunsPage() {
  const { url, query } = useLocation()
  const attributes = new URLSearchParams(url.split('?')[1]).getAll('attr')
  const asked = readRunsFilter(query, attributes)
  const nobodys = useNobodysValues(asked)
  const filter = { ...asked, ...Object.fromEntries(nobodys.map((field) => [field, ''])) }
  const unknown = [...unknownInRuns(query, attributes), ...nobodys.map((field) => `${field} “${asked[field]}”`)]
  useEffect(() => void (document.title = 'Runs · Laststep'), [])
  return (
    <>
      <h1 class="sr">Runs</h1>
      <Filters filter={filter} />
      <Peek />
      {unknown.length > 0 && (
        <p class="notice" role="status">
          The address asks for what nobody knows here: {unknown.join(', ')}. It is shown without.
        </p>
      )}
      {filter.attributes.length > 0 ? (
        <SpanSearchSlot key={unknown.join()} filter={filter} />
      ) : (
        <RunList key={unknown.join()} filter={filter} empty={<NoRuns filter={filter} />} />
      )}
    </>
  )
}

/** Steps are not among them: only those at which a run stood still are known. */
const KNOWN_FIELDS = ['agent', 'environment', 'version', 'user', 'session'] as const

/** Fields for which the address names a value that no kept run has. */
function useNobodysValues(filter: RunsFilter): readonly (typeof KNOWN_FIELDS)[number][] {
  const { watchValues } = useScreen()
  const asked = KNOWN_FIELDS.map((field) => filter[field])
  const watches = useMemo(
    () => KNOWN_FIELDS.map((field) => (filter[field] === '' ? null : watchValues(field, filter[field]))),
    asked,
  )
  useEffect(() => () => watches.forEach((watch) => watch?.stop()), [watches])
  // What begins with a value is listed after the value itself.
  return KNOWN_FIELDS.filter((field, index) => {
    const values = watches[index]?.state.value.data?.values
    return values !== undefined && values[0]?.value !== filter[field]
  })
}

const spanSearch = lazy(() => import('./search-tools.ts').then(({ SpanSearch }) => SpanSearch))

function SpanSearchSlot({ filter }: { filter: RunsFilter }) {
  const { View, isFailed, load } = useLazy(spanSearch)
  if (isFailed) return <ProblemBox problem={{ code: null, message: 'The search could not be loaded.' }} retry={load} />
  return View && <View filter={filter} />
}

function Filters({ filter }: { filter: RunsFilter }) {
  const { route } = useLocation()
  const go = (change: Partial<RunsFilter>) => route(paths.runs({ ...filter, ...change }))
  const toggle = (status: Status) =>
    go({ statuses: STATUSES.filter((other) => filter.statuses.includes(other) !== (other === status)) })
  const apply = (text: (name: string) => string) => {
    const id = text('id')
    if (id !== '') route(paths.run(id))
    else {
      const said = text('attr')
      const attributes = said === '' ? filter.attributes : [...filter.attributes, conditionFrom(said)]
      const texts = { agent: text('agent'), step: text('step'), user: text('user') }
      go({ ...texts, version: text('version'), environment: text('environment'), attributes })
    }
  }
  return (
    <FilterForm label="Runs" apply={apply}>
      <div class="chips" role="group" aria-label="Status">
        {STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            class={`chip is-${status}`}
            aria-pressed={filter.statuses.includes(status)}
            onClick={() => toggle(status)}
          >
            <Icon name={status} />
            {STATUS_WORDS[status].short}
          </button>
        ))}
      </div>
      <Narrowed filter={filter} />
      <div class="fields">
        <TextField name="agent" label="Agent" value={filter.agent} completes="agent" />
        <TextField name="step" label="Step" value={filter.step} completes="step" />
        <TextField name="user" label="User" value={filter.user} completes="user" />
        <TextField name="version" label="Version" value={filter.version} completes="version" />
        <TextField name="environment" label="Environment" value={filter.environment} completes="environment" />
        <TextField
          // What was typed has become a condition: the field is empty for the next one.
          key={filter.attributes.join('\n')}
          name="attr"
          label="Span attribute"
          value=""
          title="A key, is / not / has / over / under / any, and a value: gen_ai.tool.name is search_orders. Any other text is looked for anywhere"
        />
        <TextField name="id" label="Run or trace id" value="" />
        <button type="submit" class="button">
          Apply
        </button>
        {hasFilter(filter) && <a href={paths.runs({ sort: filter.sort, order: filter.order })}>Clear filters</a>}
      </div>
    </FilterForm>
  )
}

/** What other pages ask for by a link, each with a way out. */
function Narrowed({ filter }: { filter: RunsFilter }) {
  const { live } = useScreen()
  const local = (time: string) => localiseTimes(time, live.now())
  const conditions = (
    [
      ['session', `session ${filter.session}`],
      ['since', `started from ${local(filter.since)}`],
      ['until', `started before ${local(filter.until)}`],
    ] as const
  ).filter(([name]) => filter[name] !== '')
  const attributes = filter.attributes.flatMap((written) => readCondition(written) ?? [])
  if (conditions.length + attributes.length === 0) return null
  return (
    <ul class="chips" role="list" aria-label="Narrowed to">
      {conditions.map(([name, says]) => (
        <li key={name}>
          <a class="chip" href={paths.runs({ ...filter, [name]: '' })} aria-label={`Any ${name}; now: ${says}`}>
            {says} <Icon name="close" />
          </a>
        </li>
      ))}
      {attributes.map((condition) => {
        const says = conditionWords(condition)
        const rest = filter.attributes.filter((written) => written !== writeCondition(condition))
        return (
          <li key={says}>
            <a class="chip" href={paths.runs({ ...filter, attributes: rest })} aria-label={`Without: ${says}`}>
              {says} <Icon name="close" />
            </a>
          </li>
        )
      })}
    </ul>
  )
}

function NoRuns({ filter }: { filter: RunsFilter }) {
  if (!hasFilter(filter)) return <p class="empty">No run has been received yet.</p>
  const { statuses, attributes: _ofSpans, sort: _sort, order: _order, ...texts } = filter
  const filters = [statuses.length > 0, ...Object.values(texts)].filter(Boolean).length
  return (
    <p class="empty">
      No runs match {count(filters, 'filter')}. <a href={paths.runs()}>Clear filters</a>
    </p>
  )
}

function hasFilter(filter: RunsFilter): boolean {
  const { statuses, attributes, sort: _sort, order: _order, ...texts } = filter
  return statuses.length + attributes.length > 0 || Object.values(texts).some((text) => text !== '')
}
