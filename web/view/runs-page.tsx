/** Every run, newest first, narrowed by the address and fetched in pages. */
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { STATUSES, type Status } from '../../contract/statuses.ts'
import { count, localiseTimes } from '../model/format.ts'
import { STATUS_WORDS } from '../model/words.ts'
import { paths, readRunsFilter, type RunsFilter } from '../paths.ts'
import { FilterForm, TextField } from './filter-form.tsx'
import { Icon } from './icon.tsx'
import { ProblemBox } from './problem-box.tsx'
import { FetchedRunTable, SkeletonRows } from './run-table.tsx'
import { useScreen } from './screen.ts'

export function RunsPage() {
  const { watchRuns } = useScreen()
  const { url, query } = useLocation()
  const filter = readRunsFilter(query)
  const watch = useMemo(() => watchRuns(filter), [url])
  useEffect(() => watch.stop, [watch])
  useEffect(() => void (document.title = 'Runs · Laststep'), [])
  const { data, problem, isFetching } = watch.state.value
  return (
    <>
      <h1 class="sr">Runs</h1>
      <Filters filter={filter} />
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      <section class="card" aria-busy={isFetching}>
        <header>
          <h2>Runs</h2>
          {data && (
            <span class="count">
              {data.runs.length}
              {data.hasMore ? ' shown' : ''}
            </span>
          )}
          <span class="grow" />
          <button type="button" class="button" onClick={watch.refresh} disabled={isFetching}>
            Refresh
          </button>
        </header>
        {data === null && problem === null && <SkeletonRows />}
        {data?.runs.length === 0 && <NoRuns filter={filter} />}
        {data && data.runs.length > 0 && <FetchedRunTable runs={data.runs} />}
        {data?.hasMore && (
          <p class="more">
            <button type="button" class="button" onClick={watch.more} disabled={isFetching}>
              {isFetching ? 'Loading…' : 'Load older runs'}
            </button>
          </p>
        )}
      </section>
    </>
  )
}

function Filters({ filter }: { filter: RunsFilter }) {
  const { route } = useLocation()
  const go = (change: Partial<RunsFilter>) => route(paths.runs({ ...filter, ...change }))
  const toggle = (status: Status) =>
    go({ statuses: STATUSES.filter((other) => filter.statuses.includes(other) !== (other === status)) })
  const apply = (text: (name: string) => string) => {
    const id = text('id')
    if (id !== '') route(paths.run(id))
    else go({ agent: text('agent'), step: text('step'), user: text('user') })
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
        <TextField name="agent" label="Agent" value={filter.agent} />
        <TextField name="step" label="Step" value={filter.step} />
        <TextField name="user" label="User" value={filter.user} />
        <TextField name="id" label="Run or trace id" value="" />
        <button type="submit" class="button">
          Apply
        </button>
        {hasFilter(filter) && <a href={paths.runs()}>Clear filters</a>}
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
      ['version', `version ${filter.version}`],
      ['environment', `in ${filter.environment}`],
      ['since', `started from ${local(filter.since)}`],
      ['until', `started before ${local(filter.until)}`],
    ] as const
  ).filter(([name]) => filter[name] !== '')
  if (conditions.length === 0) return null
  return (
    <ul class="chips" role="list" aria-label="Narrowed to">
      {conditions.map(([name, says]) => (
        <li key={name}>
          <a class="chip" href={paths.runs({ ...filter, [name]: '' })} aria-label={`Any ${name}; now: ${says}`}>
            {says} <Icon name="close" />
          </a>
        </li>
      ))}
    </ul>
  )
}

function NoRuns({ filter }: { filter: RunsFilter }) {
  if (!hasFilter(filter)) return <p class="empty">No run has been received yet.</p>
  const { statuses, ...texts } = filter
  const filters = [statuses.length > 0, ...Object.values(texts)].filter(Boolean).length
  return (
    <p class="empty">
      No runs match {count(filters, 'filter')}. <a href={paths.runs()}>Clear filters</a>
    </p>
  )
}

function hasFilter(filter: RunsFilter): boolean {
  const { statuses, ...texts } = filter
  return statuses.length > 0 || Object.values(texts).some((text) => text !== '')
}
