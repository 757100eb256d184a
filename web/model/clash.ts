/** Two people in one field: what each wrote, so that neither text is lost out of sight. */
import type { Investigation, Overwritten } from '../../contract/investigations.ts'
import { readField, type FieldName } from './sheet-fields.ts'
import { shownText, type Unsent } from './unsent.ts'

export interface Clash {
  readonly field: FieldName
  /** Null when nobody said who he is. */
  readonly by: string | null
  readonly at: string
  /** Null when he took out what the field is part of. */
  readonly theirs: string | null
  readonly mine: string
}

/**
 * What a newer sheet says otherwise in the fields that somebody is in here.
 * @param held those fields, each with what its writer saw there when he went in
 */
export function clashesOf(
  before: Investigation,
  after: Investigation,
  unsent: Unsent,
  held: ReadonlyMap<FieldName, string>,
): Clash[] {
  const fields = new Set([...held.keys(), ...Object.keys(unsent.texts)])
  return [...fields].flatMap((field) => {
    const [was, theirs] = [readField(before, field), readField(after, field)]
    const mine = shownText(before, unsent, field) ?? held.get(field) ?? ''
    // What I have just added myself was nobody else's before.
    if (was === null || theirs === was || theirs === mine || theirs === unsent.texts[field]?.base) return []
    return [{ field, by: after.updatedBy, at: after.updatedAt, theirs, mine }]
  })
}

/** What a save of mine replaced, as the collector tells it. */
export function clashesOfSave(
  overwritten: readonly Overwritten[],
  sheet: Investigation,
  unsent: Unsent,
): readonly Clash[] {
  return overwritten.map(({ field, by, at, theirs }) => ({
    field,
    by,
    at,
    theirs,
    mine: shownText(sheet, unsent, field) ?? '',
  }))
}

/** One for each field, the latest; and none where both have come to say the same. */
export function addClashes(clashes: readonly Clash[], more: readonly Clash[]): readonly Clash[] {
  const news = more.filter(({ theirs, mine }) => theirs !== mine)
  const replaced = new Set(news.map(({ field }) => field))
  return [...clashes.filter(({ field }) => !replaced.has(field)), ...news]
}
