/** F25–F30: while a tool works, or a person is asked. */
import type { Mode } from '../mode.ts'

export const TOOL: readonly Mode[] = [
  {
    id: 'F25',
    name: 'hung-tool',
    symptom: '`tool_executing` is the last word.',
    remedy: 'Give the call a timeout; the named line is where the tool is defined.',
    made: {
      play: 'ask',
      fault: 'hung-tool',
      expected: {
        status: 'stalled',
        phase: 'tool',
        cause: 'tool-silent',
        confidence: 'T1',
        file: 'server/agent/tools/file-search.ts',
      },
    },
  },
  {
    id: 'F26',
    name: 'swallowed-tool-error',
    symptom: '`tool_executing`, then silence; the tool has long failed.',
    remedy: 'Read the exception of the tool, and send `tool_error` and a result to the agent for every failure.',
    made: {
      play: 'ask',
      fault: 'swallowed-tool-error',
      expected: {
        status: 'stalled',
        phase: 'tool',
        cause: 'exception-swallowed',
        confidence: 'T1',
        file: 'server/faults/tool-faults.ts',
        says: /the index of the handbook is locked/,
      },
    },
  },
  {
    id: 'F27',
    name: 'same-call-ids',
    symptom: 'Two calls begin, one result closes both on the screen, or one runs for ever there.',
    remedy: 'Give each call an id of its own, and pair by id, never by the name of the tool.',
    made: {
      play: 'ask',
      fault: 'same-call-ids',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', page: 'more-calls-than-results' },
    },
  },
  {
    id: 'F28',
    name: 'orphan-tool-end',
    symptom: 'A result appears for a call that was never shown.',
    remedy: 'Send `tool_executing` before the work, from the same place that sends its end.',
    made: {
      play: 'ask',
      fault: 'orphan-tool-end',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', page: 'results-without-calls' },
    },
  },
  {
    id: 'F29',
    name: 'client-gone-in-tool',
    symptom: 'Events stop when the connection breaks; the work goes on for nobody.',
    remedy: 'Let the client come back and resume; keep the answer where it can be fetched.',
    made: {
      play: 'vanish',
      expected: { status: 'undelivered', phase: null, cause: 'client-gone', confidence: 'T1', says: /1006/ },
    },
  },
  {
    id: 'F30',
    name: 'lost-approval',
    symptom: 'The run asks for an approval; it is given, and nothing happens.',
    remedy: 'Find out where the answer goes: the run waits on something else.',
    made: {
      play: 'ask',
      fault: 'lost-approval',
      expected: { status: 'stalled', phase: 'waiting', cause: 'waiting-too-long', confidence: 'T1', says: /approval/ },
    },
  },
]
