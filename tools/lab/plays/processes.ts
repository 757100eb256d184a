/** Plays in which a whole process is at fault; each has one of its own, so that nobody else suffers. */
import { sleep } from '../../../contract/clock.ts'
import type { Millis } from '../../../contract/units.ts'
import { question, report } from './requests.ts'
import type { Play } from './stage.ts'
import { workBegun } from './leave.ts'

/** Open spans are sent within 250 ms, and the tool works for ten times as long. */
const TOLD_AFTER_MS: Millis = 800

export const inOwnProcess: Play = async (stage) => {
  const runtime = await stage.startRuntime()
  const client = await stage.connect({ runtime: runtime.url() })
  client.send(question(stage))
  return { runId: null }
}

/** Somebody else was there first. */
export const askBesideAnother: Play = async (stage) => {
  const runtime = await stage.startRuntime()
  await stage.connect({ runtime: runtime.url(), user: `${stage.user}-bystander` })
  const client = await stage.connect({ runtime: runtime.url() })
  client.send(question(stage))
  return { runId: null }
}

/** The machine is suspended, or swaps itself to death: nothing in the process can notice. */
export const stopTheProcess: Play = async (stage) => {
  const runtime = await stage.startRuntime()
  const client = await stage.connect({ runtime: runtime.url() })
  client.send(report(stage))
  const runId = await workBegun(client)
  // The tool's open span has been told of by then.
  await sleep(stage.clock, TOLD_AFTER_MS)
  runtime.freeze()
  return { runId }
}
