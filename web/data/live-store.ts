/**
 * What the page shows of the live feed, as signals. Values change in place at once; the view of everything can be
 * paused, the data never is: while paused, frames fold into a board nobody sees yet.
 */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import type { Clock } from '../../contract/clock.ts'
import type { Cursor, InvestigationFrame } from '../../contract/live.ts'
import type { RunRow } from '../../contract/runs.ts'
import { seconds, type Instant } from '../../contract/units.ts'
import { EMPTY_BOARD, foldFrame, type Board } from '../model/board.ts'
import { SILENCE_MAX, type Liveness } from '../model/connection.ts'
import { openFeed } from './feed.ts'

export interface LiveStore {
  readonly board: ReadonlySignal<Board>
  readonly liveness: ReadonlySignal<Liveness>
  /** Server time, once a second; stands still while paused or disconnected. */
  readonly tick: ReadonlySignal<Instant>
  readonly isPaused: ReadonlySignal<boolean>
  /** False when the collector says of itself that its verdicts may be wrong or late. */
  readonly isReady: ReadonlySignal<boolean>
  /** How many runs changed since the pause. */
  readonly waiting: ReadonlySignal<number>
  /** The investigation that was edited last, and its revision; null before the first. */
  readonly edited: ReadonlySignal<InvestigationFrame | null>
  /** Server time for one frame of animation; stands still when `tick` does. */
  now(): Instant
  /** One run, as the board last heard of it; every screen reads the same signal. Null while it is not on the board. */
  row(id: string): ReadonlySignal<RunRow | null>
  togglePause(): void
  retry(): void
}

/** @param url address of the feed, given the cursor to resume from. */
export function openLiveStore(clock: Clock, url: (after: Cursor | null) => string): LiveStore {
  const board = signal<Board>(EMPTY_BOARD)
  const liveness = signal<Liveness>({ state: 'connecting' })
  const pausedAt = signal<Instant | null>(null)
  const isReady = signal(true)
  const edited = signal<InvestigationFrame | null>(null)
  const waitingIds = signal<ReadonlySet<string>>(new Set())
  const rows = new Map<string, Signal<RunRow | null>>()
  let latest: Board = EMPTY_BOARD

  const show = (next: Board) =>
    batch(() => {
      // Frames touch few rows; the others' signals keep their value and wake nobody.
      for (const [id, row] of rows) {
        const newer = next.runs.get(id)
        if (newer === undefined && row.peek() !== null) rows.delete(id)
        else if (newer && newer !== row.peek()) row.value = newer
      }
      board.value = next
    })

  const feed = openFeed({
    clock,
    url,
    liveness(next) {
      const held = liveness.peek()
      if (next.state !== held.state || next.state === 'reconnecting') liveness.value = next
    },
    frame(frame) {
      if (frame.type === 'investigation') return void (edited.value = frame)
      if (frame.type === 'beat') isReady.value = frame.isReady
      latest = foldFrame(latest, frame)
      if (pausedAt.peek() === null) return show(latest)
      if (frame.type !== 'changes' && frame.type !== 'snapshot') return
      const shown = board.peek().runs
      const news = frame.runs.filter((row) => row.rev !== shown.get(row.id)?.rev)
      waitingIds.value = new Set([...waitingIds.peek(), ...news.map((row) => row.id)])
    },
  })

  const now = () => {
    const paused = pausedAt.peek()
    if (paused !== null) return paused
    const state = liveness.peek()
    // Ages stop where they stood when the silence became too long; they never run back.
    return state.state === 'reconnecting' ? state.asOf + SILENCE_MAX : clock.now() + feed.offset()
  }
  const tick = signal(now())
  clock.every(seconds(1), () => (tick.value = now()))

  return {
    board,
    liveness,
    tick,
    isPaused: computed(() => pausedAt.value !== null),
    isReady,
    edited,
    waiting: computed(() => waitingIds.value.size),
    now,
    row(id) {
      let row = rows.get(id)
      if (!row) rows.set(id, (row = signal(board.peek().runs.get(id) ?? null)))
      return row
    },
    togglePause: () =>
      batch(() => {
        if (pausedAt.peek() === null) {
          pausedAt.value = now()
        } else {
          pausedAt.value = null
          waitingIds.value = new Set()
          show(latest)
        }
        tick.value = now()
      }),
    retry: feed.retry,
  }
}
