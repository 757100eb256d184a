import type { StoredRun } from '../stored-run.ts'

/** Pages of before there was a second explanation, a process, or past stalls, say nothing of them. */
export function readPage(text: string): StoredRun {
  const run = JSON.parse(text) as StoredRun
  const verdict = { ...run.verdict, otherwise: run.verdict.otherwise ?? null }
  return { ...run, process: run.process ?? null, pastStalls: run.pastStalls ?? [], verdict }
}
