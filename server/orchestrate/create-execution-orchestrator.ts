/**
 * The factory of request-scoped orchestrators. Each request gets an orchestrator of its own around its own notifier;
 * nothing is shared between requests, so no run can speak on another user's connection.
 *
 * It replaces a singleton. What can go wrong in such a change is kept here as the faults `removed-singleton` (the
 * factory reads a dependency's state from the registry, and the key it reads is gone) and `factory-import-error`.
 */
import type { RunScope } from '../run-scope.ts'

export interface ExecutionOrchestrator {
  readonly userId: string
  readonly agentType: string
  /** Tell the user that the agent begins. */
  begin(): void
  /**
   * Think and work until there is an answer, then tell it.
   * @returns false when it left without a terminal event
   * @throws the signal's reason when it aborts; whatever the agent threw otherwise
   */
  execute(): Promise<boolean>
}

export interface Answer {
  readonly text: string
  readonly steps: number
}

export interface OrchestratorSettings {
  readonly userId: string
  readonly agentType: string
  readonly scope: RunScope
  runAgent(scope: RunScope): Promise<Answer>
}

/** @throws KeyError when the registry does not know a dependency; Error when one is not available */
export async function createExecutionOrchestrator(settings: OrchestratorSettings): Promise<ExecutionOrchestrator> {
  const { userId, agentType, scope, runAgent } = settings
  await scope.sabotage.importContext()
  const status = { dependencies: scope.sabotage.dependencies }
  if (!readKey(status.dependencies, 'orchestrator_available')) throw new Error('the orchestrator is not available')
  const { notifier } = scope

  return {
    userId,
    agentType,
    begin() {
      notifier.emit('agent_started', { agent: agentType, message: scope.text.slice(0, 200) })
    },
    async execute() {
      const answer = await runAgent(scope)
      await scope.sabotage.afterAgent(notifier, scope.signal)
      const result = await scope.phase('finalise', null, async () => {
        notifier.emit('agent_finalizing', { steps: answer.steps })
        await scope.sabotage.persist()
        return { text: answer.text.trim(), steps: answer.steps }
      })
      if (scope.sabotage.skipsTerminal) return false
      await scope.phase('terminal', null, async () => notifier.emit('agent_completed', { result }))
      return true
    },
  }
}

export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/** A missing key is an error of its own, not `undefined`, which would pass for "not available". */
function readKey(record: Readonly<Record<string, boolean>>, key: string): boolean {
  const value = record[key]
  if (value !== undefined) return value
  const missing = new KeyError(`'${key}'`)
  // The line that asked for the key is the one to mend.
  Error.captureStackTrace(missing, readKey)
  throw missing
}
