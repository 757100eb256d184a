/**
 * The newest row of each run that changed lately, and with which batch it came: so whoever was away is told once how
 * each run is now, not everything that happened meanwhile. Positions count batches and never repeat.
 */
import type { RunRow } from '../../contract/runs.ts'

export interface RecentRows {
  /** Position of the newest batch; 0 before the first. */
  readonly latest: number
  push(rows: readonly RunRow[]): void
  /** The rows that changed after a position, in the order in which they did; null when not all of them are known. */
  since(position: number): RunRow[] | null
  /** Forget every row. Positions go on counting, so a reader before this point must start anew. */
  clear(): void
}

export function openRecentRows(rowsMax: number): RecentRows {
  /** In the order in which they changed. */
  const byRun = new Map<string, { readonly row: RunRow; readonly position: number }>()
  let latest = 0
  /** After this position nothing has been forgotten. */
  let completeAfter = 0

  return {
    get latest() {
      return latest
    },
    push(rows) {
      latest += 1
      for (const row of rows) {
        byRun.delete(row.id)
        byRun.set(row.id, { row, position: latest })
      }
      for (const [id, { position }] of byRun) {
        if (byRun.size <= rowsMax) break
        byRun.delete(id)
        completeAfter = position
      }
    },
    since(position) {
      // A position that was never given is as useless as a forgotten one.
      if (position < completeAfter || position > latest) return null
      const rows: RunRow[] = []
      for (const change of byRun.values()) if (change.position > position) rows.push(change.row)
      return rows
    },
    clear() {
      latest += 1
      completeAfter = latest
      byRun.clear()
    },
  }
}
