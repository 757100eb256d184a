/** The five events a user must see for a run to have made progress in their eyes, in order. */
export const CRITICAL_EVENTS = [
  'agent_started',
  'agent_thinking',
  'tool_executing',
  'tool_completed',
  'agent_completed',
] as const

export type CriticalEvent = (typeof CRITICAL_EVENTS)[number]

/** Everything else the reference runtime may send. */
export const OTHER_EVENTS = [
  'connection_established',
  'run_accepted',
  'run_rejected',
  'tool_error',
  'approval_required',
  'approval_resolved',
  'agent_finalizing',
  'agent_error',
  'agent_cancelled',
  'progress_update',
  'heartbeat',
  'resumed',
  /** Belongs to no run: the frame could not be read, or the connection is refused. */
  'error',
] as const

export type EventType = CriticalEvent | (typeof OTHER_EVENTS)[number]

/** A run sends exactly one of these, last. */
export const TERMINAL_EVENTS = ['agent_completed', 'agent_error', 'agent_cancelled'] as const

export function isTerminalEvent(type: string): boolean {
  return (TERMINAL_EVENTS as readonly string[]).includes(type)
}
