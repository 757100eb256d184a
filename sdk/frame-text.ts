/** A frame as JSON, with what JSON cannot say called by its name instead of going missing. */
export type FrameText =
  | { readonly text: string; /** What of the frame is not in the text. */ readonly lost: string | null }
  | { readonly problem: string }

export function textOfFrame(frame: unknown): FrameText {
  let text: string | undefined
  try {
    text = JSON.stringify(frame)
  } catch (error) {
    // A BigInt, a circle, or a toJSON that throws.
    return { problem: String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '' }
  }
  if (text === undefined) return { problem: `${typeof frame} has no JSON` }
  return { text, lost: findLoss(frame, '') }
}

/** JSON makes `{}` of these. */
const EMPTIED = [Map, Set, Error, RegExp, Promise, ArrayBuffer, WeakMap, WeakSet] as const

/**
 * The first value that JSON changes without a word: a Map or an Error becomes `{}`, NaN becomes null, a function
 * vanishes. The frame has JSON, so there are no circles.
 */
function findLoss(value: unknown, path: string): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${path || 'it'} is ${value}`
  if (typeof value === 'function' || typeof value === 'symbol') return `${path || 'it'} is a ${typeof value}`
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return null
  const kind = EMPTIED.find((emptied) => value instanceof emptied)
  if (kind) return `${path || 'it'} is ${/^[AE]/.test(kind.name) ? 'an' : 'a'} ${kind.name}`
  for (const key of Object.keys(value)) {
    const loss = findLoss((value as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`)
    if (loss !== null) return loss
  }
  return null
}
