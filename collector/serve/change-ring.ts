/**
 * The last batches of the live feed, as the texts that were sent, so that a reader who was away can catch up.
 * Positions count from 1 and never repeat; both the number of batches and their size are bounded.
 */
export interface ChangeRing {
  /** Position of the newest batch; 0 before the first. */
  readonly latest: number
  push(text: string): void
  /** The batch at a position; null when it has left the ring or was never there. */
  at(position: number): string | null
  /** Forget every batch. Positions go on counting, so a reader before this point must start anew. */
  clear(): void
}

export function openChangeRing(limits: { readonly batchesMax: number; readonly charsMax: number }): ChangeRing {
  const texts = new Map<number, string>()
  let latest = 0
  let oldest = 1
  let chars = 0

  const dropOldest = (): void => {
    chars -= texts.get(oldest)?.length ?? 0
    texts.delete(oldest)
    oldest += 1
  }

  return {
    get latest() {
      return latest
    },
    push(text) {
      latest += 1
      texts.set(latest, text)
      chars += text.length
      while (texts.size > limits.batchesMax || (chars > limits.charsMax && texts.size > 1)) dropOldest()
    },
    at: (position) => texts.get(position) ?? null,
    clear() {
      // The gap in the count tells a reader who is up to date from one who missed what was thrown away.
      latest += 1
      oldest = latest + 1
      texts.clear()
      chars = 0
    },
  }
}
