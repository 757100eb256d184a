/**
 * The agent of the examples: a script that thinks for a moment and turns a question around. It says which step it is
 * in, names its run in what it sends, and knows nothing of sockets or deliveries.
 */
import { randomUUID } from 'node:crypto'
import { scheduler } from 'node:timers/promises'
import { recordRun, type Reporter } from '@laststep/sdk'

/** @param send one event to whoever asked */
export async function answer(
  reporter: Reporter,
  question: string,
  send: (type: string, event: object) => void,
  runId: string = randomUUID(),
): Promise<void> {
  const say = (type: string, more: object = {}) => send(type, { run_id: runId, ...more })
  await recordRun(reporter, { runId, agent: 'mirror' }, async (run) => {
    run.started()
    say('agent_started')
    await run.phase('reasoning', 'example-model', async () => {
      say('agent_thinking', { text: `I shall turn “${question}” around.` })
      await scheduler.wait(100)
    })
    const result = await run.phase('tool', 'reverse', async () => {
      say('tool_executing', { tool_call_id: 'call_1', tool_name: 'reverse' })
      await scheduler.wait(100)
      say('tool_completed', { tool_call_id: 'call_1', tool_name: 'reverse' })
      return Array.from(question).toReversed().join('')
    })
    say('agent_completed', { result })
    run.ended('succeeded')
  })
}
