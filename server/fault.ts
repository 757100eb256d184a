/** The faults the reference runtime can show, by name: for one run (`payload.fault`) or for the process (`--fault`). */
export const FAULTS = {
  'removed-singleton': 'the orchestrator factory reads a dependency that is gone; a broad catch swallows the error',
  'hung-tool': 'the tool awaits a server that takes the request and never answers',
  'half-open-model': 'the model stream yields a few chunks, then nothing, and never closes',
  'blocked-loop': 'a busy loop holds the main thread while the model streams',
  'exit-mid-run': 'the process is killed while a tool runs',
  'skipped-terminal': 'the work is done, an early return leaves before agent_completed',
} as const

export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text)
}

/** A fault that befalls a share of the runs of this process. */
export interface ProcessFault {
  readonly name: FaultName
  /** 0 to 1. */
  readonly probability: number
}
