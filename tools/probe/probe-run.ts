/** One run from outside: connect, ask, follow it to its end or to the deadline it misses, and say what was seen. */
import { randomUUID } from 'node:crypto'
import { makeChecklist } from '../../collector/assess/make-checklist.ts'
import type { AskWord } from '../../collector/frame-form.ts'
import type { Progression } from '../../collector/progression.ts'
import type { Clock } from '../../contract/clock.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import { writeDuration } from '../read-duration.ts'
import { openClientBook } from './client-book.ts'
import { conclude, isDecided } from './conclude.ts'
import { fillTemplate, valueAt } from './fill-template.ts'
import { followRun } from './follow-run.ts'
import { openSession, type Session } from './open-session.ts'
import type { Frame } from './read-frame.ts'
import type { RunView, SeenEvent } from './run-view.ts'

export interface ProbeSettings {
  readonly url: string
  readonly progression: Progression
  readonly message: string
  readonly agent: string | null
  /** Events of the contract's checklist that must come although it does not require them. */
  readonly expected: readonly string[]
  /** For the run as a whole. */
  readonly timeoutMs: Millis
  readonly clock: Clock
}

/** Told of a run while it goes on. */
export interface Watcher {
  connected(connectionId: string | null, at: Instant): void
  /** @param runId null while only the runtime knows it */
  asked(runId: string | null, at: Instant): void
  seen(event: SeenEvent, runId: string | null): void
  /** @param key stands for the id of a run that the runtime never named */
  ended(view: RunView, key: string): void
}

/**
 * @param user the number of the token
 * @returns what was seen; never rejects, since whatever goes wrong is a finding
 */
export async function probeRun(
  settings: ProbeSettings,
  user: number,
  token: string | null,
  watcher: Watcher,
): Promise<RunView> {
  const { url, progression, clock, expected } = settings
  const { ask, ack } = progression.frames
  const key = randomUUID()
  const run = followRun(progression, key)
  const over = Promise.withResolvers<string | null>()
  let hasEnded = false
  let session: Session | null = null
  const book = openClientBook(progression, clock, (_id, { verdict }) => {
    if (!isDecided(verdict)) return
    hasEnded = true
    over.resolve(null)
  })
  const heard = (frame: Frame): void => {
    const at = clock.now()
    const event = run.take(frame, at, book.find(key)?.verdict.limit?.ms ?? null, hasEnded)
    if (event === null) return
    if (ack !== undefined && event.seq !== null) session?.send(fillTemplate(ack, (path) => valueAt(frame.json, path)))
    if (!hasEnded) book.heard(key, event.event, run.seen.length, event.callId, at)
    watcher.seen(event, run.runId)
  }
  const timeout = clock.after(settings.timeoutMs, () =>
    over.resolve(`the run had not ended after ${writeDuration(settings.timeoutMs)}`),
  )
  let trouble: string | null
  try {
    const closed = (why: string): void => over.resolve(`${why} before the run had ended`)
    session = await openSession({ url, progression, token, clock, heard, closed })
    const askedAt = clock.now()
    watcher.connected(session.connectionId, askedAt)
    run.asked(askedAt)
    book.asked(key, settings.agent, askedAt)
    const words: Readonly<Record<AskWord, string | null>> = {
      text: settings.message,
      agent: settings.agent,
      run: run.runId,
      thread: run.threadId,
      token,
    }
    session.send(fillTemplate(ask, (word) => words[word as AskWord] ?? undefined))
    watcher.asked(run.runId, askedAt)
    trouble = await over.promise
    await session.close()
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error)
  }
  timeout.cancel()
  book.stop()
  const judged = book.find(key)
  const verdict = judged?.verdict ?? null
  const checklist = judged === null ? [] : makeChecklist(judged, progression)
  const { runId, seen, strangers } = run
  const problems = conclude({ verdict, checklist, seen, trouble, expected }, progression)
  const view = {
    runId,
    user,
    readyMs: session?.readyMs ?? null,
    seen,
    verdict,
    checklist,
    problems,
    strangers: [...strangers],
  }
  watcher.ended(view, key)
  return view
}
