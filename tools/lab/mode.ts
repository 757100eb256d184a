/** A failure mode of the catalogue: how it comes about, what people see of it, and what Laststep must say. */
import type { ConnectionFailure } from '../../contract/findings.ts'
import type { Phase } from '../../contract/phases.ts'
import type { Cause, Confidence, Status } from '../../contract/statuses.ts'
import type { ConnectionFaultName, RunFaultName } from '../../server/fault.ts'
import type { PageCheckName } from './page-checks.ts'

export interface Mode {
  /** `F01` … `F61`; a mode with several origins has several rows. */
  readonly id: string
  /** The fault's name where the runtime makes it. */
  readonly name: string
  /** One of the five of the story this product began with. */
  readonly isOrigin?: true
  /** What people see. */
  readonly symptom: string
  /** Where to look and what to do. */
  readonly remedy: string
  readonly made: Made | MadeOfConnections | NotMade
}

/** What the client does, and to whom; the runtime's part is the fault. */
export type PlayName =
  | 'ask'
  | 'ask-report'
  | 'ask-without-request'
  | 'ask-beside-another'
  | 'render-nothing'
  | 'vanish'
  | 'outlive-token'
  | 'freeze-network'
  | 'slow-network'
  | 'cut-by-proxy'
  | 'stop-reading'
  | 'lose-and-resume'
  | 'resume-elsewhere'
  | 'two-in-a-thread'
  | 'in-own-process'
  | 'stop-the-process'

export interface Made {
  readonly play: PlayName
  /** Of the runtime; without one the trouble comes from outside. */
  readonly fault?: RunFaultName
  readonly expected: Expected
}

/** What the clients do that never get as far as a run. */
export type ConnectPlayName =
  | 'come'
  | 'come-by-subprotocol'
  | 'come-with-a-bad-token'
  | 'come-and-go-and-come'
  | 'come-and-ask'

/** It has no run to judge: what is found is told of the connections. */
export interface MadeOfConnections {
  readonly connects: ConnectPlayName
  /** Of a runtime of its own; without one the trouble comes from the clients. */
  readonly fault?: ConnectionFaultName
  readonly found: { readonly failure: ConnectionFailure; readonly closeCode: number | null }
}

/** Why it is not in the lab. */
export interface NotMade {
  readonly whyNot: string
}

export interface Expected {
  readonly status: Status
  /** Null: none is named. */
  readonly phase: Phase | null
  readonly cause: Cause | null
  readonly confidence: Confidence
  /** The source file that must be named, as the step's place or in the evidence. */
  readonly file?: string
  /** What the evidence must say. */
  readonly says?: RegExp
  /** What the run's page must show besides. */
  readonly page?: PageCheckName
  /** It arrived after its deadline had passed and it had been flagged. */
  readonly isLate?: true
}

export type PlayedMode = Mode & { readonly made: Made }
export type ConnectMode = Mode & { readonly made: MadeOfConnections }
export type AbsentMode = Mode & { readonly made: NotMade }

export function isMade(mode: Mode): mode is PlayedMode {
  return 'play' in mode.made
}

export function isOfConnections(mode: Mode): mode is ConnectMode {
  return 'connects' in mode.made
}

export function isAbsent(mode: Mode): mode is AbsentMode {
  return 'whyNot' in mode.made
}
