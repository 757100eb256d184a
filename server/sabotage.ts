/**
 * The places where a fault can bite, one member each. Every run carries a sabotage; a healthy run carries
 * `noSabotage`, so that healthy and faulty runs walk the same code.
 */
export interface Sabotage {
  /** What the orchestrator factory finds in the registry's status. */
  readonly dependencies: Readonly<Record<string, boolean>>
  /** The service's catch tells nobody. */
  readonly swallowsFailures: boolean
  /** The run returns after its work, before its terminal event. */
  readonly skipsTerminal: boolean
  /** Awaited inside a tool's span, before its work. */
  beforeTool(signal: AbortSignal): Promise<void>
  /** Awaited before the model's chunk number `count` (from 1) is passed on. */
  beforeChunk(count: number): Promise<void>
}

export const noSabotage: Sabotage = {
  dependencies: { orchestrator_available: true, notifier_available: true, model_available: true },
  swallowsFailures: false,
  skipsTerminal: false,
  beforeTool: async () => {},
  beforeChunk: async () => {},
}
