/**
 * Where a run is, in order.
 *
 * ```
 * connect → auth → ready        one connection, before any run
 *   accepted → started → ( reasoning ⇄ tool ⇄ waiting )* → finalise → terminal        one run
 * ```
 */
export const PHASES = [
  'connect',
  'auth',
  'ready',
  'accepted',
  'started',
  'reasoning',
  'tool',
  'waiting',
  'finalise',
  'terminal',
] as const

export type Phase = (typeof PHASES)[number]

/** The phases a run in flight can be in. */
export const FLIGHT_PHASES = [
  'accepted',
  'started',
  'reasoning',
  'tool',
  'waiting',
  'finalise',
] as const satisfies Phase[]

export function isPhase(value: unknown): value is Phase {
  return typeof value === 'string' && (PHASES as readonly string[]).includes(value)
}

/** How a run ended, when it ended by its own word. */
export type Outcome = 'succeeded' | 'failed' | 'cancelled'
