/** F57–F61: the life of the process, and of whoever watches it. */
import type { Mode } from '../mode.ts'

export const LIFECYCLE: readonly Mode[] = [
  {
    id: 'F57',
    name: 'exit-mid-run',
    symptom: 'The connection ends with 1006; the run is "running" for ever in the books.',
    remedy:
      "Look at what killed the process at the named step, and settle a dead process's runs when the next one starts.",
    made: {
      play: 'in-own-process',
      fault: 'exit-mid-run',
      expected: {
        status: 'lost',
        phase: 'tool',
        cause: 'process-lost',
        confidence: 'T2',
        file: 'server/agent/tools/file-search.ts',
      },
    },
  },
  {
    id: 'F58',
    name: 'slow-and-well',
    symptom: 'A watchdog kills a run that was only slow.',
    remedy: 'Judge by progress, not by time; flag, and never kill.',
    made: {
      play: 'ask-report',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1' },
    },
  },
  {
    id: 'F59',
    name: 'two-in-a-thread',
    symptom: 'The monitor is green while a run hangs: it counts by conversation, and another run of it went well.',
    remedy: 'Key everything by the run, and count what the client confirmed, not what was sent.',
    made: {
      play: 'two-in-a-thread',
      fault: 'hung-tool',
      expected: { status: 'stalled', phase: 'tool', cause: 'tool-silent', confidence: 'T1' },
    },
  },
  {
    id: 'F60',
    name: 'success-by-envelope',
    symptom: 'HTTP 200 and "success", and no event of any work.',
    remedy: 'Read the exception behind it; judge by the events of the contract, not by the envelope.',
    made: {
      play: 'ask',
      fault: 'success-by-envelope',
      expected: {
        status: 'stalled',
        phase: 'started',
        cause: 'exception-swallowed',
        confidence: 'T1',
        file: 'server/orchestrate/create-execution-orchestrator.ts',
      },
    },
  },
  {
    id: 'F61',
    name: 'stopped-process',
    symptom: 'Nothing is flagged: the watchdog lives in the process that stands still.',
    remedy: 'Watch from outside, by a clock of its own; look at why the machine or the container was stopped.',
    made: {
      play: 'stop-the-process',
      expected: { status: 'lost', phase: 'tool', cause: 'process-lost', confidence: 'T2', says: /last pulse/ },
    },
  },
]
