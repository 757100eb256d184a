/** The collector's API as a program would use it. */
import { sleep, systemClock } from '../../contract/clock.ts'
import type { RunDetail, RunList } from '../../contract/runs.ts'
import { seconds, type Millis } from '../../contract/units.ts'

/** @throws Error with the collector's answer when it is not 200 */
export async function getRun(dashboard: string, id: string): Promise<RunDetail> {
  return (await get(`${dashboard}/api/runs/${encodeURIComponent(id)}`)) as RunDetail
}

export async function listRuns(dashboard: string, query = ''): Promise<RunList> {
  return (await get(`${dashboard}/api/runs?${query}`)) as RunList
}

/**
 * Ask again and again until a run fits.
 * @throws Error after `limit` with what the run looked like last
 */
export async function waitForRun(
  dashboard: string,
  id: string,
  fits: (run: RunDetail) => boolean,
  limit: Millis = seconds(40),
): Promise<RunDetail> {
  const until = systemClock.now() + limit
  let last: unknown = null
  for (;;) {
    try {
      const run = await getRun(dashboard, id)
      if (fits(run)) return run
      last = { ...run, spans: run.spans.map(({ name, endedAt }) => `${name} ${endedAt ?? 'open'}`) }
    } catch (error) {
      last = error instanceof Error ? error.message : error
    }
    if (systemClock.now() > until)
      throw new Error(`no such run within ${limit} ms; last: ${JSON.stringify(last, null, 1)}`)
    await sleepAwake(50)
  }
}

/** `sleep` keeps no process alive; a test that only waits must. */
export async function sleepAwake(delay: Millis): Promise<void> {
  const awake = setInterval(() => {}, 1_000)
  await sleep(systemClock, delay)
  clearInterval(awake)
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.json()
}
