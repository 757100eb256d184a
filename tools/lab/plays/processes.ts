/** Plays in which a whole process is at fault; each has one of its own, so that nobody else suffers. */
import { question, report } from './requests.ts'
import type { Play } from './stage.ts'
import { workBegun } from './leave.ts'

export const inOwnProcess: Play = async (stage) => {
  const runtime = await stage.startRuntime()
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
  runtime.freeze()
  return { runId }
}
