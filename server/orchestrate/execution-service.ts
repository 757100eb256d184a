/**
 * Runs from admission to their end:
 *
 * ```
 * admit ──▶ accepted ──▶ started (the factory) ──▶ reasoning ⇄ tool ──▶ finalise ──▶ terminal
 *   └──▶ run_rejected       └────────────── agent_error or agent_cancelled ──────────────┘
 * ```
 */
import type { Tracer } from '@opentelemetry/api'
import { recordRun, type Reporter, type RunRecorder } from '@laststep/sdk'
import type { Clock } from '../../contract/clock.ts'
import { newId } from '../../contract/ids.ts'
import { RUN_FAULT_NAMES, isRunFault, type RunFaultName } from '../fault.ts'
import type { Log } from '../log.ts'
import { RunCancelled, type RunRequest, type RunScope } from '../run-scope.ts'
import type { OnFailure, Routing, Sabotage } from '../sabotage.ts'
import { createExecutionOrchestrator, type Answer } from './create-execution-orchestrator.ts'
import { createNotifier, type Publish } from './notifier.ts'

export interface ExecutionService {
  /** @returns why the request is not admitted; null when it is, and the run speaks for itself from here on */
  start(wish: Wish): string | null
  /** @returns false when this user has no such run in flight */
  cancel(userId: string, runId: string): boolean
  readonly inFlight: number
  /** Cancel every run and wait until all have said so. */
  stop(): Promise<void>
}

/** A `start_agent` as it came. */
export interface Wish {
  readonly userId: string
  readonly threadId: string | undefined
  readonly agentType: string | undefined
  readonly fault: string | undefined
  readonly text: string
}

export interface ServiceSettings {
  readonly reporter: Reporter
  readonly tracer: Tracer
  readonly epoch: string
  readonly clock: Clock
  readonly log: Log
  readonly agents: readonly string[]
  readonly defaultAgent: string
  readonly runsMax: number
  openRun(runId: string, userId: string, routing: Routing): void
  readonly publish: Publish
  /** The fault for this run, the asked one first, as a sabotage. */
  sabotage(asked: RunFaultName | null): Sabotage
  runAgent(scope: RunScope): Promise<Answer>
}

interface RunInFlight {
  readonly userId: string
  readonly stop: AbortController
  readonly heedsCancel: boolean
  readonly ended: Promise<void>
}

export function createExecutionService(settings: ServiceSettings): ExecutionService {
  const { agents, defaultAgent, runsMax, log } = settings
  const runs = new Map<string, RunInFlight>()

  return {
    start({ userId, threadId = newId('thread'), agentType = defaultAgent, fault, text }) {
      if (!agents.includes(agentType)) return `no agent is called "${agentType}"; known: ${agents.join(', ')}`
      if (fault !== undefined && !isRunFault(fault)) return `no fault "${fault}"; known: ${RUN_FAULT_NAMES.join(', ')}`
      if (runs.size >= runsMax) return `${runsMax} runs are in flight, as many as this runtime takes; try again later`
      const request = { runId: newId('run'), userId, threadId, agentType, text }
      const stop = new AbortController()
      const sabotage = settings.sabotage(fault ?? null)
      settings.openRun(request.runId, userId, sabotage.routing)
      const ended = performRun(settings, request, sabotage, stop.signal)
        .catch((error: unknown) => log.warn({ run: request.runId, err: error }, 'run failed'))
        .finally(() => runs.delete(request.runId))
      runs.set(request.runId, { userId, stop, heedsCancel: sabotage.heedsCancel, ended })
      return null
    },
    cancel(userId, runId) {
      const run = runs.get(runId)
      if (run?.userId !== userId) return false
      if (run.heedsCancel) run.stop.abort(new RunCancelled('cancelled by the user'))
      return true
    },
    get inFlight() {
      return runs.size
    },
    async stop() {
      for (const run of runs.values()) run.stop.abort(new RunCancelled('the runtime is stopping'))
      await Promise.all([...runs.values()].map(({ ended }) => ended))
    },
  }
}

type Admitted = RunRequest & { readonly runId: string }

function performRun(
  settings: ServiceSettings,
  request: Admitted,
  sabotage: Sabotage,
  signal: AbortSignal,
): Promise<void> {
  const { runId, agentType, userId, threadId } = request
  const description = { runId, agent: agentType, userId, sessionId: threadId, tracer: settings.tracer }
  return recordRun(settings.reporter, description, (run) => perform(settings, request, sabotage, run, signal))
}

async function perform(
  settings: ServiceSettings,
  request: Admitted,
  sabotage: Sabotage,
  run: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  const isSealed = sabotage.sealsEnd
  const notifier = sabotage.holdNotifier(
    (runId) => createNotifier({ ...settings, ...request, runId, isSealed }),
    request.runId,
  )
  const { agentType } = request
  const scope: RunScope = { ...request, signal, sabotage, notifier, phase: run.phase, progress: run.progress }
  try {
    await scope.phase('accepted', null, async () => {
      run.accepted()
      notifier.emit('run_accepted', { agent: agentType })
      await sabotage.beforeStart(signal, run.queued)
    })
    const orchestrator = await scope.phase('started', 'create_execution_orchestrator', async () => {
      const created = await createExecutionOrchestrator({ ...request, scope, runAgent: settings.runAgent })
      created.begin()
      run.started()
      return created
    })
    if (await orchestrator.execute()) run.ended('succeeded')
  } catch (error) {
    settings.log.debug({ run: request.runId, err: error }, 'could not execute')
    await answerFailure(sabotage.onFailure, scope, run, error)
  }
}

/** A run that fails tells its user so. The other answers are those of incidents: broad catches, and what they did. */
async function answerFailure(answer: OnFailure, scope: RunScope, run: RunRecorder, error: unknown): Promise<void> {
  switch (answer.do) {
    case 'tell':
      return tellEnd(scope, run, error)
    case 'swallow':
      return
    case 'throw':
      throw error
    case 'claim-success':
      return run.ended('succeeded')
    case 'complete': {
      const { result } = answer
      await scope.phase('terminal', null, async () => scope.notifier.emit('agent_completed', { result }))
      return run.ended('succeeded')
    }
  }
}

/** @throws the error again when the run failed, so that its span says so */
async function tellEnd(scope: RunScope, run: RunRecorder, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error)
  if (scope.signal.aborted) {
    const reason = String(scope.signal.reason instanceof Error ? scope.signal.reason.message : scope.signal.reason)
    await scope.phase('terminal', null, async () => scope.notifier.emit('agent_cancelled', { reason }))
    return run.ended('cancelled', reason)
  }
  await scope.phase('terminal', null, async () => scope.notifier.emit('agent_error', { message }))
  run.ended('failed', message)
  throw error
}
