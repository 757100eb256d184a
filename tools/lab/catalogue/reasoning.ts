/** F18–F24: while the model thinks. */
import type { Mode } from '../mode.ts'

export const REASONING: readonly Mode[] = [
  {
    id: 'F18',
    name: 'half-open-model',
    symptom: 'Some thinking, then silence; pings are answered.',
    remedy: 'Give the stream a watchdog on its chunks, and try again. The provider will not close it.',
    made: {
      play: 'ask',
      fault: 'half-open-model',
      expected: {
        status: 'stalled',
        phase: 'reasoning',
        cause: 'model-silent',
        confidence: 'T1',
        says: /open since/,
      },
    },
  },
  {
    id: 'F19',
    name: 'endless-thinking',
    symptom: 'The agent thinks aloud for ever and never answers.',
    remedy: 'Bound the tokens and the time of thought; look at what the model goes round about.',
    made: {
      play: 'ask',
      fault: 'endless-thinking',
      expected: { status: 'stalled', phase: 'reasoning', cause: 'reasoning-loop', confidence: 'T1' },
    },
  },
  {
    id: 'F20',
    name: 'blocked-loop',
    symptom: 'Every user of the process sees a gap, then a burst.',
    remedy: 'Find the synchronous work at the named step and move it off the main thread.',
    made: {
      play: 'in-own-process',
      fault: 'blocked-loop',
      expected: {
        status: 'stalled',
        phase: 'reasoning',
        cause: 'loop-blocked',
        confidence: 'T1',
        says: /has not turned/,
      },
    },
  },
  {
    id: 'F21',
    name: 'dead-task',
    symptom: 'Silence after some work; the socket and the process are healthy.',
    remedy: 'Look at what came after the named step: the task returned nothing or was killed, and nobody watches it.',
    made: {
      play: 'ask',
      fault: 'dead-task',
      expected: {
        status: 'stalled',
        phase: 'reasoning',
        cause: 'between-steps',
        confidence: 'T1',
        says: /last step to end/,
      },
    },
  },
  {
    id: 'F22',
    name: 'zombie-heartbeat',
    symptom: 'Heartbeats say that the agent is alive; nothing else comes.',
    remedy: 'Let the work itself beat, not a timer beside it; then as for a dead task.',
    made: {
      play: 'ask',
      fault: 'zombie-heartbeat',
      expected: {
        status: 'stalled',
        phase: 'reasoning',
        cause: 'between-steps',
        confidence: 'T1',
        says: /last step to end/,
      },
    },
  },
  {
    id: 'F23',
    name: 'open-breaker',
    symptom: 'Every run fails at once with the same error.',
    remedy: 'Close the breaker, and let it try again by itself.',
    made: {
      play: 'ask',
      fault: 'open-breaker',
      expected: {
        status: 'failed',
        phase: null,
        cause: null,
        confidence: 'T1',
        file: 'server/faults/model-faults.ts',
        says: /CircuitOpen/,
      },
    },
  },
  {
    id: 'F24',
    name: 'full-channel',
    symptom: 'All goes well until a tool says more than a few lines; then it stands still.',
    remedy: 'Read the channel while the tool writes, not after it has returned.',
    made: {
      play: 'ask',
      fault: 'full-channel',
      expected: { status: 'stalled', phase: 'tool', cause: 'tool-silent', confidence: 'T1' },
    },
  },
]
