/**
 * Notices when the connections to a service fail before they are ready, and tells of one cause instead of many.
 *
 * ```
 * opened ─▶ due ──┬─▶ ready ─────────────────────────▶ counted as a try; open findings of the service may recover
 *                 └─▶ failed ─▶ counted with its like ─┬─▶ an open finding of theirs grows
 *                                                      └─▶ enough of the last minute's tries? ─▶ a new one
 * ```
 *
 * Each connection counts once as ready and once as failed at most, at moments that depend on its records and not on the
 * order in which they came.
 */
import { createHash } from 'node:crypto'
import { hours, type Instant, type Millis } from '../../contract/units.ts'
import type { ConnectionJudge, ConnectionJudgement, FailingFindingFacts, FailureGroup } from '../connection.ts'
import type { ConnectionFacts } from '../run.ts'
import type { Signal } from '../signal.ts'
import type { BookState } from './book-state.ts'
import {
  countTry,
  findingLook,
  isOfGroup,
  isOfService,
  lookAtConnection,
  readLook,
  readTries,
} from './connection-book.ts'

export interface ConnectionWatchSettings extends ConnectionJudge {
  /** Told of every finding that was made and of every change of one. */
  readonly found: (finding: FailingFindingFacts) => void
}

export interface ConnectionWatch {
  /** To be called once the signals were folded. */
  hear(state: BookState, signals: readonly Signal[], now: Instant): void
  /** See to all that is due at one moment at or before `until`. @returns false when nothing is */
  look(state: BookState, until: Instant): boolean
}

const ENDED_KEPT: Millis = hours(24)
const ENDED_MAX = 100
const INSTANCES_MAX = 10

export function createConnectionWatch(settings: ConnectionWatchSettings): ConnectionWatch {
  const { found } = settings

  /** @returns the finding that this changed */
  function weighConnection(state: BookState, id: string, now: Instant): string | null {
    const { connections, instances, gaps, connectionBook } = state
    let connection = connections.get(id)
    if (connection === undefined || isInVain(connection)) {
      lookAtConnection(connectionBook, id, null)
      return null
    }
    if (connection.readyAt !== null && connection.counted !== 'ready') {
      connection = { ...connection, counted: 'ready' }
      connections.set(id, connection)
      countTry(connectionBook, connection, null, now)
      for (const finding of connectionBook.findings.values())
        if (finding.endedAt === null && isOfService(finding, connection)) becomeReady(state, finding, now)
    }
    if (connection.counted !== null && connection.counted !== 'ready') return null
    const instance = instances.get(connection.instance ?? '') ?? null
    const judgement = settings.connection({ connection, instance, gaps }, now)
    lookAtConnection(connectionBook, id, judgement.lookAgainAt)
    return judgement.failure === null ? null : fail(state, connection, judgement.failure, judgement, now)
  }

  function fail(
    state: BookState,
    connection: ConnectionFacts,
    failure: FailureGroup['failure'],
    { limit }: ConnectionJudgement,
    now: Instant,
  ): string | null {
    const { connections, connectionBook } = state
    // Messages of runs went over it: it was ready, and the record that said so was lost.
    if (connection.readyAt === null && state.runsOfConnection.get(connection.id) !== undefined) return null
    connections.set(connection.id, { ...connection, counted: failure })
    const { service, environment, closeReason, instance } = connection
    const isByClose = limit === null && failure !== 'frames-lost'
    const group = { service, environment, failure, closeCode: isByClose ? connection.closeCode : null }
    countTry(connectionBook, group, group, now)
    const tries = readTries(connectionBook, group)
    const held = [...connectionBook.findings.values()].find((each) => each.endedAt === null && isOfGroup(each, group))
    if (held === undefined && !settings.isTrouble(tries)) return null
    const finding = held ?? begin(state, group, tries.firstAt ?? now, tries.failed - 1)
    const isListed = instance === null || finding.instances.includes(instance)
    put(state, {
      ...finding,
      connections: finding.connections + 1,
      lastFailedAt: now,
      readyAt: null,
      closeReason: finding.closeReason ?? closeReason,
      limit: finding.limit ?? limit,
      instances: isListed ? finding.instances : [...finding.instances, instance].slice(0, INSTANCES_MAX),
    })
    return finding.id
  }

  function begin(state: BookState, group: FailureGroup, since: Instant, before: number): FailingFindingFacts {
    const isOpen = ({ readyAt, closedAt }: ConnectionFacts) => readyAt !== null && closedAt === null
    let openConnections = 0
    for (const each of state.connections.values())
      if (isOpen(each) && each.stream === null && isOfService(each, group)) openConnections += 1
    return {
      kind: 'connections-failing',
      id: idOf(group, since),
      rev: 0,
      state: 'open',
      ...group,
      since,
      endedAt: null,
      closeReason: null,
      connections: before,
      lastFailedAt: since,
      readyAt: null,
      openConnections,
      limit: null,
      instances: [],
      lookAt: null,
    }
  }

  function becomeReady(state: BookState, finding: FailingFindingFacts, now: Instant): void {
    if (finding.readyAt !== null) return
    const after = put(state, { ...finding, readyAt: now })
    if (after.lookAt !== null && after.lookAt <= now) lookAtFinding(state, after.id, now)
  }

  /** Keep it, with the moment to look at it again; news of it are told when the moment's work is done. */
  function put(state: BookState, finding: FailingFindingFacts): FailingFindingFacts {
    const { findings, looks } = state.connectionBook
    // As of a moment before which nothing ends: what is asked for is the next look.
    const { lookAgainAt } = settings.finding(finding, state.gaps, -Infinity)
    const after = { ...finding, lookAt: lookAgainAt }
    findings.set(after.id, after)
    looks.set(findingLook(after.id), after.lookAt)
    return after
  }

  function lookAtFinding(state: BookState, id: string, now: Instant): void {
    const { findings, looks } = state.connectionBook
    const finding = findings.get(id)
    if (finding === undefined || finding.endedAt !== null) return
    const { state: stands, lookAgainAt } = settings.finding(finding, state.gaps, now)
    const isOver = stands !== 'open'
    findings.set(id, { ...finding, state: stands, lookAt: lookAgainAt, endedAt: isOver ? now : null })
    looks.set(findingLook(id), lookAgainAt)
    if (!isOver) return
    tell(state, id)
    forgetEnded(state, now)
  }

  function tell({ connectionBook: { findings } }: BookState, id: string): void {
    const finding = findings.get(id)
    if (finding === undefined) return
    const after = { ...finding, rev: finding.rev + 1 }
    findings.set(id, after)
    found(after)
  }

  return {
    hear(state, signals, now) {
      const heard = new Set<string>()
      for (const signal of signals) if (signal.kind === 'connection') heard.add(signal.connectionId)
      const changed = new Set<string>()
      for (const id of [...heard].sort()) note(changed, weighConnection(state, id, now))
      for (const id of changed) tell(state, id)
    },
    look(state, until) {
      const { looks } = state.connectionBook
      const first = looks.take(until)
      if (first === null) return false
      // What fails at one moment is told of once.
      const changed = new Set<string>()
      for (let due: typeof first | null = first; due !== null; due = looks.take(first.at)) {
        const { kind, id } = readLook(due.id)
        if (kind === 'finding') lookAtFinding(state, id, due.at)
        else note(changed, weighConnection(state, id, due.at))
      }
      for (const id of changed) tell(state, id)
      return true
    },
  }
}

/** Counted as failed although it was ready, which nothing takes back. */
function isInVain({ counted, readyAt }: ConnectionFacts): boolean {
  return readyAt !== null && (counted === 'frames-lost' || counted === 'subprotocol-mismatch')
}

function note(changed: Set<string>, findingId: string | null): void {
  if (findingId !== null) changed.add(findingId)
}

/** The same after a restart; a hash, since a service's name is its sender's and may be anything. */
function idOf({ service, environment, failure, closeCode }: FailureGroup, since: Instant): string {
  const parts = JSON.stringify([environment, service, failure, closeCode, since])
  return `find_${createHash('sha256').update(parts).digest('hex').slice(0, 16)}`
}

function forgetEnded({ connectionBook: { findings } }: BookState, now: Instant): void {
  const ended = [...findings.values()].filter(({ endedAt }) => endedAt !== null)
  for (const [index, { id, endedAt }] of ended.entries())
    if (index < ended.length - ENDED_MAX || (endedAt ?? 0) + ENDED_KEPT <= now) findings.delete(id)
}
