import type { RunView } from './run-view.ts'
import { probeRun, type ProbeSettings, type Watcher } from './probe-run.ts'

export interface Load {
  /** Runs in all. */
  readonly count: number
  /** Of these at the same time, each on a connection of its own. */
  readonly concurrency: number
  /** They take turns; null where the contract sends none. */
  readonly tokens: readonly (string | null)[]
}

/** @returns in the order in which they ended */
export async function probeMany(settings: ProbeSettings, load: Load, watch: () => Watcher): Promise<RunView[]> {
  const views: RunView[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < load.count) {
      const user = next++ % load.tokens.length
      views.push(await probeRun(settings, user, load.tokens[user] ?? null, watch()))
    }
  }
  await Promise.all(Array.from({ length: Math.min(load.concurrency, load.count) }, work))
  return withMisrouted(views)
}

/** What only all of them together show: a frame of a run came to another user than the one who asked for it. */
export function withMisrouted(views: readonly RunView[]): RunView[] {
  const userOf = new Map(views.map(({ runId, user }) => [runId, user]))
  return views.map((view) => {
    const misrouted = view.strangers.filter((id) => (userOf.get(id) ?? view.user) !== view.user)
    const problems = misrouted.map((id) => `a frame of ${id} came here, and another user had asked for that run`)
    return { ...view, problems: [...view.problems, ...problems] }
  })
}
