/** Rows that somebody picked, to take them along together. */
export type Selection = ReadonlySet<string>

export const NO_ROWS: Selection = new Set()

export function toggleRow(selected: Selection, id: string): Selection {
  const next = new Set(selected)
  if (!next.delete(id)) next.add(id)
  return next
}

/** From a row to the one beside it: both are in. Back over one that is in already lets go of the row one came from. */
export function extendRows(selected: Selection, from: string, to: string): Selection {
  const next = new Set(selected).add(from)
  if (selected.has(from) && selected.has(to)) next.delete(from)
  return next.add(to)
}

/** All rows from one to another, wherever they stand. */
export function selectBetween(selected: Selection, ids: readonly string[], from: string, to: string): Selection {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)]
  if (a < 0 || b < 0) return toggleRow(selected, to)
  return new Set([...selected, ...ids.slice(Math.min(a, b), Math.max(a, b) + 1)])
}
