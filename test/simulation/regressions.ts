/**
 * Seeds whose worlds showed a bug when it was there, and which. The bugs have tests of their own; a seed that fails one day
 * is written down here with what it showed. A change to the code that makes worlds makes other worlds of these.
 */
export const REGRESSIONS: readonly (readonly [seed: number, bug: string])[] = [
  [11, "a client's ack was progress of the step that its message came from"],
  [12, 'a pulse that came twice, or was overtaken, was a sign of life of a process that had died'],
  [59, 'a wait that was told twice put off its deadline'],
  [60, 'what was held back while we did not listen fell due while it was still being sent'],
  [70, 'the end of a span that its pulse told before its record was no progress'],
  [131, 'an agent inside gave its name to a run of which only a pulse told'],
  [15519, 'what an agent inside sent again was no sign of life'],
  [14755, 'nobody looked after a gap that was noted without traffic'],
]
