/**
 * Texts that many records say, by number: names of agents, tools, models, services and attributes.
 *
 * A text is taken in when it comes a second time, unless it looks like an id: those come again only with their own run.
 * Entries never leave: what was written with a number can always be read.
 */
export class StringPool {
  readonly #texts: string[] = []
  readonly #numbers = new Map<string, number>()
  /** Seen once, as far as is remembered. */
  #seen = new Set<string>()

  /** The number of a text; null for one that is to be written out. */
  numberOf(text: string): number | null {
    const number = this.#numbers.get(text)
    if (number !== undefined) return number
    if (text.length > LENGTH_MAX || this.#texts.length >= ENTRIES_MAX || isId(text)) return null
    if (!this.#seen.has(text)) {
      if (this.#seen.size >= SEEN_MAX) this.#seen = new Set()
      this.#seen.add(text)
      return null
    }
    this.#seen.delete(text)
    return this.add(text)
  }

  /** Take a text in at once: what is known to come again, and what a checkpoint holds. */
  add(text: string): number {
    const number = this.#texts.push(text) - 1
    this.#numbers.set(text, number)
    return number
  }

  /** @throws RangeError when there is no such number */
  textOf(number: number): string {
    const text = this.#texts[number]
    if (text === undefined) throw new RangeError(`expected a text with the number ${number} of ${this.#texts.length}`)
    return text
  }

  /** By number. */
  texts(): readonly string[] {
    return this.#texts
  }
}

/** Ids of traces, UUIDs, numbers of customers: six digits. A model named by its date is written out, then. */
function isId(text: string): boolean {
  let digits = 0
  for (let index = 0; index < text.length && digits < 6; index++) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) digits++
  }
  return digits === 6
}

/** Longer texts are messages and stacks. */
const LENGTH_MAX = 128
/** With texts of the usual length some five megabytes. */
const ENTRIES_MAX = 65_536
const SEEN_MAX = 8_192
