/** What the tools say alike of steps, code and incidents. */
import type { CodeLocation, Step } from '../../contract/runs.ts'
import type { Fingerprint, Ingredients } from '../../contract/stalls.ts'
import { quote } from './quote.ts'

/** `tool › "search_orders"` */
export function stepWords(step: Pick<Step, 'phase' | 'name'> | null): string {
  if (step === null) return 'an unknown step'
  return step.name === null ? step.phase : `${step.phase} › ${quote(step.name, 100)}`
}

/** As lists are narrowed by it. */
export function stepName(step: Pick<Step, 'phase' | 'name'> | null): string | null {
  if (step === null) return null
  return step.name === null ? step.phase : `${step.phase} › ${step.name}`
}

export function codeName(code: CodeLocation | null | undefined): string | null {
  if (!code) return null
  return code.line === null ? code.file : `${code.file}:${code.line}`
}

/** `STL-4F2A09` */
export function labelOf(fingerprint: Fingerprint): string {
  return `STL-${fingerprint.slice(0, 6).toUpperCase()}`
}

export function stepOfIncident({ phase, step }: Ingredients): Pick<Step, 'phase' | 'name'> | null {
  return phase === null ? null : { phase, name: step }
}

/** `agent "support", environment "staging"`; what is not known is left out. */
export function named(parts: Readonly<Record<string, string | null>>): string {
  return Object.entries(parts)
    .flatMap(([what, value]) => (value === null ? [] : [`${what} ${quote(value, 100)}`]))
    .join(', ')
}

/** `1 stall`, `24 stalls` */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
