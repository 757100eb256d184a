/** How it went: figures over time, with deploys, split and narrowed by the address. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import type { Trends } from '../../contract/trends.ts'
import { fromIso, toIso, type Instant } from '../../contract/units.ts'
import { besideBefore, rangeBefore } from '../model/compare-trends.ts'
import { drawFigures, isEmpty, markDeploys, type Figure } from '../model/trends.ts'
import { api, paths, TRENDS_FROM, TRENDS_TO, type RunsFilter, type TrendsView } from '../paths.ts'
import { readTrendsView } from '../read-address.ts'
import { CursorBar } from './cursor-bar.tsx'
import { FigureCard } from './figure-card.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { TrendsControls } from './trends-controls.tsx'

export function TrendsPage() {
  const { query } = useLocation()
  const view = readTrendsView(query)
  const { watchTrends, live } = useScreen()
  const question = api.trends(view)
  const watch = useMemo(() => watchTrends(view), [question])
  useEffect(() => watch.stop, [watch])
  useEffect(() => void (document.title = 'Trends · Laststep'), [])
  const { data, problem, isFetching } = watch.state.value
  // What was asked before stays until the answer to the new question is there; a pause holds the answer to this one.
  const shown = useRef<{ readonly question: string; readonly trends: Trends } | null>(null)
  const isHeld = live.isPaused.value && shown.current?.question === question
  if (data !== null && !isHeld) shown.current = { question, trends: data }
  const trends = shown.current?.trends ?? null
  const isOld = shown.current?.question !== question
  return (
    <>
      <h1 class="sr">Trends</h1>
      <TrendsControls view={view} values={trends?.values ?? null} />
      {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
      {trends === null && problem === null && (
        <section class="card" aria-busy="true">
          <SkeletonRows />
        </section>
      )}
      {trends !== null && (
        <div class={`trends ${isOld ? 'is-old' : ''}`} aria-busy={isOld && isFetching}>
          {isEmpty(trends) ? <NoTrends view={view} /> : <Figures trends={trends} view={view} />}
        </div>
      )}
    </>
  )
}

function Figures({ trends, view }: { trends: Trends; view: TrendsView }) {
  const { live } = useScreen()
  const { route } = useLocation()
  /** The bucket the reader looks at, and the range they are about to choose: of all figures at once. */
  const cursor = useSignal<number | null>(null)
  const drag = useSignal<readonly [Instant, Instant] | null>(null)
  const before = useBefore(trends, view)
  const figures = useMemo(() => {
    const own = drawFigures(trends, view.percentile)
    return before === null ? own : besideBefore(own, drawFigures(before, view.percentile))
  }, [trends, before, view.percentile])
  const buckets = useMemo(() => trends.buckets.map(fromIso), [trends])
  const from = buckets[0] ?? fromIso(trends.from)
  const to = (buckets.at(-1) ?? from) + trends.bucketMs
  if (cursor.value !== null && cursor.value >= buckets.length) cursor.value = null
  const choose = (start: Instant, end: Instant) =>
    route(paths.trends({ ...view, from: toIso(Math.min(start, end)), to: toIso(Math.max(start, end)) }))
  const runsAt = (bucket: number, more: Partial<RunsFilter> = {}): string => {
    const at = buckets[bucket] ?? from
    return runsOf(view, at, at + trends.bucketMs, more)
  }
  return (
    <>
      <CursorBar trends={trends} buckets={buckets} cursor={cursor} choose={choose} runsAt={runsAt} />
      <div class="figures">
        {figures.map((figure) => (
          <FigureCard
            key={figure.id}
            picture={{
              figure,
              from,
              to,
              buckets,
              bucketMs: trends.bucketMs,
              isOpenEnded: to > live.now(),
              deploys: markDeploys(trends.deploys, from, to),
            }}
            view={view}
            cursor={cursor}
            drag={drag}
            choose={choose}
            open={(bucket) => route(runsAt(bucket, statusesOf(figure)))}
            linkOf={(only) =>
              only.step === undefined
                ? runsOf(view, from, to, { ...statusesOf(figure), ...only })
                : paths.stalls({
                    step: only.step,
                    agent: view.agent,
                    version: view.version,
                    environment: view.environment,
                  })
            }
          />
        ))}
      </div>
    </>
  )
}

/** The same question about the time before; null when nobody asks, or it is not answered yet. */
function useBefore(trends: Trends, view: TrendsView): Trends | null {
  const { watchTrends } = useScreen()
  const range = view.isCompared ? rangeBefore(trends) : null
  const question = range && api.trends({ ...view, ...range })
  const watch = useMemo(() => (range === null ? null : watchTrends({ ...view, ...range })), [question])
  useEffect(() => watch?.stop, [watch])
  return watch?.state.value.data ?? null
}

function runsOf(view: TrendsView, since: Instant, until: Instant, more: Partial<RunsFilter>): string {
  const { agent, version, environment } = view
  return paths.runs({ agent, version, environment, since: toIso(since), until: toIso(until), ...more })
}

/** The runs behind a figure are those it is about. */
function statusesOf({ id }: Figure): Partial<RunsFilter> {
  if (id === 'undelivered' || id === 'loss') return { statuses: ['undelivered'] }
  return id === 'stalls' ? { statuses: [...STANDING_STATUSES] } : {}
}

function NoTrends({ view }: { view: TrendsView }) {
  const isNarrowed = [view.agent, view.version, view.environment].some((value) => value !== '')
  return (
    <section class="card">
      <p class="empty">
        No run {isNarrowed ? 'of these ' : ''}started or was in flight in this time.{' '}
        {isNarrowed && (
          <>
            <a href={paths.trends({ from: view.from, to: view.to, split: view.split })}>Show all runs</a>.{' '}
          </>
        )}
        {view.from === 'now-30d' ? (
          <a href={paths.live()}>See what is live</a>
        ) : (
          <a href={paths.trends({ ...view, from: 'now-30d', to: TRENDS_TO })}>Look at the last 30 days</a>
        )}
        {view.from === TRENDS_FROM && !isNarrowed && '. Trends begin with the first run that is received.'}
      </p>
    </section>
  )
}
