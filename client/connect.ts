/**
 * A user's connection to an agent runtime that comes back by itself, acknowledges what arrives, and asks for what it
 * missed. `docs/PROTOCOL.md` is what it speaks.
 */
import { systemClock, type Clock, type Timer } from '../contract/clock.ts'
import { CLOSE, JWT_SUBPROTOCOL, JWT_SUBPROTOCOL_PREFIX, type ServerFrame } from '../contract/frames.ts'
import { placeOf, type Place } from '../contract/place.ts'
import type { Millis } from '../contract/units.ts'
import { followRuns, type FollowSettings } from './follow-runs.ts'
import { isHidden, onHide, post, whenPainted } from './page.ts'

export interface ConnectOptions {
  /** `wss://agents.example/ws` */
  readonly url: string
  /** Asked for anew at each connection, so that it can be a fresh one. Travels as a subprotocol. */
  token?(): string | Promise<string>
  /**
   * Each frame of the runtime; each event of a run once. It counts as received when this is called, and as rendered
   * when this has returned, or resolved, and the page was painted.
   */
  onFrame(frame: ServerFrame): unknown
  /** `by-hand`: an event counts as rendered when `rendered(frame)` is called. */
  readonly rendered?: 'painted' | 'by-hand'
  /** After a reconnect, for each run that had not ended: whether its missed events come. */
  readonly onResumed?: FollowSettings['resumed']
  /** Events of a run that did not come though later ones did. */
  readonly onMissing?: FollowSettings['missing']
  /** A message that is no frame, such as a heartbeat of the server's own; passed over without this. */
  onOther?(data: unknown): void
  onOpen?(): void
  /** `final`: it does not come back by itself. */
  onClose?(close: { readonly code: number; readonly reason: string; readonly final: boolean }): void
  /** Where an earlier page had come to: the last frame of each run to resume. */
  readonly from?: readonly Place[]
  readonly isTerminal?: FollowSettings['isTerminal']
  /** False: stay away when the connection closes. */
  readonly reconnect?: boolean
  /** False: the runtime is not promised any acks, and gets none. */
  readonly acks?: boolean
  /** How to open a socket, where there is no WebSocket of the platform or it needs headers. */
  open?(url: string, protocols: string[]): SocketLike
  readonly clock?: Clock
}

/** What is used of a WebSocket. */
export interface SocketLike {
  readonly readyState: number
  addEventListener(type: 'open' | 'error', call: () => void): void
  addEventListener(type: 'message', call: (message: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', call: (close: { readonly code: number; readonly reason: string }) => void): void
  send(text: string): void
  close(code?: number): void
}

export interface Client {
  /** One of the frames of docs/PROTOCOL.md, or of your runtime's own. @returns false when there is no open connection; nothing is kept for later */
  send(frame: object): boolean
  /** Everything of the frame's run up to it is on the screen. */
  rendered(frame: ServerFrame): void
  close(): void
}

const OPEN = 1
/** Longer than any runtime takes to say that it has heard. */
const ANSWER_MS: Millis = 10_000
const BACKOFF_MS: readonly Millis[] = [500, 1_000, 2_000, 5_000, 10_000]

export function connect(options: ConnectOptions): Client {
  const { url, onResumed, onMissing, isTerminal, from, acks = true, reconnect = true, clock = systemClock } = options
  let socket: SocketLike | null = null
  let failures = 0
  let retry: Timer | null = null
  let isClosed = false
  /** This connection was of use. */
  let isReady = false
  /** Where receipts of the present connection can be posted; told by the runtime. */
  let receiptsUrl: string | null = null
  /** Receipts for a connection that is gone, to be posted when there is a way again. */
  let late: { readonly url: string; readonly text: string } | null = null

  /** Frames sent over the present connection. */
  let sent = 0
  let unanswered: Timer | null = null

  const send = (frame: object) => {
    if (socket?.readyState !== OPEN) return false
    socket.send(JSON.stringify(frame))
    sent++
    return true
  }
  /** A frame that came too early may have been lost: the runtime is told how many there were, by another way. */
  const awaitAnswer = () => {
    const count = sent
    unanswered?.cancel()
    unanswered = clock.after(ANSWER_MS, () => {
      if (receiptsUrl) post(receiptsUrl, JSON.stringify([{ type: 'sent', count }]))
    })
  }
  const runs = followRuns({
    send: (frame) => (!acks && frame.type === 'ack' ? true : send(frame)),
    isHidden,
    clock,
    ...(onResumed && { resumed: onResumed }),
    ...(onMissing && { missing: onMissing }),
    ...(isTerminal && { isTerminal }),
    ...(from && { from }),
  })
  const stopWatching = onHide(() => {
    runs.flush()
    if (receiptsUrl) post(receiptsUrl, JSON.stringify(runs.acks()))
  })

  const shown = (place: Place) => whenPainted(() => runs.rendered(place))
  const take = (frame: ServerFrame) => {
    if (frame.type !== 'error') [isReady, failures] = [true, 0]
    if (frame.type === 'connection_established') openReceipts(frame)
    else unanswered?.cancel()
    const place = runs.take(frame)
    if (place === 'repeated') return
    if (place === null || options.rendered === 'by-hand') return void options.onFrame(frame)
    try {
      const work = options.onFrame(frame)
      if (work instanceof Promise)
        work.then(
          () => shown(place),
          () => runs.failed(place),
        )
      else shown(place)
    } catch (error) {
      runs.failed(place)
      throw error
    }
  }

  function openReceipts({ payload: { receipts } }: ServerFrame): void {
    if (!acks || typeof receipts !== 'string') return
    receiptsUrl = new URL(receipts, url.replace(/^ws/, 'http')).href
    if (late) post(late.url, late.text)
    late = null
  }

  function closed({ code, reason }: { code: number; reason: string }): void {
    // The two ends may see different codes.
    if (receiptsUrl) late = { url: receiptsUrl, text: JSON.stringify([...runs.acks(), { type: 'closed', code }]) }
    receiptsUrl = null
    socket = null
    sent = 0
    unanswered?.cancel()
    runs.disconnected()
    // A token that was fresh a moment ago and is refused would be refused again; one that expired would not.
    const isRefused = code === CLOSE.unauthenticated && !isReady
    isClosed ||= isRefused || !reconnect
    isReady = false
    options.onClose?.({ code, reason, final: isClosed })
    if (isClosed) return end()
    const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0
    failures++
    // Not all clients of a runtime at the same moment.
    retry = clock.after(wait * (0.5 + Math.random() / 2), () => void dial())
  }

  async function dial(): Promise<void> {
    let token: string | undefined
    try {
      token = await options.token?.()
    } catch (error) {
      return closed({ code: 1006, reason: String(error) })
    }
    if (isClosed) return
    const protocols = token === undefined ? [] : [JWT_SUBPROTOCOL, JWT_SUBPROTOCOL_PREFIX + base64url(token)]
    const address = acks ? `${url}${url.includes('?') ? '&' : '?'}acks=1` : url
    const dialled = options.open?.(address, protocols) ?? (new WebSocket(address, protocols) as SocketLike)
    socket = dialled
    dialled.addEventListener('open', () => {
      options.onOpen?.()
      runs.resume()
    })
    dialled.addEventListener('message', ({ data }) => {
      const frame = readFrame(data)
      if (frame === null) options.onOther?.(data)
      else take(frame)
    })
    dialled.addEventListener('close', closed)
    // What went wrong shows in the close that follows; unheard, it would end a program on Node.
    dialled.addEventListener('error', () => {})
  }

  function end(): void {
    stopWatching()
    runs.stop()
    retry?.cancel()
  }

  void dial()
  return {
    send(frame) {
      const isSent = send(frame)
      if (isSent) awaitAnswer()
      return isSent
    },
    rendered(frame) {
      const place = placeOf(frame)
      if (place) runs.rendered(place)
    },
    close() {
      isClosed = true
      runs.flush()
      if (socket) socket.close(1000)
      else end()
    },
  }
}

function readFrame(data: unknown): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(String(data))
    return typeof frame === 'object' && frame !== null ? (frame as ServerFrame) : null
  } catch {
    return null
  }
}

function base64url(text: string): string {
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
