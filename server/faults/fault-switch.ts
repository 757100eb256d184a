/** Which fault befalls the next run: the one it asks for, else one drawn from those switched on for the process. */
import {
  FAULT_NAMES,
  isRunFault,
  type ConnectionFaultName,
  type FaultName,
  type ProcessFault,
  type RunFaultName,
} from '../fault.ts'

export interface FaultSwitch {
  /** Probability 0 switches the fault off. */
  set(fault: ProcessFault): void
  /** All faults with their present probability. */
  list(): readonly ProcessFault[]
  draw(asked: RunFaultName | null): RunFaultName | null
  drawConnection(): ConnectionFaultName | null
}

/** @param random 0 ≤ number < 1, as `Math.random` */
export function createFaultSwitch(initial: readonly ProcessFault[], random: () => number): FaultSwitch {
  const probabilities = new Map<FaultName, number>(initial.map(({ name, probability }) => [name, probability]))
  return {
    set({ name, probability }) {
      if (probability > 0) probabilities.set(name, probability)
      else probabilities.delete(name)
    },
    list: () => FAULT_NAMES.map((name) => ({ name, probability: probabilities.get(name) ?? 0 })),
    draw(asked) {
      if (asked !== null) return asked
      for (const [name, probability] of probabilities) if (isRunFault(name) && random() < probability) return name
      return null
    },
    drawConnection() {
      for (const [name, probability] of probabilities) if (!isRunFault(name) && random() < probability) return name
      return null
    },
  }
}
