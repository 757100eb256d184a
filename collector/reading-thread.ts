/**
 * A thread that reads for those who look for something, on time that nobody else wants. It is started with the first
 * question; questions are answered one after the other, and one that nobody waits for any more is stopped.
 */
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'

export interface ReadingThread<Question, Answer> {
  /**
   * @param hold keeps what the thread will read, until it is done with it. @returns null as soon as `signal` says that
   * nobody waits for it. @throws what the thread threw, or when it ended
   */
  ask(question: Question, signal: AbortSignal, hold?: () => () => void): Promise<Answer | null>
  stop(): Promise<void>
}

interface Asked<Question> {
  readonly id: number
  readonly question: Question
}

type Reply<Answer> = { readonly id: number } & ({ readonly answer: Answer } | { readonly error: string })

/** @param main the thread's own file, beside this one */
export function openReadingThread<Question, Answer>(
  main: string,
  workerData: unknown,
): ReadingThread<Question, Answer> {
  let worker: Worker | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let lastId = 0
  let isStopped = false

  /* oxlint-disable unicorn/require-post-message-target-origin -- a worker is no window */
  async function ask(question: Question, signal: AbortSignal): Promise<Answer | null> {
    if (signal.aborted || isStopped) return null
    const thread = (worker ??= start())
    const id = ++lastId
    const stop = () => thread.postMessage({ stop: id })
    signal.addEventListener('abort', stop)
    try {
      thread.postMessage({ id, question } satisfies Asked<Question>)
      const reply = await replyOf<Answer>(thread, id)
      if (signal.aborted) return null
      if ('error' in reply) throw new Error(reply.error)
      return reply.answer
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  function start(): Worker {
    const started = new Worker(new URL(main, import.meta.url), { workerData })
    // Whoever waits for its answer is told by `once`; the next question starts another one.
    started.on('error', () => {})
    started.on('exit', () => (worker = worker === started ? null : worker))
    started.unref()
    return started
  }

  return {
    /** What was held stays held until the thread is done with it. */
    ask(question, signal, hold = () => () => {}) {
      const answer = turn.then(async () => {
        const letGo = hold()
        return ask(question, signal).finally(letGo)
      })
      turn = answer.catch(() => {})
      const gone = Promise.withResolvers<null>()
      const leave = () => gone.resolve(null)
      signal.addEventListener('abort', leave, { once: true })
      return Promise.race([answer, gone.promise]).finally(() => signal.removeEventListener('abort', leave))
    },
    async stop() {
      isStopped = true
      await worker?.terminate()
    },
  }
}

async function replyOf<Answer>(worker: Worker, id: number): Promise<Reply<Answer>> {
  const over = new AbortController()
  try {
    const exit = once(worker, 'exit', { signal: over.signal }).then(() => {
      throw new Error('the reading thread ended')
    })
    const message = async (): Promise<Reply<Answer>> => {
      for (;;) {
        const [reply] = (await once(worker, 'message', { signal: over.signal })) as [Reply<Answer>]
        if (reply.id === id) return reply
      }
    }
    return await Promise.race([message(), exit])
  } finally {
    over.abort()
  }
}

/** The other end, called once in the thread's own file. @param answer asks now and then whether it is still waited for */
export function answerInThread<Question, Answer>(
  answer: (question: Question, isStopped: () => boolean) => Promise<Answer>,
): void {
  // Linux counts priorities by thread; elsewhere 0 is the whole process, and reading competes with everything else.
  if (process.platform === 'linux') setPriority(0, 19)
  /** Questions nobody waits for any more. */
  const stopped = new Set<number>()
  parentPort?.on('message', (asked: Asked<Question> | { readonly stop: number }) => {
    if ('stop' in asked) {
      stopped.add(asked.stop)
      return
    }
    const { id, question } = asked
    // Questions come one at a time: what was stopped before is over.
    stopped.clear()
    answer(question, () => stopped.has(id)).then(
      (found) => parentPort?.postMessage({ id, answer: found } satisfies Reply<Answer>),
      (error: unknown) => parentPort?.postMessage({ id, error: String(error) } satisfies Reply<Answer>),
    )
  })
}
