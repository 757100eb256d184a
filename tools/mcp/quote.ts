/**
 * Texts of others, as a language model may be shown them: names, messages and exceptions come from the agents that are
 * watched and from their users, and one of them may be written to be obeyed. A quoted text is one line between double
 * quotes that it cannot end, has no character that is not seen, and is not long.
 */

/** Controls, and everything that is not seen: turns of direction, joiners, the tag characters, private and lone codes. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u{E0100}-\u{E01EF}]/gu
export const TEXT_MAX = 500
/** A link is ours, and a cut one leads nowhere. */
const LINK_KEYS: ReadonlySet<string> = new Set(['link', 'dashboard'])

/** On one line, without what is not seen, `max` characters at most. */
export function plain(text: string, max = TEXT_MAX): string {
  const line = text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(UNSEEN, '')
    .trim()
  // Of two halves each, at most: enough to see whether there is one more than may be.
  const points = Array.from(line.slice(0, 2 * max + 2))
  return points.length <= max ? line : `${points.slice(0, max - 1).join('')}…`
}

/** @example "search_orders" */
export function quote(text: string, max = TEXT_MAX): string {
  return JSON.stringify(plain(text, max))
}

/** All texts of an answer, made plain; JSON quotes them. */
export function plainAll<Value>(value: Value): Value {
  return walk(value, false) as Value
}

function walk(value: unknown, isLink: boolean): unknown {
  if (typeof value === 'string') return isLink ? value : plain(value)
  if (Array.isArray(value)) return value.map((each) => walk(each, false))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, LINK_KEYS.has(key))]))
}
