/** Nobody trusts a group that does not say why. */
import { useLocation } from 'preact-iso/router'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { formatCode, labelOf, shortId } from '../model/format.ts'
import { stepOf } from '../model/incidents.ts'
import { paths } from '../paths.ts'
import type { Decisions } from './decisions.ts'

export function StallTogether({ incident, decisions }: { incident: IncidentDetail; decisions: Decisions }) {
  const { agent, environment, cause, code, codeKey } = incident
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
        Stalls alike in all of these are one; users, processes and versions may differ.
        {codeKey !== null && (
          <>
            {' '}
            Code is compared as <code>{codeKey}</code>: without the folders above, ids and build hashes, and by function
            rather than by line.
          </>
        )}{' '}
        <a href={runs}>Runs that stand there now</a>
      </p>
      <Examples incident={incident} />
      <Merged incident={incident} decisions={decisions} />
    </section>
  )
}

/** The first, and the latest ones. */
function Examples({ incident }: { incident: IncidentDetail }) {
  const { firstStall, latestStalls } = incident
  const stalls = [...(firstStall === null ? [] : [firstStall]), ...latestStalls]
  const ids = [...new Set(stalls.map(({ runId }) => runId))].slice(0, EXAMPLES_MAX)
  return (
    <p class="in-card names">
      <span class="hint">For example</span>
      {ids.map((id) => (
        <a key={id} class="mono" href={paths.run(id)}>
          {shortId(id)}
        </a>
      ))}
    </p>
  )
}

const EXAMPLES_MAX = 5

/** What people put together and took apart, and the way back. */
function Merged({ incident, decisions }: { incident: IncidentDetail; decisions: Decisions }) {
  const { route } = useLocation()
  const { merged, splitFrom } = incident
  if (merged.length === 0 && splitFrom === null) return null
  const { isSending, decide } = decisions
  return (
    <ul class="merged" role="list">
      {merged.map(({ fingerprint, ...part }) => (
        <li key={fingerprint}>
          <span>
            with <b class="mono">{labelOf(fingerprint)}</b> {stepOf(part)}
          </span>
          <button
            type="button"
            class="button"
            aria-label={`Take ${labelOf(fingerprint)} out again`}
            disabled={isSending.value}
            onClick={() => void decide(incident, { action: 'unmerge', part: fingerprint })}
          >
            Take out
          </button>
        </li>
      ))}
      {splitFrom !== null && (
        <li>
          <span>
            {splitFrom.version ?? 'no version'}, split off from{' '}
            <a class="mono" href={paths.stall(splitFrom.fingerprint)}>
              {labelOf(splitFrom.fingerprint)}
            </a>
          </span>
          <button
            type="button"
            class="button"
            disabled={isSending.value}
            onClick={async () => {
              const whole = { ...incident, fingerprint: splitFrom.fingerprint }
              const isDone = await decide(whole, { action: 'unsplit', version: splitFrom.version })
              // Here is nothing any more.
              if (isDone) route(paths.stall(splitFrom.fingerprint), true)
            }}
          >
            Put back
          </button>
        </li>
      )}
    </ul>
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
