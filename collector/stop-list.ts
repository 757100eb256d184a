/** What has to be stopped, in the order in which it was started; stopping goes the other way round. */
export interface StopList {
  add(stop: () => void | Promise<void>): void
  /** Stops everything once, however often it is called. A stop that fails does not keep the others from theirs. */
  readonly run: () => Promise<void>
}

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

  return { add: (stop) => void stops.push(stop), run: () => (running ??= runAll()) }
}
