/** A screen for a wall: no navigation, large letters, kept lit; it may take turns with another until somebody touches it. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { formatAge, formatClock, zoneName } from '../model/format.ts'
import { WALL_SILENCE } from '../model/connection.ts'
import { paths, type Wall, type WallScreen } from '../paths.ts'
import { readWall } from '../read-address.ts'
import { Announcer, ConnectionPill } from './connection.tsx'
import { useKeys } from './keyboard.ts'
import { lazyPart } from './lazy.tsx'
import { TrendsRoute } from './routes.ts'
import { useScreen } from './screen.ts'
import { useTurns } from './use-turns.ts'
import { WallBoard } from './wall-board.tsx'

const HealthSheet = lazyPart(async () => (await import('./sheets.ts')).HealthSheet)
const SCREEN_WORDS: Readonly<Record<WallScreen, string>> = { live: 'Live', trends: 'Trends' }

export function WallPage() {
  const { path, query } = useLocation()
  const wall = readWall(path, query)
  return wall === null ? null : <WallFrame wall={wall} />
}

function WallFrame({ wall }: { wall: Wall }) {
  const { live, keepLit } = useScreen()
  const { route } = useLocation()
  const isHealthOpen = useSignal(false)
  const turns = useTurns(wall)
  const leave = () => route(wall.screen === 'live' ? paths.live() : paths.trends())
  useKeys({ close: leave })
  useEffect(() => {
    document.documentElement.dataset['wall'] = ''
    const letSleep = keepLit()
    return () => {
      delete document.documentElement.dataset['wall']
      letSleep()
    }
  }, [])
  useEffect(() => void (document.title = `${SCREEN_WORDS[wall.screen]} on the wall · Laststep`), [wall.screen])
  const liveness = live.liveness.value
  const isStale = liveness.state === 'reconnecting' && liveness.silentMs >= WALL_SILENCE
  return (
    <div class={`wall ${isStale ? 'is-stale' : ''}`}>
      <header class="wall-top">
        <span class="brand">laststep</span>
        <span class="wall-screen">{SCREEN_WORDS[wall.screen]}</span>
        {wall.rotate.length > 1 && (
          <span class="hint" role="status">
            {turns.isTurning.value ? (
              `turns to ${SCREEN_WORDS[turns.next]} every ${wall.every / 1000} s`
            ) : (
              <button type="button" class="button" onClick={turns.goOn}>
                Stopped turning: go on
              </button>
            )}
          </span>
        )}
        <span class="grow" />
        <button type="button" class="button wall-leave" onClick={leave}>
          Leave <kbd aria-hidden="true">Esc</kbd>
        </button>
        <ConnectionPill open={() => (isHealthOpen.value = true)} />
        <Clock />
      </header>
      {isStale && liveness.state === 'reconnecting' && (
        <p class="wall-band" role="alert">
          Not live for {formatAge(liveness.silentMs)} – data as of {formatClock(liveness.asOf)}
        </p>
      )}
      <main id="main" class={`wall-${wall.screen}`}>
        {wall.screen === 'live' ? <WallBoard /> : <TrendsRoute />}
      </main>
      <Announcer />
      <HealthSheet isOpen={isHealthOpen} />
    </div>
  )
}

/** By the collector's clock, like every age on the wall; it stands still with them. */
function Clock() {
  const { live } = useScreen()
  const now = useSignal(live.tick.peek())
  useSignalEffect(() => void (now.value = live.tick.value))
  return (
    <time class="wall-clock">
      {formatClock(now.value)} <small>{zoneName(now.value)}</small>
    </time>
  )
}
