/** The collector's API, as far as the lab asks it. */
import type { Finding, FindingList } from '../../contract/findings.ts'
import type { RunDetail, RunList, RunRow } from '../../contract/runs.ts'

const PAGE = 500

/** @throws Error with the collector's answer when it is not 200 */
export async function getRun(dashboard: string, id: string): Promise<RunDetail> {
  return (await get(`${dashboard}/api/runs/${encodeURIComponent(id)}`)) as RunDetail
}

/** All runs there are, or those of one user. */
export async function listRuns(dashboard: string, user?: string): Promise<RunRow[]> {
  const runs: RunRow[] = []
  let cursor: string | null = null
  do {
    const query: Record<string, string> = { limit: String(PAGE) }
    if (user !== undefined) query['user'] = user
    if (cursor !== null) query['cursor'] = cursor
    const page = (await get(`${dashboard}/api/runs?${new URLSearchParams(query)}`)) as RunList
    runs.push(...page.runs)
    cursor = page.next
  } while (cursor !== null)
  return runs
}

export async function listFindings(dashboard: string): Promise<readonly Finding[]> {
  return ((await get(`${dashboard}/api/findings`)) as FindingList).findings
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.json()
}
