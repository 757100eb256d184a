/** What Laststep shows, without an agent: a run that stalls, sent through the real door. */
import { useComputed, useSignal } from '@preact/signals'
import { isTestRun } from '../model/attention.ts'
import { shortId } from '../model/format.ts'
import { paths } from '../paths.ts'
import { StatusMark } from './icon.tsx'
import { ProblemBox } from './problem-box.tsx'
import { useScreen, type Problem } from './screen.ts'

export function TestRun() {
  const { live, sendTestRun } = useScreen()
  const isSending = useSignal(false)
  const problem = useSignal<Problem | null>(null)
  const run = useComputed(() =>
    [...live.board.value.runs.values()].find((row) => isTestRun(row) && row.endedAt === null),
  )
  const send = async () => {
    isSending.value = true
    problem.value = null
    const answer = await sendTestRun()
    if ('problem' in answer) problem.value = answer.problem
    isSending.value = false
  }
  return (
    <section class="card test-run" aria-labelledby="test-run">
      <div>
        <h2 id="test-run">No agent at hand?</h2>
        <p>
          Send a run that stalls: a tool that never answers, in a process that lives. It is found out after five
          seconds, is in no count, and ends by itself after five minutes.
        </p>
      </div>
      {run.value === undefined ? (
        <button type="button" class="button is-primary" disabled={isSending.value} onClick={send}>
          {isSending.value ? 'Sending…' : 'Send a test run'}
        </button>
      ) : (
        <p class="test-run-now" role="status">
          <StatusMark status={run.value.status} /> <a href={paths.run(run.value.id)}>{shortId(run.value.id)}</a>
        </p>
      )}
      {problem.value !== null && <ProblemBox problem={problem.value} retry={send} />}
    </section>
  )
}
