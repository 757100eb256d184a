/** Templates and paths of a contract's `frames`: see `collector/frame-form.ts`. */

/**
 * A template with its `{words}` filled in. Text that is one word and nothing else becomes the word's value as it is.
 * @returns undefined where a word has no value; a key whose value is undefined is left out
 */
export function fillTemplate(template: unknown, valueOf: (word: string) => unknown): unknown {
  if (typeof template === 'string') return fillText(template, valueOf)
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, valueOf))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(
    Object.entries(template)
      .map(([key, value]) => [key, fillTemplate(value, valueOf)] as const)
      .filter(([, value]) => value !== undefined),
  )
}

const ONE_WORD = /^\{([^{}]*)\}$/

function fillText(text: string, valueOf: (word: string) => unknown): unknown {
  const alone = ONE_WORD.exec(text)?.[1]
  if (alone !== undefined) return valueOf(alone)
  let isComplete = true
  const filled = text.replaceAll(/\{([^{}]*)\}/g, (_, word: string) => {
    const value = valueOf(word)
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    isComplete = false
    return ''
  })
  return isComplete ? filled : undefined
}

/** What stands at a path such as `payload.text`; undefined when something on the way is missing. */
export function valueAt(json: unknown, path: string): unknown {
  let value = json
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value ?? undefined
}
