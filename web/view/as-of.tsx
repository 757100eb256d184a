/** A page as it was when its link was copied: its clock stands, and it says how things are now. */
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { signal } from '@preact/signals'
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { formatTime } from '../model/format.ts'
import { STATUS_WORDS } from '../model/words.ts'
import { StatusMark } from './icon.tsx'
import { ScreenContext, useScreen } from './screen.ts'

/** Nothing in it grows, ticks or is asked for again. */
export function StandingAt({ at, children }: { at: Instant; children: ComponentChildren }) {
  const screen = useScreen()
  const standing = useMemo(() => {
    const live = { ...screen.live, now: () => at, tick: signal(at), isPaused: signal(true), row: () => signal(null) }
    return { ...screen, live }
  }, [screen, at])
  return <ScreenContext.Provider value={standing}>{children}</ScreenContext.Provider>
}

/** @param now its address without the moment */
export function AsOfLine({ asOf, now }: { asOf: NonNullable<RunDetail['asOf']>; now: string }) {
  const { at, isBehind, status, endedAt } = asOf
  const when = fromIso(at)
  return (
    <p class="notice as-of" role="status">
      As of <time dateTime={at}>{formatTime(when, Math.max(when, endedAt === null ? when : fromIso(endedAt)))}</time>
      {isBehind ? (
        <>
          {' '}
          · now: <StatusMark status={status} />
        </>
      ) : (
        ` · still ${STATUS_WORDS[status].short}: nothing has come of it since`
      )}{' '}
      <a href={now}>Show now</a>
    </p>
  )
}
