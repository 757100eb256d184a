/** Nobody trusts a group that does not say why. */
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { formatCode } from '../model/format.ts'
import { stepOf } from '../model/incidents.ts'
import { paths } from '../paths.ts'

export function StallTogether({ incident }: { incident: IncidentDetail }) {
  const { agent, environment, cause, code } = incident
  const runs = paths.runs({
    agent: agent ?? '',
    environment: environment ?? '',
    step: stepOf(incident),
    statuses: [...STANDING_STATUSES],
  })
  return (
    <section class="card">
      <header>
        <h2>Why these are together</h2>
      </header>
      <dl class="ingredients">
        <Pair name="agent" value={agent} />
        <Pair name="environment" value={environment} />
        <Pair name="step" value={stepOf(incident)} />
        <Pair name="cause" value={cause} />
        <Pair name="code" value={code === null ? null : formatCode(code)} />
      </dl>
      <p class="hint in-card">
        Stalls alike in all of these are one; users, processes and versions may differ.{' '}
        <a href={runs}>Runs that stand there now</a>
      </p>
    </section>
  )
}

function Pair({ name, value }: { name: string; value: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={value === null ? 'hint' : ''}>{value ?? 'not known'}</dd>
    </div>
  )
}
