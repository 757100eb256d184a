/** What became of an incident with each deploy: its rate before and after, and how sure that is. */
import '../style/deploys.css'
import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { DeployEffect, DeployEffects } from '../../contract/deploys.ts'
import type { Fingerprint } from '../../contract/stalls.ts'
import { AXIS_MARKS, drawInterval, FIND_WORDS, ratesOf, whenOf } from '../model/deploy-effects.ts'
import { formatCount } from '../model/format.ts'
import { ProblemBox } from './problem-box.tsx'
import { useScreen } from './screen.ts'
import { usePausable } from './use-pausable.ts'

export function StallDeploys({ fingerprint }: { fingerprint: Fingerprint }) {
  const { watchStallDeploys } = useScreen()
  const watch = useMemo(() => watchStallDeploys(fingerprint), [])
  useEffect(() => watch.stop, [watch])
  const { problem } = watch.state.value
  const { value: told } = usePausable(useComputed(() => watch.state.value.data))
  if (told === null) return problem && <ProblemBox problem={problem} retry={watch.refresh} />
  return (
    <section class="card deploys" aria-labelledby="deploys">
      <header>
        <h2 id="deploys">Deploys</h2>
        <span class="count">{formatCount(told.total)}</span>
        <span class="grow" />
        <span class="hint">stalls per 100 runs, before → after</span>
      </header>
      {told.effects.length === 0 ? (
        <p class="empty">
          No deploy of its environment in the last 7 days. <code>laststep deploy</code> announces one.
        </p>
      ) : (
        <Effects told={told} />
      )}
    </section>
  )
}

function Effects({ told: { effects, total } }: { told: DeployEffects }) {
  return (
    <>
      <div class="effect effect-axis" aria-hidden="true">
        <span class="effect-bar">
          {AXIS_MARKS.map(({ at, says }) => (
            <i key={says} style={{ insetInlineStart: `${at * 100}%` }}>
              {says}
            </i>
          ))}
        </span>
      </div>
      <ul role="list" class="effects">
        {effects.map((effect) => (
          <li key={`${effect.deploy.service} ${effect.deploy.version} ${effect.deploy.at}`}>
            <Effect effect={effect} />
          </li>
        ))}
      </ul>
      {total > effects.length && <p class="hint in-card">The latest {effects.length}.</p>}
    </>
  )
}

function Effect({ effect }: { effect: DeployEffect }) {
  const { live } = useScreen()
  const { deploy, together, found, sentence } = effect
  return (
    <details open={found === 'suspect'}>
      <summary class="effect">
        <span class="effect-what">
          <b>{deploy.service}</b> <span class="mono">{deploy.version}</span>
          {together.length > 0 && <span class="hint"> and {together.length} more</span>}
        </span>
        <span class="effect-when hint">{whenOf(deploy, live.now())}</span>
        <Interval effect={effect} />
        <span class="effect-rates number">{ratesOf(effect)}</span>
        <span class={`tag is-${found}`}>{FIND_WORDS[found]}</span>
      </summary>
      <p class="in-card">
        {sentence}
        {deploy.note !== null && <> Note: {deploy.note}</>}
        {deploy.url !== null && (
          <>
            {' '}
            <a href={deploy.url} rel="noreferrer">
              More about this deploy
            </a>
          </>
        )}
      </p>
    </details>
  )
}

/** Seen at a glance; the words beside it and the sentence below say the same. */
function Interval({ effect }: { effect: DeployEffect }) {
  const bar = drawInterval(effect)
  return (
    <span class="effect-bar" aria-hidden="true">
      {bar && (
        <>
          <i
            class="effect-span"
            style={{ insetInlineStart: `${bar.from * 100}%`, width: `${(bar.to - bar.from) * 100}%` }}
          />
          {bar.value !== null && <i class="effect-value" style={{ insetInlineStart: `${bar.value * 100}%` }} />}
        </>
      )}
    </span>
  )
}
