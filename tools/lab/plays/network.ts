/** Plays in which the network between client and runtime is at fault. */
import { sleep } from '../../../contract/clock.ts'
import { seconds, type Millis } from '../../../contract/units.ts'
import { workBegun } from './leave.ts'
import { report } from './requests.ts'
import type { Play } from './stage.ts'

/** Past the moment at which the end of the run must have been confirmed. */
const STUCK_MS: Millis = seconds(14)

/** Half-open: packets are lost in both directions, and neither end is told. */
export const freezeNetwork: Play = async (stage) => {
  const proxy = await stage.startProxy(stage.runtime)
  const client = await stage.connect({ runtime: proxy.url })
  client.send(report(stage))
  const runId = await workBegun(client)
  proxy.freeze()
  return { runId }
}

/** Everything waits behind something large, and arrives in one burst. */
export const slowNetwork: Play = async (stage) => {
  const proxy = await stage.startProxy(stage.runtime)
  const client = await stage.connect({ runtime: proxy.url })
  client.send(report(stage))
  const runId = await workBegun(client)
  proxy.freeze()
  await sleep(stage.clock, STUCK_MS)
  proxy.thaw()
  return { runId }
}

/** A load balancer ends each connection after so many seconds, whatever goes on in it. */
export const cutByProxy: Play = async (stage) => {
  const proxy = await stage.startProxy(stage.runtime)
  const client = await stage.connect({ runtime: proxy.url })
  client.send(report(stage))
  const runId = await workBegun(client)
  proxy.cut()
  return { runId }
}

/** Two workers that know nothing of each other: the client is back, and at the other one. */
export const resumeElsewhere: Play = async (stage) => {
  const other = await stage.startRuntime()
  const client = await stage.connect()
  client.send(report(stage))
  const runId = await workBegun(client)
  const last = client.frames.findLast((frame) => frame.run_id === runId)
  client.drop()
  const again = await stage.connect({ runtime: other.url() })
  if (last !== undefined) again.send({ type: 'resume', run_id: runId, epoch: last.epoch, last_seq: last.seq })
  return { runId }
}
