/** `/go/…`: to what has this id, whatever it is; a list when several have it, and a plain word when none has. */
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso/router'
import { isSpanId } from '../../contract/ids.ts'
import type { Resolution } from '../../contract/search.ts'
import { fromIso } from '../../contract/units.ts'
import { formatTime } from '../model/format.ts'
import { hitWords } from '../model/palette.ts'
import { pathOfHit, paths } from '../paths.ts'
import { ProblemBox } from './problem-box.tsx'
import { useScreen } from './screen.ts'

export function GoPage() {
  const asked = useRoute().params['anything'] ?? ''
  const { lookUp } = useScreen()
  const { route } = useLocation()
  const watch = useMemo(() => lookUp(asked), [asked])
  useEffect(() => watch.stop, [watch])
  useEffect(() => void (document.title = `${asked} · Laststep`), [asked])
  const { data, problem } = watch.state.value
  const only = data?.hits.length === 1 && !data.isCut ? data.hits[0] : undefined
  // Replaced: going back leads to where the link was, not here again.
  useEffect(() => void (only && route(pathOfHit(only), true)), [only])

  if (problem) return <ProblemBox problem={problem} retry={watch.refresh} />
  if (data === null || only !== undefined)
    return (
      <section class="message" aria-busy="true">
        <h1>Looking for “{asked}”…</h1>
      </section>
    )
  return data.hits.length === 0 ? <NoHit resolution={data} /> : <Hits resolution={data} />
}

function Hits({ resolution: { asked, hits, isCut } }: { resolution: Resolution }) {
  return (
    <section class="card">
      <header>
        <h1>
          “{asked}” is the id of {hits.length}
          {isCut ? ' and more' : ''}
        </h1>
      </header>
      <ul class="hits" role="list">
        {hits.map((hit) => {
          const { label, hint } = hitWords(hit)
          return (
            <li key={`${hit.kind} ${pathOfHit(hit)}`}>
              <a href={pathOfHit(hit)} data-row={hit.id}>
                <b>{label}</b> <span class="hint">{hint}</span>
              </a>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function NoHit({ resolution: { asked, keptSince } }: { resolution: Resolution }) {
  const { live } = useScreen()
  return (
    <section class="message">
      <h1>Nothing has the id “{asked}”</h1>
      <p>
        {keptSince === null
          ? 'No run is kept yet.'
          : `Looked through every run that is kept, the oldest of ${formatTime(fromIso(keptSince), live.now())}: ids of runs, traces, messages, users, sessions and incidents, the spans that stand for a run, and those at which one stood still.`}
      </p>
      <p>It may be mistyped, not yet received, or older than what this collector keeps.</p>
      <p>
        <a href={paths.runs({ attributes: [isSpanId(asked) ? `span.id:is:${asked}` : `*:has:${asked}`] })}>
          Search every span for it
        </a>
        , <a href={paths.runs()}>list the runs</a> or <a href={paths.live()}>see what is live</a>.
      </p>
    </section>
  )
}
