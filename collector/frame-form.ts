/**
 * How a client speaks with a runtime and reads its frames: the part of a contract's file that only a probe uses. What a
 * run is judged by does not depend on it, so it is not in the contract's hash.
 *
 * A *path* leads into a frame: `payload.text`. A *template* is text in which `{…}` is filled in; one that is nothing but
 * `{…}` takes the value as it is, a number included, and what has no value is left out with its key.
 */
import { z } from 'zod'

/** What `ask` and `auth.frame` may be filled with. */
export const ASK_WORDS = ['text', 'agent', 'run', 'thread', 'token'] as const
export type AskWord = (typeof ASK_WORDS)[number]

const AUTH_WORDS = ['bearer', 'subprotocol', 'none'] as const
const AUTH_RULE = `expected ${AUTH_WORDS.join(', ')}, or one of { header: NAME }, { query: NAME }, { frame: {…} }`
const PATH_RULE =
  'expected the path of a field such as payload.text, or a list of them of which the first that is there counts'

const name = z.string().min(1)
const template = z.record(z.string(), z.unknown())
const filled = template.superRefine((value, context) => {
  for (const word of wordsIn(value))
    if (!(ASK_WORDS as readonly string[]).includes(word))
      context.addIssue(`{${word}} is not one of ${ASK_WORDS.map((each) => `{${each}}`).join(' ')}`)
})
const paths = z
  .union([name, z.array(name).min(1)], PATH_RULE)
  .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given))

/** Every key may be absent from a file; what a probe cannot do without is `ask` and `event`. */
export const frameForm = z.strictObject({
  /** How the token travels. */
  auth: z
    .union(
      [
        z.enum(AUTH_WORDS),
        z.strictObject({ header: name }),
        z.strictObject({ query: name }),
        z.strictObject({ frame: filled }),
      ],
      AUTH_RULE,
    )
    .optional(),
  /** Added to the address. */
  query: z.record(name, z.string()).optional(),
  /** The event after which it may ask; at once without. */
  ready: name.optional(),
  /** The frame that starts a run. */
  ask: filled.optional(),
  /** Templates of paths that give an event its name; the first of which everything is there counts. */
  event: paths.optional(),
  /** Paths of the run's id, of the conversation's, and of the number of the event in its run. */
  run: paths.optional(),
  thread: paths.optional(),
  seq: paths.optional(),
  /** The id that the runtime gave the connection; read from the `ready` frame. */
  connection: paths.optional(),
  /** Text for people: partial results, the answer, what an error says. */
  text: paths.optional(),
  /** Sent back for each numbered event; filled with paths of that event's frame. */
  ack: template.optional(),
})

/** As the file has it; `undefined` says nothing. */
export type FrameForm = z.infer<typeof frameForm>

/** Every `{word}` in a template, at any depth. */
export function wordsIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(/\{([^{}]*)\}/g)].map(([, word = '']) => word)
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(wordsIn)
}
