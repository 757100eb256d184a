/** Every failure mode that a runtime is known to have, F01–F61, in the order of a run's life. */
import type { Mode } from '../mode.ts'
import { CONNECT } from './connect.ts'
import { DELIVERY } from './delivery.ts'
import { ENDING } from './ending.ts'
import { LIFECYCLE } from './lifecycle.ts'
import { REASONING } from './reasoning.ts'
import { START } from './start.ts'
import { TOOL } from './tool.ts'

/** What the modes of a chapter have in common. */
export interface Chapter {
  readonly title: string
  readonly modes: readonly Mode[]
}

export const CHAPTERS: readonly Chapter[] = [
  { title: 'Connecting', modes: CONNECT },
  { title: 'Starting', modes: START },
  { title: 'Thinking', modes: REASONING },
  { title: 'Tools and people', modes: TOOL },
  { title: 'Ending', modes: ENDING },
  { title: 'On the way to the user', modes: DELIVERY },
  { title: 'The process, and its watchers', modes: LIFECYCLE },
]

export const CATALOGUE: readonly Mode[] = CHAPTERS.flatMap(({ modes }) => modes)

/**
 * @param words `F18`, or the name of a mode; none means all
 * @throws Error naming a word that means nothing
 */
export function pickModes(words: readonly string[]): readonly Mode[] {
  if (words.length === 0) return CATALOGUE
  const picked = new Set<Mode>()
  for (const word of words) {
    const fitting = CATALOGUE.filter(({ id, name }) => id.toLowerCase() === word.toLowerCase() || name === word)
    if (fitting.length === 0) throw new Error(`no failure mode is called "${word}"; laststep lab --list names them all`)
    for (const mode of fitting) picked.add(mode)
  }
  return CATALOGUE.filter((mode) => picked.has(mode))
}
