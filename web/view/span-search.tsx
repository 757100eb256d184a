/** Runs with a span that fits, as they are found: the newest first, with how far back was looked, and a way to stop. */
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import type { SpanFound } from '../../contract/search.ts'
import { formatSecond, formatStep, shortId } from '../model/format.ts'
import { searchWords } from '../model/span-search.ts'
import { fromIso } from '../../contract/units.ts'
import { paths, type RunsFilter } from '../paths.ts'
import { copyOfRow } from './copy-of-run.ts'
import { copyRef } from './copy.tsx'
import { StatusMark } from './icon.tsx'
import { ProblemBox } from './problem-box.tsx'
import { useScreen } from './screen.ts'

export function SpanSearch({ filter }: { filter: RunsFilter }) {
  const { searchSpans, live } = useScreen()
  const { url } = useLocation()
  const search = useMemo(() => searchSpans(filter), [url])
  useEffect(() => search.stop, [search])
  const state = search.state.value
  const { found, progress, phase, problem } = state
  const isSearching = phase === 'searching'
  const words = searchWords(state, live.tick.peek())
  return (
    <>
      {problem !== null && <ProblemBox problem={{ code: null, message: problem }} retry={search.more} />}
      <section class="card" aria-busy={isSearching}>
        <header class="search-head">
          <h2>Runs by their spans</h2>
          <span class="hint">{words}</span>
          <span class="grow" />
          {isSearching && (
            <>
              <progress
                aria-label="Of the log looked through"
                value={progress?.bytes ?? 0}
                max={Math.max(1, progress?.bytesTotal ?? 1)}
              />
              <button type="button" class="button" onClick={search.stop}>
                Stop
              </button>
            </>
          )}
        </header>
        <p class="sr" role="status">
          {isSearching ? 'Searching' : words}
        </p>
        <ul class="rows" role="list">
          {found.map((one) => (
            <FoundRow key={one.run.id} found={one} />
          ))}
        </ul>
        {found.length === 0 && phase === 'over' && <p class="empty">No span that is kept says that.</p>}
        {phase === 'full' && (
          <p class="more">
            <button type="button" class="button" onClick={search.more}>
              Look further back
            </button>
          </p>
        )}
      </section>
    </>
  )
}

function FoundRow({ found: { run, span, matched } }: { found: SpanFound }) {
  const { live } = useScreen()
  return (
    <li>
      <a
        class={`found is-${run.status}`}
        href={paths.run(run.id, { span: span.spanId })}
        data-row={run.id}
        ref={copyRef(() => copyOfRow(run))}
      >
        <span class="mono" title={run.id}>
          {shortId(run.id)}
        </span>
        <StatusMark status={run.status} />
        <b>{span.name}</b>
        <span class="hint">
          {[run.step && run.endedAt === null ? formatStep(run.step) : null, run.agent, run.userId]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <time class="hint" dateTime={span.startedAt} title={span.startedAt}>
          {formatSecond(fromIso(span.startedAt), live.tick.peek())}
        </time>
        {matched.map((words) => (
          <code key={words}>{words}</code>
        ))}
      </a>
    </li>
  )
}
