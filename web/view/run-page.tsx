/** One run: the sentence first, then the evidence for it. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso/router'
import type { SpanId } from '../../contract/ids.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, toIso, type Millis } from '../../contract/units.ts'
import { shortId } from '../model/format.ts'
import { narrowRun } from '../model/narrow-run.ts'
import { momentOf } from '../model/selected-moment.ts'
import { buildTimeline, type Timeline } from '../model/timeline.ts'
import { api, NOTHING_SELECTED, paths, type RunSelection, type SpansWish, type RunView } from '../paths.ts'
import { readAgent, readRunView, readSelection, readWish } from '../read-address.ts'
import { Checklist } from './checklist.tsx'
import { copyOfRun, copyOfSelection } from './copy-of-run.ts'
import { CopyButton, CopyMenu, useCopyAloud, useCopyThing } from './copy.tsx'
import { DetailsPanel } from './details-panel.tsx'
import { EvidenceList } from './evidence-list.tsx'
import { useKeys } from './keyboard.ts'
import { lazyPart } from './lazy.tsx'
import { LogList } from './log-list.tsx'
import { ProblemBox } from './problem-box.tsx'
import { RunHeadline } from './run-headline.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { RunSteps, useRunSteps } from './run-steps.tsx'
import { useTimeCursor } from './time-cursor.tsx'
import { TimelineCard } from './timeline-card.tsx'
import { useFreshRun } from './use-fresh-run.ts'

// Few runs have them.
const PastStalls = lazyPart(async () => (await import('./run-parts.ts')).PastStalls)
const StandingAt = lazyPart(async () => (await import('./run-parts.ts')).StandingAt)
const AsOfLine = lazyPart(async () => (await import('./run-parts.ts')).AsOfLine)
const SubAgents = lazyPart(async () => (await import('./run-parts.ts')).SubAgents)

export function RunPage() {
  const id = useRoute().params['id'] ?? ''
  const { asOf } = readRunView(useLocation().query)
  const run = <RunOf key={`${id} ${asOf}`} id={id} />
  return asOf === null ? run : <StandingAt at={fromIso(asOf)}>{run}</StandingAt>
}

function RunOf({ id }: { id: string }) {
  const { watchRun } = useScreen()
  const { query } = useLocation()
  /** What the link that was opened is about: its span, or the middle of its window. */
  const wish = useSignal<SpansWish>(readWish(query))
  const watch = useMemo(() => watchRun(id, wish.value), [id, wish.value])
  useEffect(() => watch.stop, [watch])
  useFreshRun(id, watch)
  const { data: answer, problem } = watch.state.value
  // What was shown stays until what is wished for besides is there.
  const held = useRef<RunDetail | null>(null)
  if (answer !== null) held.current = answer
  const data = answer ?? held.current
  useEffect(() => {
    const { span } = readSelection(query)
    // Another wish than the last, or a span nobody knows would be asked for again and again.
    if (span !== null && span !== wish.peek().span && answer !== null && isCutFrom(answer, span))
      wish.value = { ...wish.peek(), span, around: null }
  }, [answer, query])
  useRunSteps(data?.id ?? id)
  useEffect(() => void (document.title = `${id} · Laststep`), [id])

  if (data !== null)
    return (
      <>
        {problem && <ProblemBox problem={problem} retry={watch.refresh} />}
        <RunView
          key={data.id}
          run={data}
          load={(around) => (wish.value = { ...wish.peek(), span: readSelection(query).span, around })}
        />
      </>
    )
  if (problem?.code === 'not-found') return <UnknownRun id={id} />
  if (problem) return <ProblemBox problem={problem} retry={watch.refresh} />
  return (
    <section class="card" aria-busy="true">
      <h1 class="sr">Run {id}</h1>
      <SkeletonRows />
    </section>
  )
}

function isCutFrom(run: RunDetail, span: SpanId): boolean {
  return run.spansTotal > run.spans.length && run.spans.every(({ spanId }) => spanId !== span)
}

interface RunViewProps {
  readonly run: RunDetail
  /** Ask for the spans around a moment, in ms from the first one. */
  readonly load: (around: Millis) => void
}

function RunView({ run, load }: RunViewProps) {
  const { live, recent } = useScreen()
  const copyAloud = useCopyAloud()
  const { query, route } = useLocation()
  const chosen = readSelection(query)
  const view = readRunView(query)
  const asked = readAgent(query)
  const narrowed = useMemo(() => (asked === null ? null : narrowRun(run, asked)), [run, asked])
  const part = narrowed ?? run
  const agent = narrowed === null ? null : asked
  const timeline = useMemo(() => buildTimeline(part), [part])
  const first = useMemo(() => firstSpan(run, timeline), [run, timeline])
  const isChosen = Object.values(chosen).some((value) => value !== null)
  const selection = isChosen ? chosen : { ...NOTHING_SELECTED, span: first }
  // Evidence outside of the part that is shown brings the whole run back.
  const select = (next: Partial<RunSelection>, look: Partial<RunView> = {}) => {
    const isInPart = !next.span || part.spans.some(({ spanId }) => spanId === next.span)
    route(paths.run(run.id, next, isInPart ? agent : null, { ...view, ...look }))
  }
  const show = (look: Partial<RunView>) => route(paths.run(run.id, chosen, agent, { ...view, ...look }), true)
  /** The part of the axis on screen. */
  const seen = useRef(view.window)
  // For whoever opens it tomorrow: what is seen now, as it is now.
  const link = () => {
    const { asOf } = view
    const pinned = { ...view, window: seen.current, asOf: asOf ?? toIso(live.now()) }
    return location.origin + paths.run(run.id, selection, agent, pinned)
  }
  const moment = momentOf(selection, run)
  const cursor = useTimeCursor(moment === null ? null : moment - timeline.origin)
  useCopyThing(copyOfSelection(run, chosen) ?? copyOfRun(run, link, live.now))
  useEffect(() => recent.note(run.id), [run.id])
  useKeys({
    'copy-link': () => void copyAloud({ name: 'Link', text: link }),
    close: () => (isChosen || agent !== null) && route(paths.run(run.id, {}, isChosen ? agent : null, view)),
  })
  return (
    <>
      {run.asOf && <AsOfLine asOf={run.asOf} now={paths.run(run.id, chosen, agent, { ...view, asOf: null })} />}
      <RunHeadline run={run} />
      {run.pastStalls.length > 0 && <PastStalls stalls={run.pastStalls} now={live.tick.value} />}
      <div class="run-bar">
        <p class="run-id mono">
          {run.id} <CopyButton text={run.id} what="run id" />
        </p>
        <RunFacts run={run} />
        <RunSteps id={run.id} />
        <a class="button" href={paths.compare(`run:${run.id}`)}>
          Compare
        </a>
        <a class="button wide-only" href={api.wholeRun(run.id)} download={`${run.id}.json`}>
          Download
        </a>
        <CopyMenu thing={copyOfRun(run, link, live.now)} />
        <a class="button wide-only" href={paths.newInvestigation(null, run.id)}>
          Investigate
        </a>
      </div>
      <Checklist run={run} select={select} />
      <div class="run-columns">
        <div class="run-main">
          {run.subAgents.length > 0 && <SubAgents run={run} chosen={agent} />}
          {/* The first spans to arrive set the window; before them there is none worth keeping. */}
          <TimelineCard
            key={timeline.rows.length === 0 ? 'empty' : (agent ?? 'spans')}
            run={part}
            timeline={timeline}
            selection={selection}
            select={select}
            view={view}
            show={show}
            load={load}
            cursor={cursor}
            seen={seen}
          />
          <LogList run={run} selection={selection} select={select} cursor={cursor} origin={timeline.origin} />
        </div>
        <div class="run-side">
          <EvidenceList run={run} selection={selection} select={select} />
          <DetailsPanel run={run} selection={selection} select={select} tab={view.tab} show={show} />
        </div>
      </div>
    </>
  )
}

/** Nobody chose yet: the step the verdict is about is what one came for, or the span that failed. */
function firstSpan(run: RunDetail, timeline: Timeline): SpanId | null {
  const known = timeline.rows.filter((row) => row.span !== null)
  const judged = known.find((row) => row.id === run.verdict.step?.spanId)
  return (judged ?? known.findLast((row) => row.tone === 'failed') ?? known[0])?.id ?? null
}

/** Who and where; what is not known is not mentioned. */
function RunFacts({ run }: { run: RunDetail }) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['agent', run.agent],
    ['service', run.service],
    ['version', run.version],
    ['environment', run.environment],
    ['user', run.userId],
    ['session', run.sessionId],
  ]
  return (
    <dl class="facts">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={value}>{shortId(value)}</dd>
            </div>
          ),
      )}
      {run.traceId && (
        <div>
          <dt>trace</dt>
          <dd class="mono" title={run.traceId}>
            {run.traceId.slice(0, 8)}… <CopyButton text={run.traceId} what="trace id" />
          </dd>
        </div>
      )}
    </dl>
  )
}

function UnknownRun({ id }: { id: string }) {
  return (
    <section class="message">
      <h1>No run “{id}”</h1>
      <p>No run or trace has this id. It may be mistyped, not yet received, or older than what this collector keeps.</p>
      <p>
        <a href={paths.runs()}>List the runs</a> or <a href={paths.live()}>see what is live</a>.
      </p>
    </section>
  )
}
