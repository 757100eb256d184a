/** Plays of a client that does what clients do; the trouble is the runtime's. */
import { newId } from '../../../contract/ids.ts'
import type { Play } from './stage.ts'
import { question, report } from './requests.ts'

export const ask: Play = async (stage) => {
  const client = await stage.connect()
  client.send(question(stage))
  return { runId: null }
}

export const askReport: Play = async (stage) => {
  const client = await stage.connect()
  client.send(report(stage))
  return { runId: null }
}

/** The client of another version: what it asks for is in `content`. */
export const askWithoutRequest: Play = async (stage) => {
  const client = await stage.connect()
  client.sendText(
    JSON.stringify({ type: 'start_agent', payload: { content: 'What is the refund policy?', fault: stage.fault } }),
  )
  return { runId: null }
}

/** Whoever keeps count by thread takes the end of one run for that of the other. */
export const twoInAThread: Play = async (stage) => {
  const client = await stage.connect()
  const threadId = newId('thread')
  const { payload } = question(stage)
  const hung = await client.ask(payload.user_request, { threadId, ...(stage.fault ? { fault: stage.fault } : {}) })
  const healthy = await client.ask(payload.user_request, { threadId })
  await client.waitForEnd(healthy)
  return { runId: hung, healthy: [healthy] }
}
