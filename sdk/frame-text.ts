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
  return { text, lost: lossOfFrame(frame) }
}

/** The first value of a frame that will be missing on the other side, by name. */
export function lossOfFrame(frame: unknown, carriesBytes = false): string | null {
  return findLoss(frame, '', {
    emptied: carriesBytes ? EMPTIED.filter((kind) => kind !== ArrayBuffer) : EMPTIED,
    looks: LOOKS_MAX,
  })
}

/** JSON makes `{}` of these. */
const EMPTIED = [Map, Set, Error, RegExp, Promise, ArrayBuffer, WeakMap, WeakSet] as const
/** Values looked at: a frame may be long, or contain itself. */
const LOOKS_MAX = 2_000

interface Search {
  readonly emptied: readonly (typeof EMPTIED)[number][]
  looks: number
}

/** A value that JSON changes without a word: a Map or an Error becomes `{}`, NaN becomes null, a function vanishes. */
function findLoss(value: unknown, path: string, search: Search): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${path || 'it'} is ${value}`
  if (typeof value === 'function' || typeof value === 'symbol') return `${path || 'it'} is a ${typeof value}`
  if (typeof value !== 'object' || value === null || search.looks-- <= 0) return null
  if ('toJSON' in value || ArrayBuffer.isView(value)) return null
  const kind = search.emptied.find((kind) => value instanceof kind)
  if (kind) return `${path || 'it'} is ${/^[AE]/.test(kind.name) ? 'an' : 'a'} ${kind.name}`
  for (const key of Object.keys(value)) {
    const itsPath = path === '' ? key : `${path}.${key}`
    const loss = findLoss((value as Record<string, unknown>)[key], itsPath, search)
    if (loss !== null) return loss
  }
  return null
}
