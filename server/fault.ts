/**
 * The faults the reference runtime can show, by name. The F-numbers are those of the catalogue of failure modes,
 * docs/STALLS.md.
 */

/** Before a connection is ready, for the process (`--fault`). */
const CONNECTION_FAULTS = {
  'subprotocol-mismatch': 'F02: the server takes none of the subprotocols that its clients offer',
  'hung-auth': 'F04: the identity provider does not answer, and nobody gave the question a time limit',
  'handshake-race': 'F06: something is sent before the handshake is accepted, which throws',
  'clean-close-as-failure': 'F07: the same, and the connection is closed with 1000',
  'lost-first-frame': 'F08: the message handler is attached after the token was checked',
  'leaked-connections': 'F09: a connection that ends does not give its place back',
} as const

/** For one run (`payload.fault`) or for the process. */
const RUN_FAULTS = {
  // Between the request and the start of the agent.
  'silent-rejection': 'F11: the handler misses a field of the frame, returns false and answers nothing',
  'not-forwarded': 'F12: the request is put on a bus that nobody reads',
  'leaked-lock': 'F13: the session lock is held by a run that died without giving it back',
  'removed-singleton':
    'F14: the orchestrator factory reads a dependency that is gone; a broad catch swallows the error',
  'factory-import-error': 'F14: the factory imports a name that its module no longer defines; swallowed likewise',
  'canned-answer': 'F15: the factory fails, and the user gets a canned answer as if all had gone well',
  // What the run says, and under which name.
  'partial-notifier': 'F16: the notifier can only say agent_thinking; every other event is a silent no-op',
  'wrong-ids': 'F17: the run id is minted twice; events carry the second, connections listen for the first',
  // The model.
  'half-open-model': 'F18: the model stream yields a few chunks, then nothing, and never closes',
  'endless-thinking': 'F19: the model thinks aloud for ever and never comes to an answer',
  'blocked-loop': 'F20: a busy loop holds the main thread while the model streams',
  'dead-task': 'F21: the task that works for the run is gone; whoever awaits it waits for ever',
  'zombie-heartbeat': 'F22: the same, and a timer goes on saying that the agent is alive',
  'open-breaker': 'F23: the circuit breaker before the model never closes again; each run fails at once',
  // Tools.
  'full-channel': 'F24: tool results go through a bounded channel whose reader waits for the writer',
  'hung-tool': 'F25: the tool awaits a server that takes the request and never answers',
  'swallowed-tool-error': 'F26: the tool throws, nobody tells the agent, and the agent waits for its result',
  'same-call-ids': 'F27: two calls of a tool carry the same id, and one result closes both',
  'orphan-tool-end': 'F28: tool_completed comes without its tool_executing',
  'lost-approval': 'F30: an approval is asked for, and the answer goes to a row that nobody polls',
  // The end.
  'stalled-synthesis': 'F31: all tools have answered, and the next model call waits for a slot that never comes free',
  'failed-persist': 'F32: the answer cannot be stored; the end was to be told after that',
  'skipped-terminal': 'F33: the work is done, an early return leaves before agent_completed',
  'untold-error': 'F34: the run fails and nothing is sent about it',
  'false-completion': 'F35: the error path completes the run with the result "None"',
  'child-completion': "F36: a sub-agent's agent_completed goes out as the run's own, and the run goes on",
  'two-terminals': 'F37: agent_error is followed by agent_completed',
  'deaf-to-cancel': 'F38: the user cancels; the work goes on and is reported as a success',
  'empty-answer': 'F40: agent_completed with an empty answer',
  // The way to the user.
  'stale-handler': 'F10: the handler registered first, on another connection, answers all',
  'lookup-by-run-id': 'F41: the connections are looked up by the id of the run, where the user was meant',
  'skipped-send': 'F42: a wrong check says that the socket is closed; the send is skipped and called a success',
  'result-flood': 'F45: results are pushed faster than the client reads them',
  'truncated-replay': 'F47: after a reconnect only a part of what was missed is replayed',
  'triple-send': 'F48: each event is sent three times',
  'late-relay': 'F49: events are relayed without being awaited, and the end overtakes them',
  broadcast: 'F50: events go to whoever is connected, but not to the user of the run',
  'unserialisable-answer': 'F52: the answer holds a BigInt, for which JSON has no form',
  'oversized-answer': 'F53: the answer is larger than a frame may be',
  'renamed-terminal': 'F54: the end is sent as agent_response_complete, a type that nobody knows',
  // The process.
  'exit-mid-run': 'F57: the process is killed while a tool runs',
  'success-by-envelope': 'F60: the run fails, and the wrapper around it reports success',
} as const

export const FAULTS = { ...RUN_FAULTS, ...CONNECTION_FAULTS }

export type ConnectionFaultName = keyof typeof CONNECTION_FAULTS
export type RunFaultName = keyof typeof RUN_FAULTS
export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]
export const RUN_FAULT_NAMES = Object.keys(RUN_FAULTS) as readonly RunFaultName[]

export function isRunFault(text: string): text is RunFaultName {
  return Object.hasOwn(RUN_FAULTS, text)
}

export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text)
}

/** A fault that befalls a share of the runs, or of the connections, of this process. */
export interface ProcessFault {
  readonly name: FaultName
  /** 0 to 1. */
  readonly probability: number
}
