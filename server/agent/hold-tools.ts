/** Tools in the hands of one run: each call is a step with its span, and the user hears when it begins and ends. */
import { tool, type ToolSet } from 'ai'
import { ATTR } from '../../contract/attributes.ts'
import type { Clock } from '../../contract/clock.ts'
import type { RunScope } from '../run-scope.ts'
import type { AgentTool } from './tools/tool.ts'

export function holdTools(tools: readonly AgentTool[], scope: RunScope, clock: Clock): ToolSet {
  return Object.fromEntries(
    tools.map((held) => [
      held.name,
      tool({
        description: held.description,
        inputSchema: held.input,
        execute: (input, { toolCallId }) => callTool(held, input, toolCallId, scope, clock),
      }),
    ]),
  )
}

async function callTool(held: AgentTool, input: unknown, toolCallId: string, scope: RunScope, clock: Clock) {
  const { notifier, sabotage, signal } = scope
  const called = scope.phase('tool', held.name, async (span) => {
    span.setAttributes({ ...held.code, [ATTR.toolCallId]: toolCallId })
    const call = { tool_call_id: toolCallId, tool_name: held.name }
    const startedAt = clock.now()
    notifier.emit('tool_executing', { ...call, input }, span)
    try {
      await sabotage.beforeTool(signal, askApproval)
      const output = await held.call(input, {
        signal,
        clock,
        progress(done, of, note) {
          scope.progress(span)
          notifier.emit('progress_update', { ...call, done, of, note }, span)
        },
      })
      notifier.emit('tool_completed', { ...call, output, duration_ms: Math.round(clock.now() - startedAt) }, span)
      return output
    } catch (error) {
      if (sabotage.swallowsToolErrors) throw error
      notifier.emit('tool_error', { ...call, message: error instanceof Error ? error.message : String(error) }, span)
      throw error
    }
  })
  if (!sabotage.swallowsToolErrors) return called
  // The agent is never given the failure: it waits for a result.
  return called.catch(() => new Promise(() => {}))

  function askApproval(answered: Promise<void>): Promise<void> {
    return scope.phase('waiting', 'approval', (span) => {
      notifier.emit('approval_required', { tool_call_id: toolCallId, tool_name: held.name, input }, span)
      return answered
    })
  }
}
