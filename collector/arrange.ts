/** Merging incidents and splitting them by version: what may be done, and what the desk then keeps. */
import type { IncidentAction, IncidentChangeKind } from '../contract/incidents.ts'
import type { Fingerprint } from '../contract/stalls.ts'
import { isCircular, NO_RECORD, rootOf, splitName, type IncidentRecord, type Records } from './homes.ts'

export type Arranging = Extract<IncidentAction, { readonly action: 'merge' | 'unmerge' | 'split' | 'unsplit' }>

export type Arranged =
  | {
      readonly fingerprint: Fingerprint
      readonly record: IncidentRecord
      readonly what: IncidentChangeKind
      /** Whose history tells it. */
      readonly told: readonly Fingerprint[]
      readonly from: string | null
      readonly to: string | null
    }
  | { readonly refused: string }

/** @param home where it is asked, which is merged into nothing */
export function arrange(records: Records, home: Fingerprint, ask: Arranging): Arranged {
  const arranged = propose(records, home, ask)
  if ('refused' in arranged) return arranged
  const after = new Map([...records, [arranged.fingerprint, arranged.record]])
  return isCircular(after)
    ? { refused: 'its stalls would be led in a circle: undo the split or the merge instead' }
    : arranged
}

function propose(records: Records, home: Fingerprint, ask: Arranging): Arranged {
  switch (ask.action) {
    case 'merge': {
      const into = rootOf(records, ask.into)
      if (into === home)
        return { refused: 'an incident cannot be merged into itself, nor into one that is merged into it' }
      const record = { ...(records.get(home) ?? NO_RECORD), mergedInto: into }
      return { fingerprint: home, record, what: 'merged', told: [home, into], from: home, to: into }
    }
    case 'unmerge': {
      const record = records.get(ask.part)
      if (record === undefined || rootOf(records, ask.part) !== home || record.mergedInto === null)
        return { refused: `${ask.part} is not merged into this incident` }
      const part = { ...record, mergedInto: null }
      return { fingerprint: ask.part, record: part, what: 'unmerged', told: [home, ask.part], from: home, to: ask.part }
    }
    case 'split': {
      const part = splitName(home, ask.version)
      const before = records.get(part)
      if (before?.splitFrom) return { refused: 'this version is split off already' }
      // What was decided about the whole was decided about its parts.
      const { life } = records.get(home) ?? NO_RECORD
      const record = { life, mergedInto: null, splitFrom: { fingerprint: home, version: ask.version } }
      return { fingerprint: part, record, what: 'split', told: [home, part], from: home, to: part }
    }
    case 'unsplit': {
      const part = splitName(home, ask.version)
      const record = records.get(part)
      if (!record?.splitFrom) return { refused: 'this version is not split off from this incident' }
      if (record.mergedInto !== null)
        return { refused: `it was merged into ${record.mergedInto}: unmerge it there first` }
      const child = [...records.values()].some(({ mergedInto }) => mergedInto === part)
      if (child) return { refused: 'others are merged into what was split off: unmerge them first' }
      return {
        fingerprint: part,
        record: { ...record, splitFrom: null },
        what: 'unsplit',
        told: [home, part],
        from: part,
        to: home,
      }
    }
  }
}
