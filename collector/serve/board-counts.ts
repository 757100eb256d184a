/**
 * The numbers of the live board: how many runs are in flight now, by phase, and what the last 15 minutes brought.
 *
 * The window is a ring of 10-second slices. What a run adds is remembered with it, so that a run that changes its mind
 * (a late confirmation, a false completion) takes back exactly what it had added.
 */
import type { DeliverySummary, IsoTime } from '../../contract/runs.ts'
import { BOARD_WINDOW_MS, type BoardCounts, type PhaseCount } from '../../contract/live.ts'
import { PHASES, type Phase } from '../../contract/phases.ts'
import { OPEN_STATUSES, STANDING_STATUSES } from '../../contract/statuses.ts'
import { seconds, type Instant } from '../../contract/units.ts'
import type { JudgedRun, RunChange } from '../judgement.ts'
import type { RunFacts } from '../run.ts'
import {
  addDuration,
  emptyHistogram,
  mergeHistogram,
  percentile,
  type DurationHistogram,
} from '../duration-histogram.ts'

/** What the board needs of a `RunChange`; of a run read back from a checkpoint, its facts without finished steps. */
export interface BoardChange {
  readonly run: Pick<JudgedRun, 'row' | 'verdict'> & { readonly facts: Pick<RunFacts, 'outcomeAt' | 'spanEndedAt'> }
  readonly before: RunChange['before']
  readonly finishedSteps: RunChange['finishedSteps']
}

export interface BoardBook {
  /** Take in an open run of which no more is known than where it is, as after a restart. */
  noteQuiet(phase: Phase | null): void
  /** Take in one change. `now` never decreases. */
  note(change: BoardChange, now: Instant): void
  read(now: Instant): BoardCounts
}

const SLICE_MS = seconds(10)
const SLICES = BOARD_WINDOW_MS / SLICE_MS
const PHASE_SAMPLES_MIN = 5
/** Settled runs remembered for their late changes; beyond it the oldest are forgotten and keep what they added. */
const SETTLED_MAX = 20_000

/** A slice that has left the window. */
const LONG_AGO = -1

/** What one run adds to the counts. */
interface Share {
  readonly isOpen: boolean
  readonly phase: Phase | null
  /** Set while the run stands still. */
  readonly stalledAt: IsoTime | null
  /** The slice in which it ended. */
  readonly endedIn: number | null
  readonly isCompleted: boolean
  /** Its messages due, all counted where the last came due, so that the confirmed never outnumber the due. */
  readonly due: number
  readonly dueIn: number
  readonly confirmed: number
}

interface Slice {
  ended: number
  completed: number
  due: number
  confirmed: number
  readonly durations: Map<Phase, DurationHistogram>
}

export function openBoardCounts(): BoardBook {
  /** Open runs are a million at times, and what they add can be told from what they were. */
  let inFlight = 0
  /** When the messages of open runs came due. */
  const dueIn = new Map<string, number>()
  /** In the order in which they settled. */
  const settled = new Map<string, Share>()
  const slices = new Map<number, Slice>()
  const phases = new Map(PHASES.map((phase) => [phase, { inFlight: 0, stalled: 0, durations: emptyHistogram() }]))
  const stalls = openStalls()
  let oldestSlice = 0

  const expire = (now: Instant): void => {
    oldestSlice = sliceOf(now) - SLICES + 1
    for (const [number, slice] of slices) {
      if (number >= oldestSlice) continue
      for (const [phase, durations] of slice.durations) mergeHistogram(phaseOf(phase).durations, durations, -1)
      slices.delete(number)
    }
  }

  /** Null for a slice that has left the window. */
  const sliceAt = (number: number): Slice | null => {
    if (number < oldestSlice) return null
    let slice = slices.get(number)
    if (slice === undefined)
      slices.set(number, (slice = { ended: 0, completed: 0, due: 0, confirmed: 0, durations: new Map() }))
    return slice
  }

  const phaseOf = (phase: Phase) => {
    const counts = phases.get(phase)
    if (counts === undefined) throw new Error(`expected a phase of contract/phases.ts, got ${phase}`)
    return counts
  }

  const count = (runId: string, share: Share, sign: 1 | -1): void => {
    if (share.isOpen) inFlight += sign
    if (share.isOpen && share.phase !== null) {
      phaseOf(share.phase).inFlight += sign
      if (share.stalledAt !== null) phaseOf(share.phase).stalled += sign
    }
    if (share.stalledAt !== null && sign === 1) stalls.add(runId, share.stalledAt)
    if (share.stalledAt !== null && sign === -1) stalls.remove(runId)
    const ended = share.endedIn === null ? null : sliceAt(share.endedIn)
    if (ended !== null) {
      ended.ended += sign
      if (share.isCompleted) ended.completed += sign
    }
    const due = sliceAt(share.dueIn)
    if (due !== null) {
      due.due += sign * share.due
      due.confirmed += sign * share.confirmed
    }
  }

  return {
    noteQuiet(phase) {
      inFlight++
      if (phase !== null) phaseOf(phase).inFlight++
    },

    note(change, now) {
      expire(now)
      const { id } = change.run.row
      const before = settled.get(id) ?? (change.before === null ? undefined : openShare(change.before, dueIn.get(id)))
      const share = shareOf(change, before, sliceOf(now))
      if (before !== undefined) count(id, before, -1)
      count(id, share, 1)
      dueIn.delete(id)
      settled.delete(id)
      if (!share.isOpen) settled.set(id, share)
      else if (share.due > 0) dueIn.set(id, share.dueIn)
      if (settled.size > SETTLED_MAX) settled.delete(settled.keys().next().value ?? '')
      for (const step of change.finishedSteps) {
        const slice = sliceAt(sliceOf(now))
        if (slice === null) continue
        const durations = slice.durations.get(step.phase) ?? emptyHistogram()
        slice.durations.set(step.phase, durations)
        addDuration(durations, step.ms)
        addDuration(phaseOf(step.phase).durations, step.ms)
      }
    },

    read(now) {
      expire(now)
      const total = { ended: 0, completed: 0, due: 0, confirmed: 0 }
      for (const slice of slices.values()) {
        total.ended += slice.ended
        total.completed += slice.completed
        total.due += slice.due
        total.confirmed += slice.confirmed
      }
      return {
        inFlight,
        stalled: stalls.size,
        oldestStallAt: stalls.oldest(),
        endedRecently: total.ended,
        completedRecently: total.completed,
        deliveriesRequired: total.due,
        deliveriesConfirmed: total.confirmed,
        phases: PHASES.map((phase): PhaseCount => {
          const { inFlight, stalled, durations } = phaseOf(phase)
          return { phase, inFlight, stalled, p95Ms: percentile(durations, 0.95, PHASE_SAMPLES_MIN) }
        }),
      }
    },
  }
}

function shareOf(change: BoardChange, before: Share | undefined, nowSlice: number): Share {
  const { facts, row, verdict } = change.run
  const isOpen = OPEN_STATUSES.has(row.status)
  const { due, confirmed } = messagesDue(row.delivery)
  const endedAt = facts.outcomeAt ?? facts.spanEndedAt
  return {
    isOpen,
    phase: row.step?.phase ?? null,
    stalledAt: STANDING_STATUSES.has(row.status) ? verdict.since : null,
    // A replay after a restart counts a run where it ended, not where it was read again.
    endedIn: isOpen ? null : endedAt === null ? (before?.endedIn ?? nowSlice) : Math.min(sliceOf(endedAt), nowSlice),
    isCompleted: row.status === 'completed',
    due,
    confirmed,
    dueIn: due === before?.due ? before.dueIn : nowSlice,
  }
}

/**
 * What an open run added. A settled one that is not remembered adds nothing that could be taken back.
 * @param dueIn undefined when its messages came due before the counts began
 */
function openShare({ row, verdict }: NonNullable<RunChange['before']>, dueIn: number | undefined): Share | undefined {
  if (!OPEN_STATUSES.has(row.status)) return undefined
  return {
    isOpen: true,
    phase: row.step?.phase ?? null,
    stalledAt: STANDING_STATUSES.has(row.status) ? verdict.since : null,
    endedIn: null,
    isCompleted: false,
    ...messagesDue(row.delivery),
    dueIn: dueIn ?? LONG_AGO,
  }
}

/** Until the deliveries of a run are settled only the confirmed ones have come due. */
function messagesDue(delivery: DeliverySummary): { due: number; confirmed: number } {
  const { required, confirmed, outcome } = delivery
  if (outcome === 'unknown') return { due: 0, confirmed: 0 }
  return { due: outcome === 'pending' ? confirmed : required, confirmed }
}

function sliceOf(instant: Instant): number {
  return Math.floor(instant / SLICE_MS)
}

/** The present stalls, and the oldest of them without looking through all each time. */
function openStalls() {
  const since = new Map<string, IsoTime>()
  let oldest: IsoTime | null = null
  return {
    get size() {
      return since.size
    },
    add(runId: string, at: IsoTime): void {
      since.set(runId, at)
      if (since.size === 1 || (oldest !== null && at < oldest)) oldest = at
    },
    remove(runId: string): void {
      // Only when the oldest leaves must the next oldest be looked for.
      if (since.get(runId) === oldest) oldest = null
      since.delete(runId)
    },
    oldest(): IsoTime | null {
      if (oldest === null) for (const at of since.values()) if (oldest === null || at < oldest) oldest = at
      return oldest
    },
  }
}
