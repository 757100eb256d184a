/**
 * The handler of `start_agent` as it was before every frame got an answer: it looks for the request in a field that the
 * client has named otherwise, writes a line to its log, returns false, and the user never hears of it.
 */
import type { Attributes, Tracer } from '@opentelemetry/api'
import { codeAttributes, recordRun, type Reporter } from '@laststep/sdk'
import { newId } from '../../contract/ids.ts'
import type { Log } from '../log.ts'
import type { Payload } from '../run-scope.ts'

export interface SilentHandlerSettings {
  readonly reporter: Reporter
  readonly tracer: Tracer
  readonly log: Log
  readonly defaultAgent: string
}

/** @returns true when it took the frame: one that asks for the fault `silent-rejection` and has no request */
export type SilentHandler = (userId: string, text: string) => boolean

interface Handler {
  readonly name: string
  /** Where it is written down, for its span: it is over before an open span would be told of. */
  readonly code: Attributes
  handle(payload: Payload, log: Log): boolean
}

const startAgent = defineHandler('handle_start_agent', (payload, log) => {
  if (payload['user_request'] !== undefined) return true
  log.debug({ fields: Object.keys(payload) }, 'missing user_request in start_agent payload')
  return false
})

export function createSilentHandler({ reporter, tracer, log, defaultAgent }: SilentHandlerSettings): SilentHandler {
  return (userId, text) => {
    const payload = readPayload(text)
    if (payload?.['fault'] !== 'silent-rejection' || 'user_request' in payload) return false
    const run = { runId: newId('run'), agent: defaultAgent, userId, tracer }
    void recordRun(reporter, run, async (recorder) => {
      recorder.accepted()
      await recorder.phase('accepted', startAgent.name, () => startAgent.handle(payload, log), startAgent.code)
    })
    return true
  }
}

function defineHandler(name: string, handle: Handler['handle']): Handler {
  return { name, handle, code: codeAttributes(defineHandler) }
}

function readPayload(text: string): Payload | null {
  try {
    const { payload } = JSON.parse(text) as { payload?: unknown }
    return typeof payload === 'object' && payload !== null ? (payload as Payload) : null
  } catch {
    return null
  }
}
