/**
 * How far a client has come with each run: what it saw, what is on the screen, and what of that it has told.
 *
 * ```
 *   take ──▶ seen ──┐
 *   rendered ───────┴─▶ ack {up_to, rendered}    batched; the end of a run at once
 *   resume ──▶ resume {last_seq} ──▶ resumed     on a new connection, for each run that has not ended
 * ```
 *
 * It knows no socket, so it serves any transport that carries objects both ways in order.
 */
import { systemClock, type Clock, type Timer } from '../contract/clock.ts'
import { isTerminalEvent } from '../contract/events.ts'
import type { ClientFrame } from '../contract/frames.ts'
import { fieldOf, placeOf, type Place } from '../contract/place.ts'
import { seconds, type Millis } from '../contract/units.ts'

export type Ack = Extract<ClientFrame, { type: 'ack' }>

/** What became of asking for the missed events of a run. */
export interface Resumption {
  readonly run_id: string
  /** False: the events after `last_seq` are not coming; ask the runtime what became of the run. */
  readonly recovered: boolean
  readonly last_seq: number
  /** Why not: the runtime's word, or `no-answer`. */
  readonly reason?: string
}

/** Events that will not come, though later ones of their run did. */
export interface Gap {
  readonly run_id: string
  readonly from: number
  readonly to: number
}

export interface FollowSettings {
  /** Send to the runtime. @returns false when there is no connection that takes it */
  send(frame: ClientFrame): boolean
  resumed?(resumption: Resumption): void
  missing?(gap: Gap): void
  /** Whether a frame ends its run; by its `type` unless given. */
  isTerminal?(frame: unknown): boolean
  /** The page is not looked at: its timers are late, so nothing waits for one. */
  isHidden?(): boolean
  /** Where an earlier page had come to, for runs to be resumed. */
  readonly from?: readonly Place[]
  readonly clock?: Clock
}

export interface RunFollower {
  /**
   * A frame came.
   * @returns its place when it is an event not seen before; `null` when it belongs to no run; `'repeated'` when it was seen
   */
  take(frame: unknown): Place | null | 'repeated'
  /** Everything of this run up to here is on the screen. */
  rendered(place: Place): void
  /** The app could not show this event: nothing from here on counts as rendered. */
  failed(place: Place): void
  /** Send what has not been told. */
  flush(): void
  /** There is a new connection: ask for what was missed. */
  resume(): void
  /** There is none any more: what it has not been told the next one has no use for. */
  disconnected(): void
  /** Acks for everything, told or not: what was sent last may not have left. */
  acks(): Ack[]
  stop(): void
}

interface Position {
  readonly epoch: string
  seen: number
  rendered: number
  /** The first event the app failed to show. */
  brokenAt: number
  /** What the runtime was told over the present connection. */
  toldSeen: number
  toldRendered: number
  /** Ended, or not to be resumed: no longer asked for. */
  over: boolean
  answerDue: Timer | null
}

/** An ack is at most 250 ms late (docs/PROTOCOL.md, 1.5), of which the timer may take some. */
const ACK_DELAY_MS: Millis = 200
/** The runtime keeps this many messages of a connection that is not ready yet (docs/PROTOCOL.md, 1.1). */
const RESUMES_MAX = 8
const ANSWER_WITHIN_MS: Millis = seconds(5)
const NO_ANSWER = 'no-answer'
/** Runs remembered; the one longest silent is forgotten first. */
const RUNS_MAX = 64

export function followRuns(settings: FollowSettings): RunFollower {
  const { send, clock = systemClock } = settings
  const isTerminal = settings.isTerminal ?? ((frame) => isTerminalEvent(String(fieldOf(frame, 'type'))))
  /** In the order of being heard of. */
  const runs = new Map<string, Position>()
  let pending: Timer | null = null
  for (const { run_id, epoch, seq } of settings.from ?? [])
    runs.set(run_id, { ...FRESH, epoch, seen: seq, rendered: seq, toldSeen: seq, toldRendered: seq })

  const positionOf = ({ run_id, epoch }: Place) => {
    const known = runs.get(run_id)
    return known?.epoch === epoch ? known : undefined
  }

  const flush = () => {
    pending?.cancel()
    pending = null
    for (const [runId, position] of runs) {
      const { seen, rendered } = position
      if (seen <= position.toldSeen && rendered <= position.toldRendered) continue
      if (!send(ackOf(runId, position))) return
      position.toldSeen = seen
      position.toldRendered = rendered
    }
  }

  const soon = () => {
    if (settings.isHidden?.()) flush()
    else pending ??= clock.after(ACK_DELAY_MS, flush)
  }

  return {
    take(frame) {
      if (fieldOf(frame, 'type') === 'resumed') settle(frame)
      const place = placeOf(frame)
      if (place === null) return null
      let position = positionOf(place)
      // Another epoch counts anew.
      position ??= { ...FRESH, epoch: place.epoch }
      runs.delete(place.run_id)
      runs.set(place.run_id, position)
      if (runs.size > RUNS_MAX) forgetOldest()
      const { seen } = position
      // A repetition is told again: it may be the ack that was lost.
      position.toldSeen = Math.min(position.toldSeen, place.seq - 1)
      position.seen = Math.max(seen, place.seq)
      position.over ||= isTerminal(frame)
      if (place.seq > seen + 1) settings.missing?.({ run_id: place.run_id, from: seen + 1, to: place.seq - 1 })
      if (position.over) flush()
      else soon()
      return place.seq > seen ? place : 'repeated'
    },
    rendered(place) {
      const position = positionOf(place)
      if (!position || place.seq <= position.rendered) return
      position.rendered = Math.min(place.seq, position.brokenAt - 1)
      if (position.over) flush()
      else soon()
    },
    failed(place) {
      const position = positionOf(place)
      if (position) position.brokenAt = Math.min(position.brokenAt, place.seq)
    },
    flush,
    resume() {
      const open = Array.from(runs).filter(([, { over }]) => !over)
      for (const [runId, position] of open.slice(-RESUMES_MAX)) {
        position.answerDue?.cancel()
        position.answerDue = clock.after(ANSWER_WITHIN_MS, () => giveUp(runId, NO_ANSWER))
        send({ type: 'resume', run_id: runId, epoch: position.epoch, last_seq: position.seen })
      }
    },
    disconnected() {
      pending?.cancel()
      pending = null
      for (const position of runs.values()) {
        position.toldSeen = position.seen
        position.toldRendered = position.rendered
      }
    },
    acks: () => Array.from(runs, ([runId, position]) => ackOf(runId, position)),
    stop() {
      pending?.cancel()
      for (const { answerDue } of runs.values()) answerDue?.cancel()
    },
  }

  function settle(frame: unknown): void {
    const runId = String(fieldOf(frame, 'run_id'))
    const position = runs.get(runId)
    if (!position?.answerDue) return
    const payload = fieldOf(frame, 'payload')
    if (fieldOf(payload, 'recovered') !== true) return giveUp(runId, String(fieldOf(payload, 'reason')))
    position.answerDue.cancel()
    position.answerDue = null
    settings.resumed?.({ run_id: runId, recovered: true, last_seq: position.seen })
  }

  function giveUp(runId: string, reason: string): void {
    const position = runs.get(runId)
    if (!position) return
    position.answerDue?.cancel()
    position.answerDue = null
    // A runtime that does not answer may still send; one that says no does not.
    position.over ||= reason !== NO_ANSWER
    settings.resumed?.({ run_id: runId, recovered: false, last_seq: position.seen, reason })
  }

  function forgetOldest(): void {
    for (const runId of runs.keys()) {
      runs.get(runId)?.answerDue?.cancel()
      runs.delete(runId)
      return
    }
  }
}

const FRESH = {
  seen: 0,
  rendered: 0,
  brokenAt: Infinity,
  toldSeen: 0,
  toldRendered: 0,
  over: false,
  answerDue: null,
}

function ackOf(run_id: string, { epoch, seen, rendered }: Position): Ack {
  return { type: 'ack', epoch, run_id, up_to: seen, ...(rendered > 0 ? { rendered } : {}) }
}
