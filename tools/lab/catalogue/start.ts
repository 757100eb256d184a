/** F11–F17: from the request to the agent's first words. */
import type { Mode } from '../mode.ts'

export const START: readonly Mode[] = [
  {
    id: 'F11',
    name: 'silent-rejection',
    isOrigin: true,
    symptom: 'The client asks, and nothing comes back: no error, no event.',
    remedy:
      'Answer every frame; say which field is missing. The named line is the handler that returned without a word.',
    made: {
      play: 'ask-without-request',
      fault: 'silent-rejection',
      expected: {
        status: 'stalled',
        phase: 'accepted',
        cause: 'never-started',
        confidence: 'T1',
        file: 'server/faults/silent-handler.ts',
      },
    },
  },
  {
    id: 'F12',
    name: 'not-forwarded',
    symptom: 'The request is acknowledged, and then nothing.',
    remedy: 'Find who reads what the named line puts on the bus: the reader is gone or listens to another name.',
    made: {
      play: 'ask',
      fault: 'not-forwarded',
      expected: {
        status: 'stalled',
        phase: 'accepted',
        cause: 'never-started',
        confidence: 'T1',
        file: 'server/orchestrate/execution-service.ts',
      },
    },
  },
  {
    id: 'F13',
    name: 'leaked-lock',
    symptom: 'The request is acknowledged; `agent_started` never comes, and the queue only grows.',
    remedy: 'Find the holder of the lock or the slot: it died. Give locks a lease that runs out.',
    made: {
      play: 'ask',
      fault: 'leaked-lock',
      expected: { status: 'stalled', phase: 'accepted', cause: 'queued', confidence: 'T1' },
    },
  },
  {
    id: 'F14',
    name: 'removed-singleton',
    isOrigin: true,
    symptom: 'The request is acknowledged, and then nothing; the REST call beside it says success.',
    remedy: 'Go to the line the exception names: it reads a key that a refactoring removed. Narrow the catch above it.',
    made: {
      play: 'ask',
      fault: 'removed-singleton',
      expected: {
        status: 'stalled',
        phase: 'started',
        cause: 'exception-swallowed',
        confidence: 'T1',
        file: 'server/orchestrate/create-execution-orchestrator.ts',
        says: /KeyError: 'orchestrator_available'/,
      },
    },
  },
  {
    id: 'F14',
    name: 'factory-import-error',
    isOrigin: true,
    symptom: 'The same silence as before, one deploy after its fix.',
    remedy: 'Go to the line the exception names: it imports what its module does not define.',
    made: {
      play: 'ask',
      fault: 'factory-import-error',
      expected: {
        status: 'stalled',
        phase: 'started',
        cause: 'exception-swallowed',
        confidence: 'T1',
        file: 'server/faults/start-faults.ts',
        says: /ImportError: cannot import name 'getUserExecutionContext'/,
      },
    },
  },
  {
    id: 'F15',
    name: 'canned-answer',
    symptom: 'An answer comes at once and says nothing; no event of any work before it.',
    remedy: 'Read the exception behind it, and let a fallback say that it is one.',
    made: {
      play: 'ask',
      fault: 'canned-answer',
      expected: {
        status: 'failed',
        phase: null,
        cause: 'false-completion',
        confidence: 'T1',
        file: 'server/orchestrate/create-execution-orchestrator.ts',
      },
    },
  },
  {
    id: 'F16',
    name: 'partial-notifier',
    symptom: 'Some types of events never appear: thinking is seen, tools and the end are not.',
    remedy: 'Wire the whole notifier, and fail at start where one of its methods is missing; `hasattr` hides the gap.',
    made: {
      play: 'ask',
      fault: 'partial-notifier',
      expected: { status: 'stalled', phase: 'terminal', cause: 'terminal-skipped', confidence: 'T1' },
    },
  },
  {
    id: 'F17',
    name: 'wrong-ids',
    isOrigin: true,
    symptom: 'The run works to its end, and its user sees nothing after the acknowledgement.',
    remedy:
      'Mint the id once, where the request is accepted, and pass it on. The evidence says under which id the messages went, and from which line.',
    made: {
      play: 'ask',
      fault: 'wrong-ids',
      expected: {
        status: 'stalled',
        phase: 'terminal',
        cause: 'terminal-skipped',
        confidence: 'T1',
        file: 'server/agent/observe-model.ts',
        says: /under another id, run_\w+/,
      },
    },
  },
]
