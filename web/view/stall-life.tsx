/** What was decided about an incident, and what may be decided now. */
import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { fromIso } from '../../contract/units.ts'
import { formatMinute, formatTime } from '../model/format.ts'
import { changeWords, lifeWords } from '../model/incident-life.ts'
import { paths } from '../paths.ts'
import { DecisionButtons } from './decision-sheet.tsx'
import type { Decisions } from './decisions.ts'
import { KeyHint } from './key-hint.tsx'
import { ProblemBox } from './problem-box.tsx'
import { useScreen } from './screen.ts'
import { usePausable } from './use-pausable.ts'

export function StallLife({ incident, decisions }: { incident: IncidentDetail; decisions: Decisions }) {
  const { live } = useScreen()
  const { life, fingerprint } = incident
  return (
    <section class="card stall-life" aria-label="State">
      <p>
        <b class={`tag is-${life.state}`}>{life.state}</b>{' '}
        {life.since !== null && lifeWords(life, (at) => formatMinute(fromIso(at), live.now())).slice(life.state.length)}{' '}
        {life.assignee !== null && <span>· assigned to {life.assignee}</span>}
      </p>
      <p class="decisions">
        <DecisionButtons incident={incident} of={decisions} />
        <a class="button" href={paths.newInvestigation(fingerprint)}>
          Start investigation
        </a>
        <span class="hint wide-only">
          <KeyHint action="acknowledge" /> acknowledges, <KeyHint action="mute" /> mutes
        </span>
      </p>
    </section>
  )
}

/** It is asked for again as soon as something was decided. */
export function StallHistory({ incident }: { incident: IncidentDetail }) {
  const { live, watchStallHistory } = useScreen()
  const { fingerprint, life } = incident
  const watch = useMemo(() => watchStallHistory(fingerprint), [fingerprint])
  useEffect(() => watch.stop, [watch])
  useEffect(() => watch.refresh(), [life.since, life.assignee, incident.merged.length, incident.siblings.length])
  const { value: data } = usePausable(useComputed(() => watch.state.value.data))
  const { problem } = watch.state.value
  if (problem !== null) return <ProblemBox problem={problem} retry={watch.refresh} />
  return (
    <section class="card">
      <header>
        <h2>History</h2>
        <span class="count">{data?.changes.length}</span>
      </header>
      {data?.changes.length === 0 && <p class="empty">Nobody has decided anything about it yet.</p>}
      <ol class="stall-history" role="list">
        {data?.changes.map((change) => {
          const say = (at: string) => formatMinute(fromIso(at), live.now())
          const { who, did, how } = changeWords(change, say)
          return (
            <li key={`${change.at} ${change.what}`}>
              <time dateTime={change.at} title={change.at}>
                {formatTime(fromIso(change.at), live.now())}
              </time>
              <span>
                <b>{who}</b> {did} <span class="hint">{how}</span>
                {change.reason !== null && <q>{change.reason}</q>}
              </span>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
