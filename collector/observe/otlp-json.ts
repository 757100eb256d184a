/** The few shapes of OTLP in JSON that Laststep writes to its own door. */
import { instantToNanos, type Instant } from '../../contract/units.ts'

export type PlainValue = string | number | boolean | readonly string[]

export function attributes(values: Readonly<Record<string, PlainValue>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: PlainValue): object {
  if (typeof value === 'number') return { intValue: String(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  return typeof value === 'string' ? { stringValue: value } : { arrayValue: { values: value.map(anyValue) } }
}

export function nanosOf(at: Instant): string {
  return String(instantToNanos(at))
}
