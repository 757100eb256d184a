/** Two groups of runs side by side: which attributes differ, and how much. The groups are the address. */
import '../style/compare.css'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { RELATIVE_COHORTS, type Comparison } from '../../contract/compare.ts'
import { hiddenWords, sayCohort, sumUp, warnOf } from '../model/compare.ts'
import { formatStep } from '../model/format.ts'
import { paths } from '../paths.ts'
import { readRunsFilter } from '../read-address.ts'
import { DifferenceList } from './difference-list.tsx'
import { FilterForm, TextField } from './filter-form.tsx'
import { NextStepsCard } from './next-steps.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'

const FORMS = 'incident:4f2a09…, run:…, or filters of the runs: agent=support&status=stalled'
const CHIPS: Readonly<Record<(typeof RELATIVE_COHORTS)[number], string>> = {
  healthy: 'healthy',
  yesterday: 'yesterday',
  'previous-version': 'previous version',
}

export function ComparePage() {
  const { query } = useLocation()
  const [a = '', b = 'healthy'] = [query['a'], query['b']]
  useEffect(() => void (document.title = 'Compare · Laststep'), [])
  return (
    <>
      <h1 class="sr">Compare runs</h1>
      <Groups a={a} b={b} />
      {a === '' ? <NothingYet /> : <Compared key={`${a}\n${b}`} a={a} b={b} />}
    </>
  )
}

function Groups({ a, b }: { a: string; b: string }) {
  const { route } = useLocation()
  const isSwappable = a !== '' && !(RELATIVE_COHORTS as readonly string[]).includes(b)
  return (
    <FilterForm key={`${a}\n${b}`} label="Compare" apply={(text) => route(paths.compare(text('a'), text('b')))}>
      <div class="fields">
        <TextField name="a" label="A" value={a} title={FORMS} />
        <TextField name="b" label="B" value={b} title={`healthy, yesterday, previous-version, ${FORMS}`} />
        <button type="submit" class="button">
          Compare
        </button>
        <div class="chips" role="group" aria-label="Compare A with">
          {RELATIVE_COHORTS.map((each) => (
            <a key={each} class="chip" href={paths.compare(a, each)} aria-current={b === each ? 'true' : undefined}>
              {CHIPS[each]}
            </a>
          ))}
          {isSwappable && (
            <a class="chip" href={paths.compare(b, a)}>
              A ⇄ B
            </a>
          )}
        </div>
      </div>
    </FilterForm>
  )
}

function NothingYet() {
  return (
    <section class="card">
      <p class="empty">
        A and B are groups of runs: {FORMS}. To begin with:{' '}
        <a href={paths.compare('status=stalled,lost')}>the runs that stand still against healthy ones</a>, or open an{' '}
        <a href={paths.stalls()}>incident</a>, which is compared on its page.
      </p>
    </section>
  )
}

function Compared({ a, b }: { a: string; b: string }) {
  const { watchAnswer } = useScreen()
  const watch = useMemo(() => watchAnswer<Comparison>(paths.compare(a, b)), [])
  useEffect(() => watch.stop, [watch])
  const { data, problem } = watch.state.value
  const next = nextOf(a)
  return (
    <>
      {problem !== null && <ProblemBox problem={problem} retry={watch.refresh} />}
      {data === null ? (
        problem === null && (
          <section class="card" aria-busy="true">
            <SkeletonRows />
          </section>
        )
      ) : (
        <Result comparison={data} />
      )}
      {next !== null && problem === null && <NextStepsCard of={next} />}
    </>
  )
}

/** Of what stands still somewhere, what healthy ones do next can be asked. */
function nextOf(a: string): string | null {
  const [, kind, id] = /^(run|incident):(.+)$/.exec(a) ?? []
  if (id === undefined) return null
  return kind === 'run' ? paths.run(id) : paths.stall(id)
}

function Result({ comparison }: { comparison: Comparison }) {
  const { a, b, step, rows, rowsTotal, outcome } = comparison
  const warning = warnOf(comparison)
  return (
    <>
      <section class="card compared" aria-labelledby="compared">
        <header>
          <h2 id="compared">What differs</h2>
          <span class="grow" />
          <span class="hint">a difference is a lead, not a cause</span>
        </header>
        <dl class="compared-groups">
          <dt>A</dt>
          <dd>
            {sayCohort(a)} {a.query !== null && <a href={runsOf(a.query)}>list</a>}
          </dd>
          <dt>B</dt>
          <dd>
            {sayCohort(b)} {b.query !== null && <a href={runsOf(b.query)}>list</a>}
          </dd>
        </dl>
        <p class="compared-sum">
          <b>{sumUp(comparison)}</b>{' '}
          {step !== null && (
            <>
              Compared is what runs had done by the time they came to <span class="mono">{formatStep(step)}</span>.
            </>
          )}{' '}
          {warning}
        </p>
        <DifferenceList comparison={comparison} rows={rows} label="Attributes that differ" />
        {rowsTotal > rows.length && <p class="hint">{rowsTotal - rows.length} smaller differences are not shown.</p>}
        <Hidden comparison={comparison} />
      </section>
      {outcome.length > 0 && (
        <section class="card compared" aria-labelledby="outcome">
          <header>
            <h2 id="outcome">What became of them</h2>
            <span class="grow" />
            <span class="hint">it explains nothing</span>
          </header>
          <DifferenceList comparison={comparison} rows={outcome} label="What became of the runs" />
        </section>
      )}
    </>
  )
}

function Hidden({ comparison }: { comparison: Comparison }) {
  const reasons = hiddenWords(comparison)
  if (reasons.length === 0) return null
  return (
    <details class="compared-hidden">
      <summary>hidden: {comparison.hidden.length}</summary>
      <ul>
        {reasons.map(({ reason, names }) => (
          <li key={reason}>
            {reason}: <span class="mono">{names.join(', ')}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function runsOf(query: string): string {
  return paths.runs(readRunsFilter(Object.fromEntries(new URLSearchParams(query))))
}
