/** Bytes of all requests being read or kept, against one limit: memory does not depend on how many ask at once. */
export interface BytesInFlight {
  /** False when there is no room: the request must be refused. */
  take(bytes: number): boolean
  give(bytes: number): void
  readonly bytes: number
}

/** Four of the largest requests at once. */
export const BYTES_IN_FLIGHT_MAX = 256 * 1_048_576

export function createBytesInFlight(bytesMax: number = BYTES_IN_FLIGHT_MAX): BytesInFlight {
  let held = 0
  return {
    take(bytes) {
      // One request alone always fits, or a limit below the largest body would refuse it for ever.
      if (held > 0 && held + bytes > bytesMax) return false
      held += bytes
      return true
    },
    give: (bytes) => void (held -= bytes),
    get bytes() {
      return held
    },
  }
}
