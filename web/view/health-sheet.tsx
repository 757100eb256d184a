/** Laststep itself: whether its verdicts can be trusted, and how late they come. Asked for only while it is looked at. */
import type { Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { describeFailures, describeHealth } from '../model/health.ts'
import { useScreen } from './screen.ts'
import { Sheet } from './sheet.tsx'

export function HealthSheet({ isOpen }: { isOpen: Signal<boolean> }) {
  return (
    <Sheet title="Laststep itself" id="health-title" isOpen={isOpen}>
      {isOpen.value && <HealthNow />}
    </Sheet>
  )
}

function HealthNow() {
  const { live, watchHealth } = useScreen()
  const watch = useMemo(watchHealth, [])
  useEffect(() => watch.stop, [watch])
  const { data, problem } = watch.state.value
  // What was last heard is no answer when nothing answers now: a collector that hangs says nothing.
  if (problem !== null) return <p class="empty">{problem.message}</p>
  if (data === null) return <p class="empty">Asking…</p>
  const failures = describeFailures(data)
  return (
    <div class="health">
      {failures.length === 0 ? (
        <p class="verdict is-well">
          <span class="dot" /> Verdicts can be trusted.
        </p>
      ) : (
        <div class="verdict is-in-doubt" role="alert">
          <p>Verdicts may be wrong or late.</p>
          <ul>
            {failures.map((failure) => (
              <li key={failure}>{failure}</li>
            ))}
          </ul>
        </div>
      )}
      <dl class="wide">
        {describeHealth(data, live.tick.value).map(({ what, says }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">
        The canary is a run of our own that stands still once a minute.{' '}
        <a href="/metrics" target="_blank" rel="noopener">
          All metrics
        </a>
      </p>
    </div>
  )
}
