/**
 * Quiet open runs leave memory and come back when something is said of them, or their moment to look again comes. No
 * verdict depends on where a run is.
 *
 * ```
 * in memory, as objects    ── shelve: too many are held, and this one is quiet ──▶    on the shelf, as bytes
 *                          ◀── recall: asked for, or due ─────────────────────────
 * ```
 *
 * What is shelved is a group: runs and traces that hang together, and what nobody else knows of their connections and
 * sessions.
 */
import { OPEN_STATUSES, STATUSES, TROUBLED_STATUSES, type Status } from '../../contract/statuses.ts'
import type { Instant } from '../../contract/units.ts'
import { isCanary } from '../canary-run.ts'
import type { RunFacts } from '../run.ts'
import { awaitsPulse } from './awaits-pulse.ts'
import { addTo, isSettled, KEY, type BookRun, type BookState } from './book-state.ts'
import { HeldMap } from './held-map.ts'
import { LookHeap } from './look-heap.ts'
import { digestOf } from './pulse-digest.ts'
import { packedRun, packGroup, unpackGroup, type PackedGroup, type PackedRun } from './pack-group.ts'
import { restoreGroup } from './restore-group.ts'
import { KEYS } from './snapshot-form.ts'
import { keepAsWas, keepPacked, writeGroup } from './snapshot-writer.ts'
import type { Trace } from './trace.ts'

/** Larger groups are rare, and slow to bring back. */
const SPANS_MAX = 512
/** Looks at runs that cannot leave, or were lively, for each that leaves: a bound on one call. */
const TRIES = 8
/** As many may leave in one call, or an eighth of those that should: nobody waits for more than a few milliseconds. */
const LEAVES_MAX = 256

/** Let quiet runs leave until no more than `heldMax` open ones are in memory, or none of those looked at is quiet. */
export function shelveQuiet(state: BookState, heldMax: number): void {
  const over = heldOpen(state) - heldMax
  let excess = Math.min(over, Math.max(LEAVES_MAX, over >> 3))
  for (let tries = TRIES * excess; excess > 0 && tries > 0; tries--) {
    const run = nextRun(state)
    if (run === null) return
    if (run.isLively) run.isLively = false
    else excess -= shelve(state, run)
  }
}

/** Open runs in memory. */
export function heldOpen({ runs, settled, sealed }: BookState): number {
  return runs.size - settled.size - sealed.size
}

/** Round and round over all that are held. */
function nextRun(state: BookState): BookRun | null {
  for (let round = 0; round < 2; round++) {
    const next = state.hand.next()
    if (!next.done) return next.value
    state.hand = state.runs.values()
  }
  return null
}

/** @returns how many runs left: 0 when this one cannot */
export function shelve(state: BookState, run: BookRun): number {
  // Whoever counts what is on the shelf would count it.
  if (isCanary(run.facts)) return 0
  const group = groupOf(state, run)
  if (group === null) return 0
  const { runs, traces } = group
  for (const part of [...runs, ...traces]) keepAsWas(state, part)
  const { sources, ...written } = writeGroup([...runs, ...traces])
  const connections = takeOwn(state.runsOfConnection, connectionsOf(runs), runs)
  const sessions = takeOwn(state.runsOfSession, sessionsOf(runs), runs)
  const packed: PackedGroup = {
    sources,
    traces: written.traces,
    runs: written.runs.map((each, index) => packedRun(each, runs[index]?.judged ?? null)),
    connections,
    sessions,
  }
  const looks = runs.flatMap(({ judged }) => judged?.lookAgainAt ?? [])
  const instance = runs[0]?.facts.instance ?? null
  state.shelf.put(
    {
      lookAt: looks.length === 0 ? null : Math.min(...looks),
      instance,
      openDigest: digestOf(traces, instance),
      pulsedAt: 0,
      runs: runs.length,
      status: foremost(runs),
      phase: runs.length === 1 ? (run.judged?.row.step?.phase ?? null) : null,
    },
    [
      ...runs.flatMap(({ facts }) => [facts.id, ...facts.otherIds].map((id) => KEY.run + id)),
      ...traces.map(({ traceId }) => KEY.trace + traceId),
      ...connections.map(([id]) => KEY.connection + id),
      ...sessions.map(([id]) => KEY.session + id),
    ],
    packGroup(state.packing, packed),
    state.snapshots,
  )
  for (const { facts } of runs) forget(state, facts)
  for (const { traceId } of traces) state.traces.delete(traceId)
  return runs.length
}

function foremost(runs: readonly BookRun[]): Status {
  const statuses = new Set(runs.map(({ judged }) => judged?.verdict.status))
  return STATUSES.find((status) => statuses.has(status)) ?? 'running'
}

function forget(state: BookState, { id, otherIds, instance }: RunFacts): void {
  state.runs.delete(id)
  state.looks.set(id, null)
  for (const other of otherIds) state.aliases.delete(other)
  if (instance === null) return
  const ids = state.runsOfInstance.get(instance)
  if (ids?.delete(id) && ids.size === 0) state.runsOfInstance.delete(instance)
}

/** All that hangs together with a run; null when any of it has to stay. */
function groupOf(state: BookState, first: BookRun): { runs: BookRun[]; traces: Trace[] } | null {
  const runs = [first]
  const traces: Trace[] = []
  let spans = 0
  // The list grows while it is walked.
  for (const run of runs) {
    if (!mayLeave(state, run) || run.facts.instance !== first.facts.instance) return null
    const ids = run.homes.map(({ traceId }) => traceId)
    if (run.facts.traceId !== null && !ids.includes(run.facts.traceId)) ids.push(run.facts.traceId)
    for (const id of ids) {
      const trace = state.traces.get(id)
      if (trace === undefined || traces.includes(trace)) continue
      if (trace.touched !== null || trace.settleAt !== null || state.homeless.has(id)) return null
      spans += trace.spans.size
      if (spans > SPANS_MAX) return null
      traces.push(trace)
      for (const runId of trace.runs.values()) {
        const other = state.runs.get(runId)
        if (other !== undefined && !runs.includes(other)) runs.push(other)
      }
    }
  }
  return { runs, traces }
}

function mayLeave(state: BookState, run: BookRun): boolean {
  const { judged, isSealed, touched, facts } = run
  if (awaitsPulse(run, state.instances.get(facts.instance ?? '') ?? null)) return false
  return judged !== null && !isSealed && touched === null && OPEN_STATUSES.has(judged.verdict.status) && !isSettled(run)
}

/** Entries that know no run but these: they go with them. */
function takeOwn(
  index: { get(key: string): Iterable<string> | undefined; delete(key: string): boolean },
  keys: ReadonlySet<string>,
  runs: readonly BookRun[],
): (readonly [string, readonly string[]])[] {
  const taken: (readonly [string, readonly string[]])[] = []
  for (const key of keys) {
    const ids = [...(index.get(key) ?? [])]
    if (ids.length === 0 || !ids.every((id) => runs.some(({ facts }) => facts.id === id))) continue
    index.delete(key)
    taken.push([key, ids])
  }
  return taken
}

function connectionsOf(runs: readonly BookRun[]): Set<string> {
  const ids = new Set<string>()
  for (const { facts } of runs)
    for (const message of Object.values(facts.messages))
      for (const { connectionId } of Object.values(message.sends)) if (connectionId !== null) ids.add(connectionId)
  return ids
}

function sessionsOf(runs: readonly BookRun[]): Set<string> {
  return new Set(runs.flatMap(({ facts }) => facts.sessionId ?? []))
}

/** Bring back what knows a key. @returns false when nothing on the shelf does */
export function recallKey(state: BookState, key: string): boolean {
  let isFound = false
  for (let record = state.shelf.find(key); record !== null; record = state.shelf.find(key)) {
    recall(state, record)
    isFound = true
  }
  return isFound
}

/** The runs of a record, for reading: they are not in the book. */
export function peek(state: BookState, record: number): BookRun[] {
  // A place of their own for all that bringing back writes to.
  const aside: BookState = {
    ...state,
    runs: new HeldMap(() => false),
    traces: new HeldMap(() => false),
    aliases: new Map(),
    runsOfInstance: new Map(),
    looks: new LookHeap(),
    settling: new LookHeap(),
  }
  return bringBack(aside, unpackGroup(state.shelf.body(record), state.texts), state.shelf.labelOf(record).pulsedAt)
}

/** Bring back what a record holds. @returns its runs */
export function recall(state: BookState, record: number): BookRun[] {
  keepPacked(state, record)
  const { pulsedAt } = state.shelf.labelOf(record)
  const packed = unpackGroup(state.shelf.body(record), state.texts)
  state.shelf.remove(record)
  const runs = bringBack(state, packed, pulsedAt)
  for (const run of runs) {
    state.looks.set(run.facts.id, run.judged?.lookAgainAt ?? null)
    run.isLively = true
  }
  for (const [id, runIds] of packed.connections) for (const runId of runIds) addTo(state.runsOfConnection, id, runId)
  for (const [id, runIds] of packed.sessions) state.runsOfSession.set(id, runIds)
  return runs
}

function bringBack(state: BookState, packed: PackedGroup, pulsedAt: Instant): BookRun[] {
  const sources = new Map(packed.sources.map(([number, source]) => [number, state.sources.find(source)]))
  const runs = restoreGroup(state, { ...packed, runs: packed.runs.map(asWritten) }, KEYS, sources)
  for (const [index, { judged }] of packed.runs.entries()) {
    const run = runs[index]
    if (run !== undefined) run.judged = state.judgeAsWas(run, judged)
  }
  if (pulsedAt > 0) for (const { trace } of packed.traces) hear(state, String(trace[TRACE_ID_AT]), pulsedAt)
  return runs
}

/** Up to `max` records of those to be looked at by now, the longest due first. */
export function recallDue(state: BookState, now: Instant, max: number): void {
  const { shelf } = state
  for (let room = max; room > 0 && (shelf.next() ?? Infinity) <= now; room--) recall(state, shelf.first() ?? 0)
}

/** All runs of a process. */
export function recallInstance(state: BookState, instance: string): void {
  for (const record of state.shelf.ofInstance(instance)) recall(state, record)
}

const TRACE_ID_AT = KEYS.trace.indexOf('traceId')

const asWritten = ({ facts, finished }: PackedRun) => ({ facts, open: null, finished, judged: null, isSealed: false })

/** A pulse listed its open spans while it was away. */
function hear(state: BookState, traceId: string, at: Instant): void {
  const trace = state.traces.get(traceId)
  if (trace === undefined) return
  const open = [...trace.spans.values()].filter(({ endedAt }) => endedAt === null)
  for (const span of open) span.heardAt = Math.max(span.heardAt, at)
  if (open.length === 0) return
  trace.heardAt = Math.max(trace.heardAt, at)
  for (const id of trace.runs.values()) {
    const facts = state.runs.get(id)?.facts
    if (facts !== undefined) facts.heardAt = Math.max(facts.heardAt, at)
  }
}

/** Bring back all that a person should look at. */
export function recallTroubled(state: BookState): void {
  const records = [...state.shelf.records()].filter((record) =>
    TROUBLED_STATUSES.has(state.shelf.labelOf(record).status),
  )
  for (const record of records) recall(state, record)
}
