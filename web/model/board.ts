/** The live board as data: what we hold, and what a frame of the feed makes of it. */
import { BOARD_WINDOW_MS, type BoardCounts, type Cursor, type LiveFrame } from '../../contract/live.ts'
import type { Finding } from '../../contract/findings.ts'
import type { RunRow } from '../../contract/runs.ts'
import { fromIso, type Instant } from '../../contract/units.ts'

export interface Board {
  readonly cursor: Cursor | null
  readonly runs: ReadonlyMap<string, RunRow>
  /** Null until the first snapshot. */
  readonly counts: BoardCounts | null
  /** The open ones first. */
  readonly findings: readonly Finding[]
}

export const EMPTY_BOARD: Board = { cursor: null, runs: new Map(), counts: null, findings: [] }

/**
 * Fold one frame into the board.
 *
 * A row replaces the one we hold only when its `rev` is higher, so a frame that arrives twice (a resume may repeat)
 * changes nothing. A snapshot is the whole truth: rows it does not name are gone.
 */
export function foldFrame(board: Board, frame: LiveFrame): Board {
  switch (frame.type) {
    case 'reset':
      // What is on screen stays until the snapshot replaces it; only the cursor is worthless.
      return { ...board, cursor: null }
    case 'beat':
      return { ...board, cursor: frame.cursor }
    case 'snapshot':
      return { ...heard(frame), runs: new Map(frame.runs.map((row) => [row.id, row])) }
    case 'changes': {
      const runs = new Map(board.runs)
      for (const row of frame.runs) if ((runs.get(row.id)?.rev ?? -1) < row.rev) runs.set(row.id, row)
      dropSettled(runs, fromIso(frame.serverTime))
      return { ...heard(frame), runs }
    }
  }
}

function heard({ cursor, counts, findings }: Extract<LiveFrame, { type: 'snapshot' | 'changes' }>) {
  return { cursor, counts, findings }
}

/** Runs that ended before the board's window are of no interest to any list here. */
function dropSettled(runs: Map<string, RunRow>, now: Instant): void {
  for (const row of runs.values())
    if (row.endedAt !== null && now - fromIso(row.endedAt) > BOARD_WINDOW_MS) runs.delete(row.id)
}
