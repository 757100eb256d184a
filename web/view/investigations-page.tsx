/** All investigations: the open ones that somebody wrote in last come first. */
import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import {
  INVESTIGATION_STATES,
  type InvestigationList,
  type InvestigationRow,
  type InvestigationState,
} from '../../contract/investigations.ts'
import { fromIso } from '../../contract/units.ts'
import { count, formatAge, formatCount, labelOf, shortId } from '../model/format.ts'
import { paths } from '../paths.ts'
import { readInvestigationState } from '../model/investigation-words.ts'
import { Icon } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { useInvestigations, type Investigations } from './use-investigations.ts'
import { usePausable } from './use-pausable.ts'

export function InvestigationsPage() {
  const { query } = useLocation()
  const data = useInvestigations()
  const state = readInvestigationState(query)
  useEffect(() => void (document.title = 'Investigations · Laststep'), [])
  return (
    <>
      <h1 class="sr">Investigations</h1>
      {data === null ? (
        <section class="card" aria-busy="true">
          <SkeletonRows />
        </section>
      ) : (
        <Listed key={state} data={data} state={state} />
      )}
    </>
  )
}

function Listed({ data, state }: { data: Investigations; state: InvestigationState | null }) {
  const watch = useMemo(() => data.list(state), [])
  useEffect(() => watch.stop, [watch])
  const { problem } = watch.state.value
  const { value: list } = usePausable(useComputed(() => watch.state.value.data))
  return (
    <>
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      <div class="chips" role="group" aria-label="State">
        {INVESTIGATION_STATES.map((each) => (
          <a
            key={each}
            class="chip"
            href={paths.investigations(state === each ? null : each)}
            aria-current={state === each ? 'true' : undefined}
          >
            {each} {list && formatCount(list.states[each])}
          </a>
        ))}
        <span class="grow" />
        <a class="button" href={paths.newInvestigation()}>
          <Icon name="plus" /> New
        </a>
      </div>
      <section class="card" aria-busy={list === null}>
        <header>
          <h2>Investigations</h2>
          {list && <span class="count">{formatCount(list.investigations.length)}</span>}
        </header>
        {list === null ? problem === null && <SkeletonRows /> : <Rows list={list} state={state} />}
      </section>
    </>
  )
}

function Rows({ list, state }: { list: InvestigationList; state: InvestigationState | null }) {
  const { investigations, states } = list
  const all = states.open + states.closed
  if (investigations.length === 0 && all > 0)
    return (
      <p class="empty">
        None is {state}. <a href={paths.investigations()}>Show all {formatCount(all)}</a>
      </p>
    )
  if (investigations.length === 0)
    return (
      <div class="empty">
        <p>
          Nothing has been investigated yet. Open <a href={paths.stalls()}>an incident</a> or a run and press{' '}
          <KeyHint action="pin" /> (or “Add to an investigation” in its copy menu): Laststep writes down what the
          evidence proves, and you go on from there, why by why.
        </p>
      </div>
    )
  return (
    <ul class="rows investigations" role="list">
      {investigations.map((row) => (
        <li key={row.id}>
          <Row row={row} />
        </li>
      ))}
    </ul>
  )
}

function Row({ row }: { row: InvestigationRow }) {
  const { live } = useScreen()
  const { id, title, state, fingerprint, runId, updatedAt, by, updatedBy, answers, supported, actionsOpen } = row
  const about = fingerprint !== null ? labelOf(fingerprint) : runId !== null ? shortId(runId) : null
  const facts = [
    state,
    about,
    `${supported} of ${count(answers, 'answer')} supported`,
    actionsOpen > 0 ? count(actionsOpen, 'open action') : null,
  ]
  return (
    <a class={`investigation ${state === 'closed' ? 'is-faded' : ''}`} href={paths.investigation(id)} data-row={id}>
      <span class="mono">{id}</span>
      <b>{title}</b>
      <span class="hint">{facts.filter(Boolean).join(' · ')}</span>
      <span class="hint" title={updatedAt}>
        {formatAge(live.tick.value - fromIso(updatedAt))} ago{updatedBy === null ? '' : ` by ${updatedBy}`}
        {by === null || by === updatedBy ? '' : `, begun by ${by}`}
      </span>
    </a>
  )
}
