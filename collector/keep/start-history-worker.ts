import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** @throws what the worker threw when the database cannot be opened */
export async function startHistoryWorker(path: string): Promise<Worker> {
  const worker = new Worker(new URL('./history-worker.ts', import.meta.url), { workerData: path })
  // `once` rejects with what the worker threw, should it throw first.
  await once(worker, 'message')
  return worker
}
