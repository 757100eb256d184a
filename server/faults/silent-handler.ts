/**
 * The handler of `start_agent` as it was before every frame got an answer: it looks for the request in a field that the
 * client has named otherwise, writes a line to its log, returns false, and the user never hears of it.
 */
import type { Tracer } from '@opentelemetry/api'
import { recordRun, type Reporter } from '@laststep/sdk'
import { newId } from '../../contract/ids.ts'
import type { Log } from '../log.ts'

export interface SilentHandlerSettings {
  readonly reporter: Reporter
  readonly tracer: Tracer
  readonly log: Log
  readonly defaultAgent: string
}

/** @returns true when it took the frame: one that asks for the fault `silent-rejection` and has no request */
export type SilentHandler = (userId: string, text: string) => boolean

export function createSilentHandler({ reporter, tracer, log, defaultAgent }: SilentHandlerSettings): SilentHandler {
  return (userId, text) => {
    const payload = readPayload(text)
    if (payload?.['fault'] !== 'silent-rejection' || 'user_request' in payload) return false
    const run = { runId: newId('run'), agent: defaultAgent, userId, tracer }
    void recordRun(reporter, run, async (recorder) => {
      recorder.accepted()
      await recorder.phase('accepted', 'handle_start_agent', () => handleStartAgent(payload, log))
    })
    return true
  }
}

function handleStartAgent(payload: Readonly<Record<string, unknown>>, log: Log): boolean {
  if (payload['user_request'] === undefined) {
    log.debug({ fields: Object.keys(payload) }, 'missing user_request in start_agent payload')
    return false
  }
  return true
}

function readPayload(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const { payload } = JSON.parse(text) as { payload?: unknown }
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : null
  } catch {
    return null
  }
}
