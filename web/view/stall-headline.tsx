/** What an incident is, in a sentence, and what it is known by. */
import type { IncidentDetail } from '../../contract/stalls.ts'
import { fromIso } from '../../contract/units.ts'
import { formatAge } from '../model/format.ts'
import { firstSeen, incidentSentence, labelOf, STATE_LOOKS } from '../model/incidents.ts'
import { CAUSE_WORDS } from '../model/words.ts'
import { CodeAt } from './code-at.tsx'
import { copyOfIncident } from './copy-of-run.ts'
import { CopyButton, CopyMenu, useCopyThing } from './copy.tsx'
import { Icon } from './icon.tsx'
import { useScreen } from './screen.ts'
import { TagMark } from './stalls-page.tsx'

export function StallHeadline({ incident }: { incident: IncidentDetail }) {
  const { live } = useScreen()
  const now = live.tick.value
  const { lead, step, rest } = incidentSentence(incident)
  const { cause, code, state, standing, firstAt, lastAt } = incident
  return (
    <section class={`headline is-${STATE_LOOKS[state]}`}>
      <h1>
        <Icon name={STATE_LOOKS[state]} />
        <span>
          {lead} <span class="mono">{step}</span>
          {rest} <TagMark incident={incident} />
        </span>
      </h1>
      <ul role="list">
        {cause !== null && <li>{CAUSE_WORDS[cause]}</li>}
        {standing === 0 && <li>none stands still now</li>}
        <li title={firstAt}>first seen {firstSeen(incident, now)}</li>
        <li title={lastAt}>last {formatAge(now - fromIso(lastAt))} ago</li>
        {code !== null && (
          <li>
            <CodeAt code={code} version={incident.latestStalls[0]?.version ?? incident.firstVersion} />
          </li>
        )}
      </ul>
    </section>
  )
}

export function StallBar({ incident }: { incident: IncidentDetail }) {
  const { fingerprint } = incident
  const thing = copyOfIncident(incident)
  useCopyThing(thing)
  return (
    <div class="run-bar">
      <p class="run-id mono">
        {labelOf(fingerprint)} <CopyButton text={fingerprint} what="fingerprint" />
      </p>
      <dl class="facts">
        <Fact name="agent" value={incident.agent} />
        <Fact name="environment" value={incident.environment} />
      </dl>
      <CopyMenu thing={thing} />
    </div>
  )
}

function Fact({ name, value }: { name: string; value: string | null }) {
  if (value === null) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
