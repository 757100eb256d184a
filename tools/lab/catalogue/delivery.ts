/** F41–F56: from an event to the eyes of the user. */
import type { Mode } from '../mode.ts'

const IN_THE_PAGE = 'it happens in a page, after the event has arrived; nothing of it goes over a wire'

export const DELIVERY: readonly Mode[] = [
  {
    id: 'F41',
    name: 'lookup-by-run-id',
    symptom: 'Silence; after a reload the answer is there.',
    remedy: 'Look connections up by the user; events were emitted with no connection to send them to.',
    made: {
      play: 'ask',
      fault: 'lookup-by-run-id',
      expected: { status: 'undelivered', phase: null, cause: 'unrouted', confidence: 'T1', says: /no connection/ },
    },
  },
  {
    id: 'F42',
    name: 'skipped-send',
    symptom: 'Silence, and the log says "sent".',
    remedy: 'Send without asking first, and believe the callback of the send alone.',
    made: {
      play: 'ask',
      fault: 'skipped-send',
      expected: { status: 'undelivered', phase: null, cause: 'unwritten', confidence: 'T1', says: /never written/ },
    },
  },
  {
    id: 'F43',
    name: 'half-open-connection',
    symptom: 'The client hears nothing; the server believes in the connection for minutes.',
    remedy: 'Ping, and drop who does not answer; let the client come back and resume.',
    made: {
      play: 'freeze-network',
      expected: { status: 'undelivered', phase: null, cause: 'unreceived', confidence: 'T1', says: /not confirmed/ },
    },
  },
  {
    id: 'F44',
    name: 'cut-by-proxy',
    symptom: 'Connections end with 1006 after exactly 40, 60, 100 or 300 seconds.',
    remedy: 'Find the idle timeout of that length on the way, and send something more often than that.',
    made: {
      play: 'cut-by-proxy',
      expected: { status: 'undelivered', phase: null, cause: 'client-gone', confidence: 'T1', says: /1006/ },
    },
  },
  {
    id: 'F45',
    name: 'result-flood',
    symptom: 'Events are missing in the middle, or the connection is dropped under a burst.',
    remedy: 'Keep large results in a store and send where they are; slow down for a reader who cannot keep up.',
    made: {
      play: 'stop-reading',
      fault: 'result-flood',
      expected: { status: 'undelivered', phase: null, cause: 'client-gone', confidence: 'T1', says: /never written/ },
    },
  },
  {
    id: 'F46',
    name: 'slow-network',
    symptom: 'Nothing for a while, then everything in one burst.',
    remedy: 'Look at what stood in front: the queue of the socket, a large frame, a slow link.',
    made: {
      play: 'slow-network',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', isLate: true },
    },
  },
  {
    id: 'F47',
    name: 'truncated-replay',
    symptom: 'After a reconnect there is a hole, often where the end would be.',
    remedy: 'Replay all that was missed, or say that you cannot: `recovered: false`, and the client fetches the run.',
    made: {
      play: 'lose-and-resume',
      fault: 'truncated-replay',
      expected: { status: 'undelivered', phase: null, cause: 'client-gone', confidence: 'T1', says: /1006/ },
    },
  },
  {
    id: 'F48',
    name: 'triple-send',
    symptom: 'The same event two or three times.',
    remedy: 'Look at the attempts of the message on the run page; drop by run and seq on the client.',
    made: {
      play: 'ask',
      fault: 'triple-send',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', page: 'sent-again' },
    },
  },
  {
    id: 'F49',
    name: 'late-relay',
    symptom: 'The end comes before what led to it.',
    remedy: 'Await the relay of each event, or put them in order by seq on the client.',
    made: {
      play: 'ask',
      fault: 'late-relay',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', page: 'out-of-order' },
    },
  },
  {
    id: 'F50',
    name: 'broadcast',
    symptom: "One user's run appears on the screens of others.",
    remedy: "Choose connections by the run's user alone; treat this as a leak of data.",
    made: {
      play: 'ask-beside-another',
      fault: 'broadcast',
      expected: { status: 'undelivered', phase: null, cause: 'misrouted', confidence: 'T1', says: /another user/ },
    },
  },
  {
    id: 'F51',
    name: 'other-worker',
    symptom: 'It fails for one in so many users: as many as there are workers.',
    remedy: 'Share the events between the workers, or bring the client back to the worker of its run.',
    made: {
      play: 'resume-elsewhere',
      expected: { status: 'undelivered', phase: null, cause: 'client-gone', confidence: 'T1', says: /1006/ },
    },
  },
  {
    id: 'F52',
    name: 'unserialisable-answer',
    symptom: 'One type of event is always missing, or arrives as `{}`.',
    remedy: 'Make the payload plain data where it is made; the record of the message names the reason.',
    made: {
      play: 'ask',
      fault: 'unserialisable-answer',
      expected: { status: 'undelivered', phase: null, cause: 'unwritten', confidence: 'T1', says: /serialize/ },
    },
  },
  {
    id: 'F53',
    name: 'oversized-answer',
    symptom: 'Long answers vanish, or the connection is closed with 1009.',
    remedy: 'Send where the result is kept, not the result.',
    made: {
      play: 'ask',
      fault: 'oversized-answer',
      expected: { status: 'undelivered', phase: null, cause: 'unwritten', confidence: 'T1', says: /too-big/ },
    },
  },
  {
    id: 'F54',
    name: 'renamed-terminal',
    symptom: 'Frames arrive, and the screen stands still.',
    remedy: 'Agree on the types: the evidence names those the contract does not know.',
    made: {
      play: 'ask',
      fault: 'renamed-terminal',
      expected: {
        status: 'stalled',
        phase: 'terminal',
        cause: 'terminal-skipped',
        confidence: 'T1',
        says: /agent_response_complete/,
      },
    },
  },
  {
    id: 'F55',
    name: 'broken-reducer',
    symptom: 'The event was acknowledged and is not on the screen.',
    remedy:
      'Let the page say what it has rendered (`rendered` in its acks), and look for `received` without `handled`.',
    made: {
      play: 'render-nothing',
      expected: { status: 'completed', phase: null, cause: null, confidence: 'T1', page: 'never-handled' },
    },
  },
  {
    id: 'F56',
    name: 'disconnect-shown-as-stop',
    symptom: 'The page says that the agent has stopped; it works on.',
    remedy: 'Tell a lost connection from an ended run: only a terminal event ends one.',
    made: { whyNot: IN_THE_PAGE },
  },
]
