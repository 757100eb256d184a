import type { Source } from '../signal.ts'
import type { Scene } from './batch.ts'
import { addTo, newRun, removeFrom, type BookRun, type BookState } from './book-state.ts'
import { makeRoomForRun } from './let-go.ts'

/** @returns null when the book is full of open runs. */
export function addRun(state: BookState, id: string, source: Source, scene: Scene): BookRun | null {
  if (!makeRoomForRun(state, scene.limits)) return null
  const facts = newRun(id, state.sources.find(source), scene.now)
  const { snapshots: writtenIn } = state
  const run: BookRun = {
    facts,
    judged: null,
    homes: [],
    isSealed: false,
    finished: [],
    touched: null,
    isLively: true,
    writtenIn,
  }
  state.runs.set(id, run)
  indexInstance(state, run, null)
  return run
}

/** A run of several traces names a few; a sender that names one per span is not believed. */
const OTHER_IDS_MAX = 32

/** From now on `id` means this run too. */
export function goBy(state: BookState, run: BookRun, id: string): void {
  const { facts } = run
  if (id === facts.id || facts.otherIds.includes(id) || facts.otherIds.length >= OTHER_IDS_MAX) return
  facts.otherIds.push(id)
  state.aliases.set(id, facts.id)
}

/** Keep the run findable by its process. @param before the process it was thought to live in */
export function indexInstance(state: BookState, run: BookRun, before: string | null): void {
  const { id, instance } = run.facts
  if (before !== null && before !== instance) removeFrom(state.runsOfInstance, before, id)
  if (instance !== null) addTo(state.runsOfInstance, instance, id)
}
