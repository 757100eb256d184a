/**
 * Which incident a stall belongs to, once people have merged and split incidents. Nothing is rewritten: a stall keeps
 * the fingerprint it was made with, and where that leads is asked each time. So both can be undone.
 */
import { createHash } from 'node:crypto'
import { UNTOUCHED, type IncidentLife } from '../contract/incidents.ts'
import type { Fingerprint } from '../contract/stalls.ts'

/** What the desk keeps of an incident. */
export interface IncidentRecord {
  readonly life: IncidentLife
  readonly mergedInto: Fingerprint | null
  readonly splitFrom: { readonly fingerprint: Fingerprint; readonly version: string | null } | null
}

export const NO_RECORD: IncidentRecord = { life: UNTOUCHED, mergedInto: null, splitFrom: null }

export type Records = ReadonlyMap<Fingerprint, IncidentRecord>

/** As much of the records as says where a stall belongs. */
export type Homes = ReadonlyMap<Fingerprint, Pick<IncidentRecord, 'mergedInto' | 'splitFrom'>>

/** Those that were merged or split, to be handed to another thread. */
export type Arranged = readonly (readonly [Fingerprint, Pick<IncidentRecord, 'mergedInto' | 'splitFrom'>])[]

export function arrangedOf(records: Records): Arranged {
  return [...records].flatMap(([fingerprint, { mergedInto, splitFrom }]) =>
    mergedInto === null && splitFrom === null ? [] : [[fingerprint, { mergedInto, splitFrom }] as const],
  )
}

/** The fingerprints that stalls of a home may have been made with. */
export function originsOf(arranged: Arranged, home: Fingerprint): readonly Fingerprint[] {
  const origins = new Set([home])
  for (const from of origins)
    for (const [fingerprint, { mergedInto, splitFrom }] of arranged) {
      if (mergedInto === from) origins.add(fingerprint)
      if (fingerprint === from && splitFrom !== null) origins.add(splitFrom.fingerprint)
    }
  return [...origins]
}

/**
 * A version that was split off leads away before a merge does: what was told apart stays apart, wherever the rest goes.
 * Merging in a circle is refused where it is asked for (`arrange.ts`), so this ends.
 */
export function homeOf(records: Homes, fingerprint: Fingerprint, version: string | null): Fingerprint {
  const next = nextOf(records, fingerprint, version)
  return next === null ? fingerprint : homeOf(records, next, version)
}

function nextOf(records: Homes, fingerprint: Fingerprint, version: string | null): Fingerprint | null {
  const split = splitName(fingerprint, version)
  return records.get(split)?.splitFrom ? split : (records.get(fingerprint)?.mergedInto ?? null)
}

/** Whether some stall would be led in a circle: what was split off is merged back into where it came from, say. */
export function isCircular(records: Records): boolean {
  const versions = new Set([...records.values()].flatMap(({ splitFrom }) => (splitFrom ? [splitFrom.version] : [])))
  // Any version that was never split off stands for all of those.
  const walks = [...records.keys()].flatMap((from) => [...versions, ' '].map((version) => ({ from, version })))
  return walks.some(({ from, version }) => {
    let at: Fingerprint | null = from
    for (let steps = 0; at !== null && steps <= records.size; steps++) at = nextOf(records, at, version)
    return at !== null
  })
}

/** Where a whole incident went; itself when it was not merged. */
export function rootOf(records: Records, fingerprint: Fingerprint): Fingerprint {
  const into = records.get(fingerprint)?.mergedInto
  return into ? rootOf(records, into) : fingerprint
}

/** The fingerprint of what is split off: the same each time, so that what was decided about it is found again. */
export function splitName(fingerprint: Fingerprint, version: string | null): Fingerprint {
  return createHash('sha256')
    .update(JSON.stringify(['split', fingerprint, version]))
    .digest('hex')
    .slice(0, 16)
}
