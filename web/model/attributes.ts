/** Attributes as the rows of a details panel. */
import { SPAN_ATTR } from '../../contract/span-attributes.ts'
import type { Attributes, AttributeValue } from '../../contract/runs.ts'

export interface AttributeRow {
  readonly key: string
  readonly value: string
}

/** In this order; the rest follows by name. */
const KNOWN_FIRST: readonly string[] = Object.values(SPAN_ATTR)

export function attributeRows(attributes: Attributes): AttributeRow[] {
  return Object.entries(attributes)
    .map(([key, value]) => ({ key, value: formatValue(value) }))
    .sort((a, b) => rank(a.key) - rank(b.key) || (a.key < b.key ? -1 : 1))
}

function formatValue(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function rank(key: string): number {
  const index = KNOWN_FIRST.indexOf(key)
  return index < 0 ? KNOWN_FIRST.length : index
}
