/** The live board: what needs attention, how much is in flight, where it stands. */
import { useComputed, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import type { Finding } from '../../contract/findings.ts'
import type { Phase } from '../../contract/phases.ts'
import type { RunRow } from '../../contract/runs.ts'
import { OPEN_STATUSES, TROUBLED_STATUSES } from '../../contract/statuses.ts'
import { fromIso } from '../../contract/units.ts'
import { attentionRows, countOpen, inFlightRows, isTestRun, lastEnded } from '../model/attention.ts'
import { shownFindings, unexplainedRows } from '../model/findings.ts'
import { formatAge, formatCount } from '../model/format.ts'
import { STATUS_WORDS } from '../model/words.ts'
import { paths } from '../paths.ts'
import { readPhase } from '../read-address.ts'
import { FindingList } from './finding-list.tsx'
import { useKeys } from './keyboard.ts'
import { ListHeader } from './list-header.tsx'
import { Peek } from './peek.tsx'
import { PhaseStrip } from './phase-strip.tsx'
import { StartGuide } from './routes.ts'
import { RunTable } from './run-table.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen, type Live } from './screen.ts'
import { Tiles } from './tiles.tsx'
import { useHeldList, useHold } from './use-held-list.ts'

/** More rows than anyone reads; the heading says how many there are, and the list of runs has them all. */
const ATTENTION_MAX = 50
const IN_FLIGHT_MAX = 200

export function LivePage() {
  const { query } = useLocation()
  const { live } = useScreen()
  const phase = readPhase(query)
  const hasNobody = useComputed(() => {
    const { counts, runs } = live.board.value
    return counts !== null && [...runs.values()].every(isTestRun)
  })
  useEffect(() => void (document.title = 'Live · Laststep'), [])
  return (
    <>
      <h1 class="sr">Live board</h1>
      {hasNobody.value && <FirstSteps />}
      <Tiles />
      <PhaseStrip phase={phase} />
      <Peek />
      {/* Another filter is another list: it starts unheld. */}
      <Lists key={phase ?? 'all'} phase={phase} />
    </>
  )
}

/** A board that has nothing to show says how to change that, until the first event ever has come. */
function FirstSteps() {
  const { watchSetup } = useScreen()
  const watch = useMemo(watchSetup, [])
  useEffect(() => watch.stop, [watch])
  const hearing = watch.state.value.data?.hearing
  return hearing !== undefined && hearing.firstEventAt === null ? <StartGuide /> : null
}

function Lists({ phase }: { phase: Phase | null }) {
  const { live } = useScreen()
  const region = useRef<HTMLDivElement>(null)
  const isHeld = useHold(region)
  // One list: a finding that appears moves the rows below it, so it waits like a row.
  const findings = useComputed(() => shownFindings(live.board.value.findings, live.tick.value))
  const attention = useRows(live, findings, (rows, now) => attentionRows(rows, phase, now), ATTENTION_MAX)
  const urgent = useComputed(() => [...findings.value.map(({ id }) => id), ...attention.ids.value])
  const urgentTotal = useComputed(() => findings.value.length + attention.total.value)
  const inFlight = useRows(live, findings, (rows, now) => inFlightRows(rows, phase, now), IN_FLIGHT_MAX)
  const attentionList = useHeldList(urgent, isHeld)
  // One that left the board stays in a held list.
  const known = useRef(new Map<string, Finding>())
  const shown = useComputed(() => {
    for (const finding of live.board.value.findings) known.current.set(finding.id, finding)
    const found = attentionList.shown.value.map((id) => known.current.get(id)).filter((each) => each !== undefined)
    known.current = new Map(found.map((finding) => [finding.id, finding]))
    return found
  })
  const troubled = useComputed(() => {
    const ids = new Set(shown.value.map(({ id }) => id))
    return attentionList.shown.value.filter((id) => !ids.has(id))
  })
  const inFlightList = useHeldList(inFlight.ids, isHeld)
  // Read as they are, these would draw both lists anew with every frame of the feed.
  const isLoaded = useComputed(() => live.board.value.counts !== null).value
  const hasFindings = useComputed(() => findings.value.length > 0).value
  useKeys({
    'show-new': () => {
      attentionList.show()
      inFlightList.show()
    },
  })
  return (
    <div class="lists" ref={region} aria-busy={!isLoaded}>
      <section class="card" id="attention">
        <ListHeader title="Needs attention" total={urgentTotal} list={attentionList} />
        <FindingList findings={shown} />
        {isLoaded ? (
          <RunTable ids={troubled} empty={!hasFindings && <NothingWrong phase={phase} />} />
        ) : (
          <SkeletonRows />
        )}
        {attention.total.value > ATTENTION_MAX && (
          <p class="more">
            The {ATTENTION_MAX} most pressing of {formatCount(attention.total.value)}.{' '}
            <a href={paths.runs({ statuses: [...TROUBLED_STATUSES] })}>See all of them</a>
          </p>
        )}
      </section>
      <section class="card" id="in-flight">
        <ListHeader title="In flight" total={inFlight.open} list={inFlightList} />
        {isLoaded ? <RunTable ids={inFlightList.shown} empty={<NothingInFlight phase={phase} />} /> : <SkeletonRows />}
        {inFlight.total.value > IN_FLIGHT_MAX && (
          <p class="more">
            The newest {IN_FLIGHT_MAX} of {formatCount(inFlight.total.value)}.{' '}
            <a href={paths.runs({ statuses: [...OPEN_STATUSES] })}>See all of them</a>
          </p>
        )}
      </section>
    </div>
  )
}

/** What a finding explains is folded under it. */
function useRows(
  live: Live,
  findings: ReadonlySignal<readonly Finding[]>,
  choose: (rows: Iterable<RunRow>, now: number) => RunRow[],
  max: number,
) {
  const rows = useComputed(() =>
    choose(unexplainedRows(live.board.value.runs.values(), findings.value), live.tick.value),
  )
  return {
    ids: useComputed(() => rows.value.slice(0, max).map((row) => row.id)),
    total: useComputed(() => rows.value.length),
    open: useComputed(() => countOpen(rows.value)),
  }
}

function NothingWrong({ phase }: { phase: Phase | null }) {
  return <p class="empty">{phase === null ? 'Nothing needs attention.' : `Nothing in ${phase} needs attention.`}</p>
}

function NothingInFlight({ phase }: { phase: Phase | null }) {
  const { live } = useScreen()
  const { runs, counts } = live.board.value
  const last = lastEnded(runs.values())
  if (phase !== null)
    return (
      <p class="empty">
        No run in flight is in {phase}; {formatCount(counts?.inFlight ?? 0)} are elsewhere.{' '}
        <a href={paths.live()}>Show all phases</a>
      </p>
    )
  if (last === null || last.endedAt === null)
    return (
      <p class="empty">
        Nothing in flight. Runs appear here within a second of their first span.{' '}
        <a href={paths.start()}>Connect an agent</a>
      </p>
    )
  return (
    <p class="empty">
      Nothing in flight. <a href={paths.run(last.id)}>The last run</a> ended{' '}
      {formatAge(live.tick.value - fromIso(last.endedAt))} ago ({STATUS_WORDS[last.status].short}).
    </p>
  )
}
