/** What each frame of a client leads to. Every frame that asks for something gets an answer; silence is never one. */
import type { Clock } from '../../contract/clock.ts'
import type { EventType } from '../../contract/events.ts'
import { readClientFrame, type ClientFrame } from '../../contract/frames.ts'
import type { Payload } from '../run-scope.ts'
import type { Connection } from './connection.ts'
import { formatFrame } from './format-frame.ts'
import type { Hub } from './hub.ts'

type StartFrame = Extract<ClientFrame, { type: 'start_agent' }>

export interface AnswerSettings {
  readonly epoch: string
  readonly clock: Clock
  readonly hub: Hub
  /** @returns why the run was not admitted; null when it was, and has answered for itself */
  start(userId: string, frame: StartFrame): string | null
  /** @returns true when a fault took the frame before it was read */
  mishandle(userId: string, text: string): boolean
  /** @returns false when this user has no such run in flight */
  cancel(userId: string, runId: string): boolean
}

export function answerFrame(settings: AnswerSettings, connection: Connection, text: string): void {
  const { epoch, clock, hub, start, cancel } = settings
  const say = (type: EventType, payload: Payload, runId: string | null = null) =>
    connection.say(formatFrame(type, payload, epoch, clock, runId))
  if (settings.mishandle(connection.userId, text)) return
  const frame = readClientFrame(text)
  if ('problem' in frame) return say('error', { code: 'invalid', message: frame.problem })
  switch (frame.type) {
    case 'start_agent': {
      const problem = start(connection.userId, frame)
      if (problem !== null) say('run_rejected', { code: 'invalid', message: problem })
      return
    }
    case 'cancel':
      if (!cancel(connection.userId, frame.run_id))
        say('error', { code: 'not-found', message: `no run ${frame.run_id} is in flight` }, frame.run_id)
      return
    case 'ack':
      // An ack for an earlier instance is late, not wrong; it confirms nothing of this one.
      if (frame.epoch === epoch) connection.acknowledge(frame)
      return
    case 'resume': {
      const resumption = hub.resume(connection, frame)
      if (!resumption.recovered) {
        const { recovered, reason } = resumption
        return say('resumed', { recovered, reason, from: null, to: null }, frame.run_id)
      }
      const { recovered, from, to } = resumption
      say('resumed', { recovered, from, to }, frame.run_id)
      return resumption.replay()
    }
  }
}
