/** What stalls may cost: values that whoever runs this collector gave, times what was counted. */
import type { Impact } from '../contract/incidents.ts'

export interface ImpactValues {
  readonly perRun: number
  readonly perUser: number
  readonly unit: string
}

/** A run that completed after all cost nothing; a user who met it many times is one user. */
export function impactOf(
  values: ImpactValues | null,
  { stalls, completedLate, users }: { readonly stalls: number; readonly completedLate: number; readonly users: number },
): Impact | null {
  if (values === null) return null
  const amount = values.perRun * Math.max(0, stalls - completedLate) + values.perUser * users
  return { amount: Math.round(amount * 100) / 100, unit: values.unit }
}
