import type { StoredRun } from '../stored-run.ts'

/** Pages of before there was a second explanation, a process, past stalls, or the run's span, say nothing of them. */
export function readPage(text: string): StoredRun {
  const run = JSON.parse(text) as StoredRun
  const verdict = { ...run.verdict, otherwise: run.verdict.otherwise ?? null }
  const { process = null, pastStalls = [], spanId = null } = run
  return { ...run, process, pastStalls, spanId, verdict }
}
