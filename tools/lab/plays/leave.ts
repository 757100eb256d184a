/** Plays of a client that goes away, goes deaf or blind, or comes back. */
import { sleep } from '../../../contract/clock.ts'
import { seconds, type Millis } from '../../../contract/units.ts'
import { fetchToken, type UserClient } from '../../user-client.ts'
import { question, report } from './requests.ts'
import type { Play, Stage } from './stage.ts'

/** How often a client that is away wonders how its run goes. */
const WONDER_MS: Millis = 500

/** In the middle of the tool, without a word, for good. */
export const vanish: Play = async (stage) => {
  const client = await stage.connect()
  client.send(report(stage))
  const runId = await workBegun(client)
  client.drop()
  return { runId }
}

/** The code of the page gets each frame, and throws before any of it is on the screen. */
export const renderNothing: Play = async (stage) => {
  const client = await stage.connect({ renders: false })
  client.send(question(stage))
  return { runId: null }
}

/** Whole seconds, counted from the last full one: two at least, and the run takes five. */
const LIFETIME_MS: Millis = seconds(3)

/** The token is good for the beginning of the run. */
export const outliveToken: Play = async (stage) => {
  const client = await stage.connect({ lifetime: LIFETIME_MS })
  client.send(report(stage))
  return { runId: null }
}

/** It is there, its socket is open, and it reads nothing more. */
export const stopReading: Play = async (stage) => {
  const client = await stage.connect()
  client.send(question(stage))
  const runId = await workBegun(client)
  client.stopReading()
  return { runId }
}

/** The connection breaks; when the client is back, the run has ended, and it asks for what it missed. */
export const loseAndResume: Play = async (stage) => {
  const first = await stage.connect()
  first.send(report(stage))
  const runId = await workBegun(first)
  const last = first.frames.findLast((frame) => frame.run_id === runId)
  first.drop()
  await ended(stage, runId)
  const again = await stage.connect()
  if (last !== undefined) again.send({ type: 'resume', run_id: runId, epoch: last.epoch, last_seq: last.seq })
  return { runId }
}

/** Asks the runtime by HTTP, as a client without a connection can. */
async function ended({ clock, runtime, user }: Stage, runId: string): Promise<void> {
  const headers = { authorization: `Bearer ${await fetchToken(runtime, user)}` }
  for (;;) {
    const response = await fetch(`${runtime}/runs/${runId}`, { headers })
    const run = (await response.json()) as { readonly ended?: boolean }
    if (run.ended === true) return
    await sleep(clock, WONDER_MS)
  }
}

/** @returns the id of the run, once a tool is at work for it */
export async function workBegun(client: UserClient): Promise<string> {
  const { run_id: runId } = await client.waitFor(({ type }) => type === 'tool_executing')
  if (runId === null) throw new Error('expected tool_executing to belong to a run')
  return runId
}
