/**
 * The places where a fault can bite, one member each. Every run carries a sabotage; a healthy run carries
 * `noSabotage`, so that healthy and faulty runs walk the same code.
 */
import type { EventType } from '../contract/events.ts'
import type { ServerFrame } from '../contract/frames.ts'
import type { Notifier } from './run-scope.ts'

export interface Sabotage {
  /** Awaited after the acceptance, before the factory is called. `queued` says that the run waits for its turn. */
  beforeStart(signal: AbortSignal, queued: (reason: string) => void): Promise<void>
  /** What the orchestrator factory finds in the registry's status. */
  readonly dependencies: Readonly<Record<string, boolean>>
  /** Awaited inside the factory: what it needs of other modules. */
  importContext(): Promise<void>
  /** What the run's code holds as its notifier. `create` makes one that speaks under an id. */
  holdNotifier(create: (runId: string) => Notifier, runId: string): Notifier
  /** The notifier lets nothing follow a terminal event. */
  readonly sealsEnd: boolean
  /** Awaited before the model call number `count` (from 1), between two steps. */
  beforeModel(count: number, signal: AbortSignal): Promise<void>
  /** Awaited inside the span of a model call, before it is made. */
  callModel(): Promise<void>
  /** The model's stream as it is read. */
  listen<Chunk>(stream: AsyncIterable<Chunk>): AsyncIterable<Chunk>
  /** Awaited before the model's chunk number `count` (from 1) is passed on. */
  beforeChunk(count: number): Promise<void>
  /** Awaited inside a tool's span, before its work. */
  beforeTool(signal: AbortSignal, ask: AskApproval): Promise<void>
  /** The tool's failure reaches neither the user nor the agent. */
  readonly swallowsToolErrors: boolean
  /** Awaited when the agent has its answer. */
  afterAgent(notifier: Notifier, signal: AbortSignal): Promise<void>
  /** Awaited while the run is finalised. */
  persist(): Promise<void>
  /** The run returns after its work, before its terminal event. */
  readonly skipsTerminal: boolean
  readonly heedsCancel: boolean
  readonly onFailure: OnFailure
  readonly routing: Routing
}

/** Tell the user that somebody has to decide, and wait, inside a span of its own, until `answered` settles. */
export type AskApproval = (answered: Promise<void>) => Promise<void>

/** What the service's catch does with what the run threw. */
export type OnFailure =
  | { readonly do: 'tell' }
  | { readonly do: 'swallow' }
  /** The run's span says so; the user hears nothing. */
  | { readonly do: 'throw' }
  /** The run's own record says that all went well. */
  | { readonly do: 'claim-success' }
  /** The user is told that the run completed, with this result. */
  | { readonly do: 'complete'; readonly result: unknown }

/** How events find their way to connections. */
export interface Routing {
  recipients<C extends Recipient>(directory: Directory<C>, run: { runId: string; userId: string }): Iterable<C>
  /** Hand the event to one connection, once or as attempt 1, 2, … */
  transmit(event: EventType, send: (attempt: number) => void): void
  /** What a client that lost its connection is told of the frames it missed. */
  replay(missed: readonly ServerFrame[]): readonly ServerFrame[]
}

export interface Recipient {
  readonly userId: string
}

export interface Directory<C> {
  of(userId: string): Iterable<C>
  /** In the order of joining. */
  all(): readonly C[]
}

export const straightRouting: Routing = {
  recipients: (directory, { userId }) => directory.of(userId),
  transmit: (_event, send) => send(1),
  replay: (missed) => missed,
}

export const noSabotage: Sabotage = {
  beforeStart: async () => {},
  dependencies: { orchestrator_available: true, notifier_available: true, model_available: true },
  importContext: async () => {},
  holdNotifier: (create, runId) => create(runId),
  sealsEnd: true,
  beforeModel: async () => {},
  callModel: async () => {},
  listen: (stream) => stream,
  beforeChunk: async () => {},
  beforeTool: async () => {},
  swallowsToolErrors: false,
  afterAgent: async () => {},
  persist: async () => {},
  skipsTerminal: false,
  heedsCancel: true,
  onFailure: { do: 'tell' },
  routing: straightRouting,
}
