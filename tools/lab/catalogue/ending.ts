/** F31–F40: from the last tool to the end. */
import type { Mode } from '../mode.ts'

export const ENDING: readonly Mode[] = [
  {
    id: 'F31',
    name: 'stalled-synthesis',
    symptom: 'All tools have answered, and the answer never comes.',
    remedy: 'Look at what waits between the last tool and the next model call: a slot, a limit, a lock.',
    made: {
      play: 'ask',
      fault: 'stalled-synthesis',
      expected: {
        status: 'stalled',
        phase: 'tool',
        cause: 'between-steps',
        confidence: 'T1',
        says: /last step to end/,
      },
    },
  },
  {
    id: 'F32',
    name: 'failed-persist',
    symptom: 'The text was streamed, the end never comes.',
    remedy: 'Read the exception of the store; tell the end whether or not it could be stored.',
    made: {
      play: 'ask',
      fault: 'failed-persist',
      expected: {
        status: 'stalled',
        phase: 'finalise',
        cause: 'exception-swallowed',
        confidence: 'T1',
        file: 'server/faults/ending-faults.ts',
        says: /read-only/,
      },
    },
  },
  {
    id: 'F33',
    name: 'skipped-terminal',
    symptom: 'Everything but the end; the trace is green.',
    remedy: 'Look for early returns after the last step: send the end from one place that is always passed.',
    made: {
      play: 'ask',
      fault: 'skipped-terminal',
      expected: { status: 'stalled', phase: 'terminal', cause: 'terminal-skipped', confidence: 'T1' },
    },
  },
  {
    id: 'F34',
    name: 'untold-error',
    symptom: 'The run fails in the trace; its user waits.',
    remedy: 'Send `agent_error` from the handler that sees the failure last.',
    made: {
      play: 'ask',
      fault: 'untold-error',
      expected: {
        status: 'stalled',
        phase: 'reasoning',
        cause: 'exception-swallowed',
        confidence: 'T1',
        file: 'server/faults/ending-faults.ts',
      },
    },
  },
  {
    id: 'F35',
    name: 'false-completion',
    isOrigin: true,
    symptom: 'The run is "completed" with the result "None".',
    remedy: 'Read the exception; complete a run only with an answer, and send `agent_error` otherwise.',
    made: {
      play: 'ask',
      fault: 'false-completion',
      expected: {
        status: 'failed',
        phase: null,
        cause: 'false-completion',
        confidence: 'T1',
        file: 'server/faults/ending-faults.ts',
        says: /the model provider closed the connection/,
      },
    },
  },
  {
    id: 'F36',
    name: 'child-completion',
    symptom: 'The run looks finished; then more comes.',
    remedy: "Send a sub-agent's end as a step, under an id of its own; the end of a run is said once, last.",
    made: {
      play: 'ask',
      fault: 'child-completion',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', says: /was not its end/ },
    },
  },
  {
    id: 'F37',
    name: 'two-terminals',
    symptom: 'An error is shown, then a success; or the other way round.',
    remedy: 'Let one place send the end, and nothing after it.',
    made: {
      play: 'ask',
      fault: 'two-terminals',
      expected: { status: 'failed', phase: null, cause: 'contradictory-terminals', confidence: 'T1' },
    },
  },
  {
    id: 'F38',
    name: 'deaf-to-cancel',
    symptom: 'The user cancels; the agent works on and reports success.',
    remedy: 'Pass the signal on to the model and the tools, and end the run with `agent_cancelled`.',
    made: {
      whyNot:
        'the fault is there (`deaf-to-cancel`), the proof is not: the runtime sends no record of a wish to cancel, so the run is one that completed',
    },
  },
  {
    id: 'F39',
    name: 'stale-cleanup',
    symptom: 'A new run looks idle: the end of the one before cleared its state.',
    remedy: 'Compare the run id before the state is changed.',
    made: { whyNot: "it happens in a page's own state; nothing of it goes over a wire" },
  },
  {
    id: 'F40',
    name: 'empty-answer',
    symptom: 'The run completes, and there is no answer in it.',
    remedy: 'Treat an empty answer as a failure of the model, and try again.',
    made: {
      whyNot:
        'the fault is there (`empty-answer`), the proof is not: Laststep does not read what messages say, and a short answer is no empty one',
    },
  },
]
