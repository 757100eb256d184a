/** The thread in which the history's SQLite lives. Questions are answered in the order in which they were asked. */
import { parentPort, workerData } from 'node:worker_threads'
import { openHistoryStore } from './history-store.ts'
import type { Question, Reply } from './history-words.ts'
import { BadQuestion } from './list-runs.ts'

const store = openHistoryStore(workerData as string)

/* oxlint-disable unicorn/require-post-message-target-origin -- a worker is no window */
parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))
parentPort?.postMessage('ready')

function answer({ id, call, ask }: Question): Reply {
  try {
    // `history.ts` pairs each call with its question by type; the thread boundary loses the pairing.
    return { id, answer: (store[call] as (ask: unknown) => unknown)(ask) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { id, error: message, isBadQuestion: error instanceof BadQuestion }
  }
}
