/**
 * The live feed, `WS /api/live` (contract/live.ts): a snapshot, then changes, at most four times a second.
 *
 * ```
 * publish(row) ─► pending (newest row of each run) ─► batch: one frame for all ─► each reader that keeps up
 *                                                       └─► recent rows ─► one frame for a reader that did not
 * ```
 *
 * A batch is made into bytes once for all readers. Whoever lacks more than the last one, because they came back with a
 * cursor or read slowly, gets one frame with the newest row of every run that changed meanwhile; and whoever lacks more
 * than that holds, a new picture. Nothing is queued for a reader who does not read.
 *
 * What is sent is bounded as well: beyond `ROWS_A_SECOND` the troubled rows go first, and when too many wait for it to
 * be of use to anybody, all readers are shown the whole picture again instead.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../contract/clock.ts'
import type { BoardCounts } from '../../contract/live.ts'
import type { Finding } from '../../contract/findings.ts'
import type { InvestigationId } from '../../contract/investigations.ts'
import type { RunRow } from '../../contract/runs.ts'
import { minutes, seconds, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { openLiveReader, OWED_MAX, TOO_SLOW_CLOSE, type LiveReader } from './live-reader.ts'
import { openLiveSockets, type LiveSocket } from './live-socket.ts'
import { pickRows } from './pick-rows.ts'
import { openRecentRows } from './recent-rows.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { wireFrame, type WireFrame } from './wire-frame.ts'

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
  /** A sheet is at a new revision. */
  edited(id: InvestigationId, rev: number): void
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
/** Each costs a connection and a tenth of a thousandth of a core, or a fifth while 200 runs a second change. */
const CLIENTS_MAX = 2_048
/** A row is about 90 B compressed; a reader may be sent 64 kB a second (ux/SPEC §4.11), pictures included. */
const ROWS_A_SECOND = 400
const ROWS_AT_ONCE_MAX = 1_000
/** More changed runs waiting than anyone can follow. */
const PENDING_MAX = 5_000
export const PICTURE_ROWS_MAX = 1_000
/** Between two whole pictures. */
const PICTURE_MS = seconds(4)
/** How long a reader may be away, while no more than so many runs change. */
const RESUME_MS = minutes(5)
const RECENT_ROWS_MAX = 20_000
/** Readers served in one turn: about a millisecond, and then whoever sends telemetry has theirs. */
const SERVED_AT_ONCE = 25
/** Time for a close frame to be answered before the connection is cut. */
const CLOSE_MS = seconds(2)
const GOING_AWAY = 1001
const RESET = wireFrame({ type: 'reset' })

export function openLiveFeed(settings: LiveFeedSettings): LiveFeed {
  const { clock, clientsMax = CLIENTS_MAX } = settings
  const sockets = openLiveSockets()
  /** Tells this process's cursors from those of another. */
  const epoch = crypto.randomUUID().slice(0, 8)
  const recent = openRecentRows(RECENT_ROWS_MAX)
  const readers = new Set<LiveReader>()
  /** Readers who have not been served since the last batch, in turn. */
  const unserved = new Set<LiveReader>()
  /** The newest row of each run that changed and was not sent yet. */
  const pending = new Map<string, RunRow>()
  /** Changes after a position up to the newest, as far as somebody needed them; null when there are too many. */
  const changes = new Map<number, WireFrame | null>()
  let flushTimer: Timer | null = null
  let flushedAt: Instant = 0
  let credit = ROWS_AT_ONCE_MAX
  let isPictureDue = false
  let picturedAt: Instant = 0
  let lastReaderAt: Instant = 0
  let lastCounts = ''
  let picture: { readonly frame: WireFrame; readonly position: number; readonly at: Instant } | null = null
  let tooSlow = 0

  const cursorAt = (position: number): string => `${epoch}.${position}`

  const scheduleFlush = (delay: Millis): void => {
    flushTimer ??= clock.after(Math.max(0, delay), flush)
  }

  const flush = (): void => {
    flushTimer = null
    const now = clock.now()
    credit = Math.min(ROWS_AT_ONCE_MAX, credit + ((now - flushedAt) / 1_000) * ROWS_A_SECOND)
    flushedAt = now
    if (readers.size === 0 && now - lastReaderAt > RESUME_MS) {
      // Nobody is left who could come back with a cursor.
      forget()
    } else if (isPictureDue && now - picturedAt >= PICTURE_MS) {
      picturedAt = now
      forget()
      serveAll()
    } else {
      appendBatch(takePending(), now)
    }
    if (pending.size > 0) scheduleFlush(FLUSH_MS)
    else if (isPictureDue) scheduleFlush(picturedAt + PICTURE_MS - now)
  }

  /** Everybody must start anew. */
  const forget = (): void => {
    isPictureDue = false
    pending.clear()
    recent.clear()
    changes.clear()
  }

  /** What may be sent now; the rest waits. */
  const takePending = (): RunRow[] => {
    const rows = pending.size <= credit ? [...pending.values()] : pickRows(pending.values(), Math.floor(credit))
    for (const { id } of rows) pending.delete(id)
    credit -= rows.length
    return rows
  }

  const appendBatch = (rows: readonly RunRow[], now: Instant): void => {
    const before = recent.latest
    recent.push(rows)
    changes.clear()
    changes.set(before, frameOf('changes', rows, now))
    serveAll()
  }

  const frameOf = (type: 'snapshot' | 'changes', runs: readonly RunRow[], now: Instant): WireFrame => {
    const counts = settings.counts(now)
    const findings = settings.findings(now)
    lastCounts = JSON.stringify(counts)
    return wireFrame({ type, cursor: cursorAt(recent.latest), serverTime: toIso(now), runs, counts, findings })
  }

  const serveAll = (): void => {
    const isServing = unserved.size > 0
    for (const reader of readers) unserved.add(reader)
    if (!isServing) serveSome()
  }

  /** Hundreds of writes at a stretch would keep everyone else waiting. */
  const serveSome = (): void => {
    const now = clock.now()
    let left = SERVED_AT_ONCE
    for (const reader of unserved) {
      unserved.delete(reader)
      bringUpToDate(reader, now)
      left -= 1
      if (left === 0) break
    }
    if (unserved.size > 0) setImmediate(serveSome)
  }

  const bringUpToDate = (reader: LiveReader, now: Instant): void => {
    if (reader.position === recent.latest || !reader.keepsUp(now)) return
    const frame = changesAfter(reader.position, now)
    if (frame === null) return startAnew(reader, now)
    reader.position = recent.latest
    reader.send(frame, now)
  }

  const changesAfter = (position: number, now: Instant): WireFrame | null => {
    const made = changes.get(position)
    if (made !== undefined) return made
    const rows = recent.since(position)
    if (rows === null) return null
    const frame = rows.length > PICTURE_ROWS_MAX ? null : frameOf('changes', rows, now)
    changes.set(position, frame)
    return frame
  }

  const startAnew = (reader: LiveReader, now: Instant): void => {
    reader.send(RESET, now)
    showPicture(reader, now)
  }

  const showPicture = (reader: LiveReader, now: Instant): void => {
    // Many readers come at once when a collector is back: they share a picture, and get what followed it as changes.
    if (picture === null || now - picture.at > FLUSH_MS || changesAfter(picture.position, now) === null) {
      const rows = pickRows(settings.liveRuns(), PICTURE_ROWS_MAX)
      picture = { frame: frameOf('snapshot', rows, now), position: recent.latest, at: now }
    }
    reader.send(picture.frame, now)
    reader.position = picture.position
    bringUpToDate(reader, now)
  }

  const beat = (): void => {
    const now = clock.now()
    // The window slides although no run changes: an hour of silence must not show the completions of the busy one.
    const haveCountsMoved = readers.size > 0 && JSON.stringify(settings.counts(now)) !== lastCounts
    if (haveCountsMoved && flushTimer === null) appendBatch([], now)
    if (readers.size === 0) return
    const isReady = settings.isReady()
    const frame = wireFrame({ type: 'beat', cursor: cursorAt(recent.latest), serverTime: toIso(now), isReady })
    for (const reader of readers) {
      // Its cursor would tell a reader that lacks something that it lacks nothing.
      if (reader.position === recent.latest && reader.keepsUp(now)) reader.send(frame, now)
      reader.ping(now)
    }
  }

  /** Close those who read nothing any more. */
  const watch = (): void => {
    const now = clock.now()
    for (const reader of readers) {
      if (reader.owesFor(now) <= OWED_MAX) continue
      tooSlow += 1
      leave(reader)
      reader.close(TOO_SLOW_CLOSE.code, TOO_SLOW_CLOSE.reason)
      // The close frame waits behind the very bytes that are not read.
      clock.after(CLOSE_MS, reader.cut)
    }
  }

  const leave = (reader: LiveReader): void => {
    readers.delete(reader)
    unserved.delete(reader)
    lastReaderAt = clock.now()
  }

  const join = (socket: LiveSocket, after: string | null): void => {
    const now = clock.now()
    const reader = openLiveReader(socket, (caughtUp) => {
      if (readers.has(caughtUp)) bringUpToDate(caughtUp, clock.now())
    })
    readers.add(reader)
    socket.onClosed(() => leave(reader))
    if (after === null) return showPicture(reader, now)
    const position = readCursor(after, epoch)
    if (position === null || changesAfter(position, now) === null) return startAnew(reader, now)
    reader.position = position
    bringUpToDate(reader, now)
  }

  const timers = [clock.every(BEAT_MS, beat), clock.every(WATCH_MS, watch)]

  return {
    publish(row) {
      pending.set(row.id, row)
      if (pending.size > PENDING_MAX) {
        pending.clear()
        isPictureDue = true
      }
      scheduleFlush(flushedAt + FLUSH_MS - clock.now())
    },
    found: () => scheduleFlush(flushedAt + FLUSH_MS - clock.now()),
    edited(id, rev) {
      const now = clock.now()
      const frame = wireFrame({ type: 'investigation', id, rev })
      for (const reader of readers) if (reader.keepsUp(now)) reader.send(frame, now)
    },
    accept(request, socket, head) {
      if (readers.size >= clientsMax)
        return refuseUpgrade(socket, 'unavailable', `${clientsMax} readers are connected already; close one of them`)
      sockets.accept(request, socket, head, join)
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
      unserved.clear()
      for (const reader of readers) {
        reader.close(GOING_AWAY, 'the collector is stopping')
        clock.after(CLOSE_MS, reader.cut)
      }
      sockets.close()
    },
  }
}

/** Null for a cursor of another process, and for what is no cursor. */
function readCursor(cursor: string, epoch: string): number | null {
  const match = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(cursor)
  return match?.[1] === epoch ? Number(match[2]) : null
}
