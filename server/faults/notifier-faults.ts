/** Faults in what a run says, and under which name. */
import type { EventType } from '../../contract/events.ts'
import { newId } from '../../contract/ids.ts'
import type { Notifier, Payload } from '../run-scope.ts'
import type { Sabotage } from '../sabotage.ts'
import type { FaultTable } from './fault-table.ts'

/** Larger than a frame may be. */
const OVERSIZE_CHARS = 300_000
const FLOOD_EVENTS = 80
const FLOOD_CHARS = 200_000

export const notifierFaults = {
  // The others were `if (hasattr(emitter, …))` once; the acceptance is said by the router, not by the run.
  'partial-notifier': () =>
    rewriting((say, type, payload) => {
      if (type === 'agent_thinking' || type === 'run_accepted') say(type, payload)
    }),

  'wrong-ids': () => ({
    holdNotifier(create, runId) {
      const [accepted, minted] = [create(runId), create(newId('run'))]
      return { emit: (type, ...said) => (type === 'run_accepted' ? accepted : minted).emit(type, ...said) }
    },
  }),

  'same-call-ids': () =>
    rewriting((say, type, payload) => {
      say(type, payload)
      if (type === 'tool_executing') say(type, payload)
    }),

  'orphan-tool-end': () =>
    rewriting((say, type, payload) => {
      if (type !== 'tool_executing') say(type, payload)
    }),

  'child-completion': () => ({
    ...rewriting((say, type, payload) => {
      say(type, payload)
      if (type === 'tool_completed') say('agent_completed', { result: { text: 'sub-agent: done', steps: 1 } })
    }),
    sealsEnd: false,
  }),

  'two-terminals': () => ({
    ...rewriting((say, type, payload) => {
      if (type === 'agent_completed') say('agent_error', { message: 'the usage of tokens could not be booked' })
      say(type, payload)
    }),
    sealsEnd: false,
  }),

  'empty-answer': () => rewritingAnswer(() => ({ result: { text: '', steps: 1 } })),

  'unserialisable-answer': () => rewritingAnswer((payload) => ({ ...payload, tokens: 1_299n })),

  'oversized-answer': () => rewritingAnswer((payload) => ({ ...payload, appendix: 'x'.repeat(OVERSIZE_CHARS) })),

  'renamed-terminal': () =>
    rewriting((say, type, payload) => {
      // A type of another version of the protocol: it compiles where types are texts.
      say(type === 'agent_completed' ? ('agent_response_complete' as EventType) : type, payload)
    }),

  'result-flood': () =>
    rewriting((say, type, payload) => {
      say(type, payload)
      if (type !== 'agent_finalizing') return
      for (let part = 1; part <= FLOOD_EVENTS; part++) say('progress_update', { part, rows: 'x'.repeat(FLOOD_CHARS) })
    }),
} satisfies FaultTable

type Say = (type: EventType, payload: Payload) => void

/** The notifier, with something between what the run's code says and what is said. */
function rewriting(rewrite: (say: Say, type: EventType, payload: Payload) => void): Pick<Sabotage, 'holdNotifier'> {
  return {
    holdNotifier(create, runId): Notifier {
      const notifier = create(runId)
      return {
        emit: (type, payload, span) => rewrite((...said) => notifier.emit(...said, span), type, payload),
      }
    },
  }
}

function rewritingAnswer(rewrite: (payload: Payload) => Payload): Pick<Sabotage, 'holdNotifier'> {
  return rewriting((say, type, payload) => say(type, type === 'agent_completed' ? rewrite(payload) : payload))
}
