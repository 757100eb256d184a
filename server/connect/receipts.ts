/**
 * Receipts that cannot travel over the connection they are about: of a page that is being hidden or closed, or of a
 * client whose connection broke and that is back on another.
 */
import type { Clock } from '../../contract/clock.ts'
import { readClientFrame } from '../../contract/frames.ts'
import { minutes, type Millis } from '../../contract/units.ts'
import type { Connection } from './connection.ts'

export interface Receipts {
  /** @returns the path to post to: whoever knows it speaks for this connection, since a beacon carries no token */
  open(connection: Connection): string
  /** The connection is gone; its receipts are taken for a while longer. */
  close(connection: Connection): void
  /** A frame of its client has come. */
  heard(connection: Connection): void
  /**
   * @param text a JSON array of ack frames; `{type: 'closed', code}` for a connection that has ended, and `{type: 'sent',
   * count}` of one that was not answered: how many frames the client had sent by then
   * @returns why they were not taken; null when they were
   */
  take(key: string, text: string): ReceiptProblem | null
}

export interface ReceiptProblem {
  readonly code: 'invalid' | 'not-found'
  readonly message: string
}

export interface ReceiptSettings {
  readonly epoch: string
  readonly clock: Clock
  /** A client says with which code it saw its connection end. */
  closed(connectionId: string, clientCloseCode: number): void
  /** So many frames that a client sent never came. */
  lost(connectionId: string, frames: number): void
}

/** Longer than a phone takes from one network to the next. */
const LINGER_MS: Millis = minutes(2)
/** Connections that are gone and not forgotten; beyond, the oldest are. */
const LINGERING_MAX = 1_000

export function createReceipts({ epoch, clock, closed, lost }: ReceiptSettings): Receipts {
  const connections = new Map<string, Connection>()
  const keys = new Map<Connection, string>()
  const lingering = new Set<string>()
  const framesHeard = new WeakMap<Connection, number>()
  const forget = (key: string) => {
    lingering.delete(key)
    connections.delete(key)
  }
  return {
    open(connection) {
      const key = crypto.randomUUID()
      connections.set(key, connection)
      keys.set(connection, key)
      return `/receipts/${key}`
    },
    close(connection) {
      const key = keys.get(connection)
      keys.delete(connection)
      if (key === undefined) return
      lingering.add(key)
      clock.after(LINGER_MS, () => forget(key))
      for (const oldest of lingering) {
        if (lingering.size <= LINGERING_MAX) return
        forget(oldest)
      }
    },
    heard: (connection) => void framesHeard.set(connection, (framesHeard.get(connection) ?? 0) + 1),
    take(key, text) {
      const connection = connections.get(key)
      if (!connection) return { code: 'not-found', message: 'no such connection, or it has been gone for too long' }
      const list = readList(text)
      if (!list) return { code: 'invalid', message: 'the body must be a JSON array of ack frames' }
      for (const entry of list) {
        const code = readCloseCode(entry)
        if (code !== null) closed(connection.id, code)
        // What was sent later may have come as well: then fewer are missed than were lost, and never more.
        const missing = readSent(entry) - (framesHeard.get(connection) ?? 0)
        if (missing > 0) lost(connection.id, missing)
        const frame = readClientFrame(JSON.stringify(entry))
        if ('type' in frame && frame.type === 'ack' && frame.epoch === epoch) connection.acknowledge(frame)
      }
      return null
    },
  }
}

function readList(text: string): unknown[] | null {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : null
  } catch {
    return null
  }
}

/** RFC 6455 §7.4: codes have four digits. */
function readCloseCode(entry: unknown): number | null {
  if (typeof entry !== 'object' || entry === null || !('type' in entry) || !('code' in entry)) return null
  const { type, code } = entry
  return type === 'closed' && Number.isInteger(code) && Number(code) >= 1000 && Number(code) <= 4999
    ? Number(code)
    : null
}

/** 0 for what says nothing of it. */
function readSent(entry: unknown): number {
  if (typeof entry !== 'object' || entry === null || !('type' in entry) || !('count' in entry)) return 0
  return entry.type === 'sent' && Number.isSafeInteger(entry.count) ? Number(entry.count) : 0
}
