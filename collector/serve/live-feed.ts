/**
 * The live feed, `WS /api/live` (contract/live.ts): a snapshot, then changes, at most four times a second.
 *
 * ```
 * publish(row) ─► pending (newest row of each run) ─► flush: one text ─► ring ─► each reader, at its own position
 * ```
 *
 * A batch is made into text once for all readers and kept in a bounded ring. Every reader has a position in it: one
 * who comes back with a cursor and one who is a little slow catch up in the same way, and one whose position has left
 * the ring is told to start anew. Nothing is queued for a reader who does not read.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock, Timer } from '../../contract/clock.ts'
import type { BoardCounts, LiveFrame } from '../../contract/live.ts'
import type { Finding } from '../../contract/findings.ts'
import type { RunRow } from '../../contract/runs.ts'
import { minutes, seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { openChangeRing } from './change-ring.ts'
import { BEHIND_CLOSE, BEHIND_MS_MAX, openLiveReader, type LiveReader } from './live-reader.ts'
import { pickRows } from './pick-rows.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { isSameHost } from './same-host.ts'

export interface LiveFeedSettings {
  readonly clock: Clock
  /** Rows of the runs that are open, and of those that ended within `BOARD_WINDOW_MS`. */
  readonly liveRuns: () => Iterable<RunRow>
  readonly counts: (now: Instant) => BoardCounts
  /** Whether the verdicts shown can be trusted. */
  readonly isReady: () => boolean
  /** Those that are open, and those that ended within `BOARD_WINDOW_MS`. */
  readonly findings: (now: Instant) => readonly Finding[]
  readonly clientsMax?: number
}

export interface LiveFeed {
  /** A run has a new row. */
  publish(row: RunRow): void
  /** A finding was made, or changed. */
  found(): void
  /** Take over a connection that asks for the live feed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly clients: number
  /** Readers closed because they fell behind. */
  readonly tooSlow: number
  stop(): void
}

const FLUSH_MS = 250
const BEAT_MS = seconds(5)
const WATCH_MS = 500
const CLIENTS_MAX = 256
/** More changed runs in one flush than anyone can follow: readers are shown the whole picture again instead. */
const PENDING_MAX = 5_000
export const PICTURE_ROWS_MAX = 1_000
/** Between two whole pictures. */
const PICTURE_MS = seconds(2)
/** How long a reader may be away: five minutes at four batches a second, or 32 Mi characters when that is less. */
const RESUME_MS = minutes(5)
const RING = { batchesMax: RESUME_MS / FLUSH_MS, charsMax: 32 * 2 ** 20 }
/** Time for a close frame to be answered before the connection is cut. */
const CLOSE_MS = seconds(2)
const GOING_AWAY = 1001

export function openLiveFeed(settings: LiveFeedSettings): LiveFeed {
  const { clock, clientsMax = CLIENTS_MAX } = settings
  /** Tells this process's cursors from those of another. */
  const epoch = crypto.randomUUID().slice(0, 8)
  const ring = openChangeRing(RING)
  const readers = new Set<LiveReader>()
  /** The newest row of each run that changed since the last flush. */
  const pending = new Map<string, RunRow>()
  let flushTimer: Timer | null = null
  let flushedAt: Instant = 0
  let picturedAt: Instant = 0
  let lastReaderAt: Instant = 0
  let lastCounts = ''
  let picture: { readonly text: string; readonly position: number; readonly at: Instant } | null = null
  let tooSlow = 0

  // The client has nothing to say: what it sends is ignored, and more than a little of it closes the connection.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_024, perMessageDeflate: false })

  const cursorAt = (position: number): string => `${epoch}.${position}`

  const scheduleFlush = (delay: Millis): void => {
    flushTimer ??= clock.after(Math.max(0, delay), flush)
  }

  const flush = (): void => {
    flushTimer = null
    const now = clock.now()
    flushedAt = now
    if (readers.size === 0 && now - lastReaderAt > RESUME_MS) {
      // Nobody is left who could come back with a cursor.
      pending.clear()
      ring.clear()
    } else if (pending.size <= PENDING_MAX) {
      appendBatch([...pending.values()], now)
    } else if (now - picturedAt < PICTURE_MS) {
      scheduleFlush(picturedAt + PICTURE_MS - now)
    } else {
      picturedAt = now
      pending.clear()
      ring.clear()
      for (const reader of readers) bringUpToDate(reader, now)
    }
  }

  const appendBatch = (runs: readonly RunRow[], now: Instant): void => {
    pending.clear()
    const counts = settings.counts(now)
    const findings = settings.findings(now)
    lastCounts = JSON.stringify(counts)
    const cursor = cursorAt(ring.latest + 1)
    ring.push(textOf({ type: 'changes', cursor, serverTime: toIso(now), runs, counts, findings }))
    for (const reader of readers) bringUpToDate(reader, now)
  }

  const bringUpToDate = (reader: LiveReader, now: Instant): void => {
    if (reader.catchUp(ring, now)) return
    reader.send(textOf({ type: 'reset' }))
    showPicture(reader, now)
  }

  const sendOn = (reader: LiveReader): void => {
    if (readers.has(reader) && reader.position < ring.latest) bringUpToDate(reader, clock.now())
  }

  const showPicture = (reader: LiveReader, now: Instant): void => {
    // Many readers come at once when a collector is back: they share a picture, and get what followed it as batches.
    if (picture === null || now - picture.at > FLUSH_MS || !isInRing(picture.position)) picture = drawPicture(now)
    reader.send(picture.text)
    reader.position = picture.position
    reader.catchUp(ring, now)
  }

  /** Whether every batch after this position is still there. */
  const isInRing = (position: number): boolean => position === ring.latest || ring.at(position + 1) !== null

  const drawPicture = (now: Instant) => {
    const runs = pickRows(settings.liveRuns(), PICTURE_ROWS_MAX)
    const counts = settings.counts(now)
    const findings = settings.findings(now)
    const position = ring.latest
    const cursor = cursorAt(position)
    const text = textOf({ type: 'snapshot', cursor, serverTime: toIso(now), runs, counts, findings })
    return { text, position, at: now }
  }

  const beat = (): void => {
    const now = clock.now()
    // The window slides although no run changes: an hour of silence must not show the completions of the busy one.
    const haveCountsMoved = readers.size > 0 && JSON.stringify(settings.counts(now)) !== lastCounts
    if (haveCountsMoved && flushTimer === null) appendBatch([], now)
    if (readers.size === 0) return
    const isReady = settings.isReady()
    const text = textOf({ type: 'beat', cursor: cursorAt(ring.latest), serverTime: toIso(now), isReady })
    for (const reader of readers) {
      if (reader.behindFor(now) === 0 && reader.position === ring.latest) reader.send(text)
      reader.ping()
    }
  }

  /** Close those who stayed behind. */
  const watch = (): void => {
    const now = clock.now()
    for (const reader of readers) {
      if (reader.behindFor(now) <= BEHIND_MS_MAX) continue
      tooSlow += 1
      readers.delete(reader)
      reader.close(BEHIND_CLOSE.code, BEHIND_CLOSE.reason)
      // The close frame waits behind the very bytes that are not read.
      clock.after(CLOSE_MS, reader.cut)
    }
  }

  const join = (socket: WebSocket, after: string | null): void => {
    const reader = openLiveReader(socket, sendOn)
    readers.add(reader)
    socket.on('pong', reader.answered)
    // A broken or ill-behaved connection ends here; there is nobody else to tell.
    socket.on('error', reader.cut)
    socket.on('close', () => {
      readers.delete(reader)
      lastReaderAt = clock.now()
    })
    const now = clock.now()
    const position = after === null ? null : readCursor(after, epoch)
    // A position that was never given, or whose next batch is gone, is as useless as another process's.
    if (position !== null && isInRing(position)) {
      reader.position = position
      bringUpToDate(reader, now)
    } else {
      if (after !== null) reader.send(textOf({ type: 'reset' }))
      showPicture(reader, now)
    }
  }

  const timers = [clock.every(BEAT_MS, beat), clock.every(WATCH_MS, watch)]

  return {
    publish(row) {
      pending.set(row.id, row)
      scheduleFlush(flushedAt + FLUSH_MS - clock.now())
    },
    found: () => scheduleFlush(flushedAt + FLUSH_MS - clock.now()),
    accept(request, socket, head) {
      if (!isSameHost(request))
        return refuseUpgrade(socket, 'forbidden', 'another site may not read the live feed; open the dashboard itself')
      if (readers.size >= clientsMax)
        return refuseUpgrade(socket, 'unavailable', `${clientsMax} readers are connected already; close one of them`)
      const after = URL.parse(request.url ?? '', 'http://localhost')?.searchParams.get('after') ?? null
      sockets.handleUpgrade(request, socket, head, (webSocket) => join(webSocket, after))
    },
    get clients() {
      return readers.size
    },
    get tooSlow() {
      return tooSlow
    },
    stop() {
      for (const timer of timers) timer.cancel()
      flushTimer?.cancel()
      for (const reader of readers) {
        reader.close(GOING_AWAY, 'the collector is stopping')
        clock.after(CLOSE_MS, reader.cut)
      }
      sockets.close()
    },
  }
}

function textOf(frame: LiveFrame): string {
  return JSON.stringify(frame)
}

/** Null for a cursor of another process, and for what is no cursor. */
function readCursor(cursor: string, epoch: string): number | null {
  const match = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(cursor)
  return match?.[1] === epoch ? Number(match[2]) : null
}
