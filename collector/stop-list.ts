/** What has to be stopped, in the order in which it was started; stopping goes the other way round. */
export interface StopList {
  add(stop: () => void | Promise<void>): void
  /** @returns the part, which is stopped or closed with the others */
  own<Part extends Stoppable>(part: Part): Part
  /** Stops everything once, however often it is called. A stop that fails does not keep the others from theirs. */
  readonly run: () => Promise<void>
}

type Stoppable = { stop(): void | Promise<void> } | { close(): void | Promise<void> }

export function startStopList(failed: (error: unknown) => void): StopList {
  const stops: (() => void | Promise<void>)[] = []
  let running: Promise<void> | null = null

  const runAll = async (): Promise<void> => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      try {
        await stop()
      } catch (error) {
        failed(error)
      }
    }
  }

  return {
    add: (stop) => void stops.push(stop),
    own(part) {
      stops.push(() => ('stop' in part ? part.stop() : part.close()))
      return part
    },
    run: () => (running ??= runAll()),
  }
}
