/** How many connections one user may have: a client that connects in a loop must not take the room of all others. */

export interface Places {
  readonly perUserMax: number
  /** @returns how to give it back; null when the user has as many as there may be */
  take(userId: string): (() => void) | null
}

export function createPlaces(perUserMax: number): Places {
  const taken = new Map<string, number>()
  const change = (userId: string, by: number): void => {
    const count = (taken.get(userId) ?? 0) + by
    if (count > 0) taken.set(userId, count)
    else taken.delete(userId)
  }
  return {
    perUserMax,
    take(userId) {
      if ((taken.get(userId) ?? 0) >= perUserMax) return null
      change(userId, 1)
      return () => change(userId, -1)
    },
  }
}
