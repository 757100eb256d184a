/** How live the page is: the pill, the pause, the band across the page, and the one voice for screen readers. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { seconds, type Instant } from '../../contract/units.ts'
import { OFFLINE } from '../model/connection.ts'
import { count, formatAge, formatClock } from '../model/format.ts'
import { Icon } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import { useScreen } from './screen.ts'

/** Says how live the page is; behind it, how well the collector is. */
export function ConnectionPill({ open }: { open: () => void }) {
  const { live } = useScreen()
  const liveness = live.liveness.value
  const [tone, words] = live.isPaused.value
    ? ['paused', `Paused at ${formatClock(live.tick.value)}`]
    : liveness.state === 'live'
      ? ['live', 'Live']
      : liveness.state === 'connecting'
        ? ['away', 'Connecting…']
        : ['away', `Reconnecting… as of ${formatClock(liveness.asOf)}`]
  const waiting = live.waiting.value
  // Of one that is not heard nothing newer is known.
  const isInDoubt = !live.isReady.value && tone !== 'away'
  return (
    <button
      type="button"
      class={`pill is-${tone}${isInDoubt ? ' is-in-doubt' : ''}`}
      id="connection"
      title="How Laststep itself is doing"
      aria-haspopup="dialog"
      onClick={open}
    >
      <span class="dot" />
      <span role="status">{isInDoubt && tone === 'live' ? 'Verdicts in doubt' : words}</span>
      {live.isPaused.value && waiting > 0 && <span aria-hidden="true">· {waiting > 99 ? '99+' : waiting} waiting</span>}
    </button>
  )
}

export function PauseButton() {
  const { live } = useScreen()
  const isPaused = live.isPaused.value
  return (
    <button type="button" class="button" aria-pressed={isPaused} onClick={live.togglePause}>
      <Icon name={isPaused ? 'play' : 'pause'} />
      {isPaused ? 'Resume' : 'Pause'} <KeyHint action="pause" />
    </button>
  )
}

/** After a minute without the collector a pill is too quiet. */
export function OfflineBand() {
  const { live } = useScreen()
  const liveness = live.liveness.value
  if (liveness.state !== 'reconnecting' || liveness.silentMs < OFFLINE) return null
  return (
    <div class="band">
      Not live for {formatAge(liveness.silentMs)} – data as of {formatClock(liveness.asOf)}
      <button type="button" class="button" onClick={live.retry}>
        Try now
      </button>
    </div>
  )
}

/** At most one message in 10 s, and only about runs that newly stalled. Silent while paused. */
export function Announcer() {
  const { live } = useScreen()
  const message = useSignal('')
  const known = useSignal<{ stalled: number; at: Instant } | null>(null)
  useSignalEffect(() => {
    const counts = live.board.value.counts
    const now = live.tick.value
    const before = known.peek()
    if (counts === null || live.isPaused.value) return
    if (before === null) known.value = { stalled: counts.stalled, at: now }
    else if (counts.stalled !== before.stalled && now - before.at >= seconds(10)) {
      known.value = { stalled: counts.stalled, at: now }
      const newly = counts.stalled - before.stalled
      if (newly > 0) message.value = `${count(newly, 'run')} newly stalled, ${counts.stalled} in total`
    }
  })
  return (
    <p class="sr" role="status">
      {message}
    </p>
  )
}
