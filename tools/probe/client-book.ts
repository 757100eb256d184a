/**
 * What a client can say about its runs: the collector's own book and judge, told of frames as messages that arrived. So a
 * probe and a dashboard mean the same by `stalled`, and there is one place where budgets are read.
 */
import { openRunBook } from '../../collector/assemble/run-book.ts'
import { judgeRun } from '../../collector/assess/judge-run.ts'
import { openContracts } from '../../collector/contracts.ts'
import type { Progression } from '../../collector/progression.ts'
import type { JudgedRun } from '../../collector/judgement.ts'
import type { Source } from '../../collector/signal.ts'
import type { Clock, Timer } from '../../contract/clock.ts'
import type { Instant } from '../../contract/units.ts'

export interface ClientBook {
  /** The request of a run went out. */
  asked(id: string, agent: string | null, at: Instant): void
  /** A frame of the run arrived, the `count`th. */
  heard(id: string, event: string, count: number, callId: string | null, at: Instant): void
  find(id: string): JudgedRun | null
  stop(): void
}

const CLIENT: Source = {
  service: null,
  version: null,
  environment: null,
  instance: null,
  workingDirectory: null,
  contract: null,
}

/** @param changed called for each new verdict, those that time alone brings included */
export function openClientBook(
  progression: Progression,
  clock: Clock,
  changed: (id: string, run: JudgedRun) => void,
): ClientBook {
  const book = openRunBook({
    contracts: openContracts([progression]),
    judge: (circumstances, now) => judgeRun(circumstances, progression, now),
    changed: ({ run }) => changed(run.facts.id, run),
  })
  let timer: Timer | null = null
  const lookAgain = (): void => {
    timer?.cancel()
    const next = book.nextLookAt()
    timer =
      next === null
        ? null
        : clock.after(next - clock.now(), () => {
            book.advance(clock.now())
            lookAgain()
          })
  }

  const nothing = { traceId: null, spanId: null, reason: null, source: CLIENT }
  return {
    asked(runId, agent, at) {
      const told = { outcome: null, userId: null, sessionId: null, owesEnd: true }
      book.apply([{ kind: 'run', ...nothing, ...told, runId, agent, at, state: 'accepted' }], at)
      lookAgain()
    },
    heard(runId, event, seq, toolCallId, at) {
      const sent = { connectionId: 'client', attempt: 1, epoch: '', targets: 1, bytes: null }
      const states = [{ state: 'received', at }] as const
      book.apply([{ kind: 'delivery', ...nothing, ...sent, runId, seq, event, toolCallId, states }], at)
      lookAgain()
    },
    find: (id) => book.find(id),
    stop: () => timer?.cancel(),
  }
}
