/** The cable between a browser and a collector: it can be pulled, so that nothing gets through, and put back. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Cable {
  /** Where the browser finds the collector. */
  readonly address: string
  /** Everything that goes through it is torn, and nobody new gets through. */
  pull(): void
  mend(): void
  stop(): Promise<void>
}

/** @param to `http://127.0.0.1:4319` */
export async function layCable(to: string): Promise<Cable> {
  const { hostname, port } = new URL(to)
  const ends = new Set<Socket>()
  let isPulled = false
  const server = createServer((near) => {
    if (isPulled) return void near.destroy()
    const far = connect(Number(port), hostname)
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end)
      end.on('error', () => other.destroy())
      end.on('close', () => {
        ends.delete(end)
        other.destroy()
      })
      end.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const tear = (): void => {
    for (const end of ends) end.destroy()
  }
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pull() {
      isPulled = true
      tear()
    },
    mend: () => void (isPulled = false),
    async stop() {
      tear()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
