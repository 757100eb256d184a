/** Whether anything came: heard from the live feed as it happens, and after a minute what may be wrong. */
import { useComputed } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Setup } from '../../contract/setup.ts'
import { fromIso } from '../../contract/units.ts'
import { checkFirstSteps, firstRun, formatWait, judgeProgress } from '../model/first-steps.ts'
import { count, formatAge, formatTime, shortId } from '../model/format.ts'
import { STATUS_WORDS } from '../model/words.ts'
import { paths } from '../paths.ts'
import { Icon } from './icon.tsx'
import { useScreen } from './screen.ts'

export function FirstEvent({ setup }: { setup: Setup }) {
  const { live } = useScreen()
  const begunAt = useRef(live.now())
  const run = useComputed(() => firstRun(live.board.value.runs.values())).value
  const now = live.tick.value
  const waitedMs = now - begunAt.current
  const progress = judgeProgress(setup.hearing, run, waitedMs)
  const { firstEventAt, lastEventAt, lastService } = setup.hearing
  const isChecked = progress === 'checking' || progress === 'quiet' || progress === 'heard'
  return (
    <section class={`card first-event is-${progress}`} aria-labelledby="first-event">
      <h2 class="sr" id="first-event">
        The first event
      </h2>
      <p class="first-event-now" role="status">
        {progress === 'connected' && run !== null ? (
          <>
            <Icon name="completed" />
            <span>
              Connected: <a href={paths.run(run.id)}>{shortId(run.id)}</a>, {count(run.events, 'event')},{' '}
              {STATUS_WORDS[run.status].short}
            </span>
          </>
        ) : progress === 'heard' && firstEventAt !== null ? (
          <>
            <Icon name="running" />
            <span>
              Events have come since {formatTime(fromIso(firstEventAt), now)}
              {lastEventAt !== null && `, the last ${formatAge(now - fromIso(lastEventAt))} ago`}
              {lastService !== null && ` from ${lastService}`}. No run is live.
            </span>
          </>
        ) : (
          <>
            <span class="dot" />
            <span>{progress === 'quiet' ? 'No event has come' : 'Waiting for the first event…'}</span>
            {/* Ticking text would be read aloud each second. */}
            {progress !== 'quiet' && (
              <span class="mono" aria-hidden="true">
                {formatWait(waitedMs)}
              </span>
            )}
          </>
        )}
      </p>
      {progress === 'quiet' && (
        <p>After ten minutes there is nothing to wait for. This page hears it when one comes.</p>
      )}
      {isChecked && <Checks setup={setup} />}
    </section>
  )
}

function Checks({ setup }: { setup: Setup }) {
  const { live } = useScreen()
  return (
    <ol class="checks" role="list">
      {checkFirstSteps(setup, live.tick.value).map(({ ok, says, hint }) => (
        <li key={says} class={ok === null ? 'is-pending' : ok ? 'is-completed' : 'is-overdue'}>
          <Icon name={ok === null ? 'pending' : ok ? 'completed' : 'slow'} />
          <span class="sr">{ok === null ? 'not known yet: ' : ok ? 'fine: ' : 'look here: '}</span>
          <span>
            {says} {hint !== null && <span class="hint">{hint}</span>}
          </span>
        </li>
      ))}
    </ol>
  )
}
