/**
 * Follows the messages sent over one connection until the other side has confirmed them. A fence is a frame more each
 * way, so messages share one; where the client acknowledges, only those get one that it is slow to acknowledge.
 *
 * ```
 *   sent ──▶ fence "run:seq" ──▶ transported    its answer: the peer's stack consumed everything before the fence
 *                            ──▶ received       the client's cumulative ack: its code saw the message
 *                            ──▶ handled        the ack's `rendered`
 * ```
 *
 * It knows no socket: anything serves that carries messages and fences in order.
 */
import type { Clock, Timer } from '../contract/clock.ts'
import type { Millis } from '../contract/units.ts'
import type { Delivery } from './delivery-recorder.ts'

export interface SentMessage {
  readonly runId: string
  readonly seq: number
  /** The end of its run: worth a fence of its own, at once; others share one. */
  readonly isLast: boolean
}

/** As the client sends it (docs/PROTOCOL.md, 1.5). */
export interface ReceivedAck {
  readonly run_id: string
  readonly up_to: number
  readonly rendered?: number
}

export interface MessageFollower {
  sent(message: SentMessage, delivery: Delivery): void
  /** A fence was answered. What it carries may be anybody's. */
  fenceAnswered(fence: string): void
  acknowledge(ack: ReceivedAck): void
  /** The connection is gone: no more fences. Acks may still come another way. */
  stop(): void
}

export interface FollowSettings {
  readonly clock: Clock
  /** Send something the peer's stack answers with the same text, in order; left out where there is no such thing. */
  fence?(text: string): void
}

const FENCE_DELAY_MS: Millis = 250
/** Messages whose fate is still followed, per connection. */
const FOLLOWED_MAX = 1_024
/** Fences on their way. A `ws` that finds more than 60 pings waiting takes them for an attack, and ends the connection. */
const FENCES_MAX = 16
/** RFC 6455 §5.5: what a control frame holds. */
const FENCE_BYTES_MAX = 125

/** States confirmed by the other side, in order; one that is reached covers those before it. */
const CONFIRMATIONS = ['transported', 'received', 'handled'] as const
type Confirmation = (typeof CONFIRMATIONS)[number]

/** A message whose fate is not settled. */
interface Followed extends SentMessage {
  readonly delivery: Delivery
  /** 1, 2, 3 … per connection, in the order of sending, which is the order of arrival. */
  readonly place: number
  confirmed: Confirmation | null
}

export function followMessages({ clock, fence }: FollowSettings): MessageFollower {
  let followed: Followed[] = []
  /** Fences not answered, each with the place of the message before it. */
  let fences: { readonly text: string; readonly place: number }[] = []
  let pendingFence: Timer | null = null
  let last: SentMessage | null = null
  let isAcknowledging = false
  /** Of the last message when it was last looked whether a fence is needed. */
  let placeLooked = 0
  /** Too many fences are on their way; one more goes out when one is answered. */
  let isFenceDue = false
  let place = 0

  return {
    sent(message, delivery) {
      last = message
      followed.push({ ...message, delivery, place: ++place, confirmed: null })
      if (followed.length > FOLLOWED_MAX) followed = followed.slice(FOLLOWED_MAX / 2)
      if (fence === undefined) return
      if (message.isLast) sendFence()
      else fenceSoon()
    },
    fenceAnswered(text) {
      const index = fences.findIndex((sent) => sent.text === text)
      const reached = fences[index]?.place ?? 0
      fences = fences.slice(index + 1)
      for (const message of followed) if (message.place <= reached) advance(message, 'transported')
      if (isFenceDue) sendFence()
    },
    acknowledge({ run_id, up_to, rendered = 0 }) {
      isAcknowledging = true
      for (const message of followed) {
        if (message.runId !== run_id || message.seq > up_to) continue
        advance(message, 'received')
        if (message.seq <= rendered) advance(message, 'handled')
      }
      // Clients tell of rendering after receipt, or never; what is only received is followed for as long as there is room.
      followed = followed.filter(({ confirmed }) => confirmed !== 'handled')
    },
    stop: () => pendingFence?.cancel(),
  }

  function fenceSoon(): void {
    pendingFence ??= clock.after(FENCE_DELAY_MS, () => {
      pendingFence = null
      const oldest = followed.find(({ confirmed }) => confirmed === null)
      if (oldest === undefined) return
      // A client's acks are as late as a fence; what had no time to be acknowledged is looked at once more.
      if (!isAcknowledging || oldest.place <= placeLooked) return sendFence()
      placeLooked = place
      fenceSoon()
    })
  }

  /** An answer proves everything sent before its fence, so one covers all that came since the last. */
  function sendFence(): void {
    pendingFence?.cancel()
    pendingFence = null
    if (last === null || fence === undefined) return
    isFenceDue = fences.length >= FENCES_MAX
    if (isFenceDue) return
    const name = `${last.runId}:${last.seq}`
    const text = Buffer.byteLength(name) <= FENCE_BYTES_MAX ? name : `laststep:${place}`
    fences.push({ text, place })
    fence(text)
  }
}

function advance(message: Followed, to: Confirmation): void {
  const { confirmed } = message
  if (confirmed !== null && CONFIRMATIONS.indexOf(confirmed) >= CONFIRMATIONS.indexOf(to)) return
  message.confirmed = to
  message.delivery.reach(to)
}
