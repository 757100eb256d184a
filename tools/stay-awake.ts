import { MessageChannel } from 'node:worker_threads'

/** The clock's timers keep no process alive; work that only waits must. */
export async function stayAwake<T>(work: () => Promise<T>): Promise<T> {
  const { port1: reasonToLive } = new MessageChannel()
  reasonToLive.on('message', () => {})
  try {
    return await work()
  } finally {
    reasonToLive.close()
  }
}
