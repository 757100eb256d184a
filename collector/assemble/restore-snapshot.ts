/** A snapshot's lines back into a book. */
import type { Source } from '../signal.ts'
import { addTo, type BookRun, type BookState } from './book-state.ts'
import { restoreGroup } from './restore-group.ts'
import { SNAPSHOT_VERSION, type Group, type Head, type Line } from './snapshot-form.ts'
import { restoreConnections } from './connection-book.ts'
import { restoreSources } from './source-book.ts'

export interface Restoring {
  /** The next line. @throws Error when another version wrote it */
  take(text: string): void
  /** @returns the hash of the contract that reached the verdicts. @throws Error when lines are missing */
  done(): { readonly contract: string }
}

/** Fill an empty state, line by line. */
export function restoreSnapshot(state: BookState): Restoring {
  let head: Head | null = null
  let isWhole = false
  const sources = new Map<number, Source>()
  return {
    take(text) {
      // Our own lines: the version in the first says that the others have this shape.
      if (head === null) return void (head = restoreHead(state, JSON.parse(text) as Head))
      const line = JSON.parse(text) as Line
      restoreLists(state, line)
      if (line.runs && line.traces && line.sources) restoreWritten(state, line as Group, head, sources)
      isWhole = line.isWhole ?? false
    },
    done() {
      if (head === null || !isWhole) throw new Error('the checkpoint is not whole: rebuild it from the log')
      return { contract: head.contract }
    },
  }
}

function restoreHead(state: BookState, head: Head): Head {
  if (head.version !== SNAPSHOT_VERSION)
    throw new Error(
      `the checkpoint has version ${head.version}, this program reads ${SNAPSHOT_VERSION}: rebuild it from the log`,
    )
  state.now = head.now
  state.gaps = head.gaps
  Object.assign(state.counters, head.counters)
  Object.assign(state.unknownEvents, head.unknownEvents)
  return head
}

function restoreLists(state: BookState, line: Line): void {
  for (const [id, facts] of line.instances ?? []) state.instances.set(id, facts)
  for (const [id, facts] of line.connections ?? []) state.connections.set(id, facts)
  for (const [id, runs] of line.sessions ?? []) state.runsOfSession.set(id, runs)
  for (const [id, runs] of line.shared ?? []) for (const run of runs) addTo(state.runsOfConnection, id, run)
  for (const [id, at] of line.homeless ?? []) state.homeless.add(id, at)
  for (const [id, settled] of line.settled ?? []) state.settled.add(id, settled)
  for (const [id, at] of line.sealed ?? []) state.sealed.add(id, at)
  for (const lesson of line.lessons ?? []) state.lessons.restore(lesson)
  restoreSources(state.sourceBook, line)
  restoreConnections(state.connectionBook, line)
  for (const text of line.texts ?? []) state.texts.add(text)
  for (const [label, bytes] of line.shelved ?? [])
    state.shelf.putBytes(label, Buffer.from(bytes, 'base64'), state.snapshots)
  if (line.departed) state.departed.restore({ runs: [], traces: [], ...line.departed })
}

function restoreWritten(state: BookState, group: Group, { keys }: Head, sources: Map<number, Source>): void {
  for (const [number, source] of group.sources) sources.set(number, state.sources.find(source))
  for (const run of restoreGroup(state, group, keys, sources)) indexConnections(state, run)
}

function indexConnections(state: BookState, { facts }: BookRun): void {
  for (const message of Object.values(facts.messages))
    for (const { connectionId } of Object.values(message.sends))
      if (connectionId !== null) addTo(state.runsOfConnection, connectionId, facts.id)
}
