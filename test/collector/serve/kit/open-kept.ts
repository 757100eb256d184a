/** The history's tables in memory, without the thread around them. */
import { openHistoryStore } from '../../../../collector/keep/history-store.ts'
import { openHistoryDeploys, type HistoryDeploys } from '../../../../collector/keep/history-deploys.ts'
import { openHistorySearch, type AskHistory, type HistorySearch } from '../../../../collector/keep/history-search.ts'
import type { KeptSource } from '../../../../collector/serve/serve-settings.ts'
import type { IncidentBookHistory } from '../../../../collector/incident-book.ts'
import type { StallWord } from '../../../../collector/stall.ts'
import type { StoredRun } from '../../../../collector/stored-run.ts'

export interface Kept {
  readonly source: KeptSource & IncidentBookHistory & { readonly search: HistorySearch }
  readonly deploys: HistoryDeploys
  /** As one batch. */
  save(runs: readonly StoredRun[], stalls?: readonly StallWord[]): void
  readonly store: ReturnType<typeof openHistoryStore>
}

export function openKept(): Kept {
  const store = openHistoryStore(':memory:')
  const ask: AskHistory = async (call, question) => (store[call] as (question: unknown) => never)(question)
  const save: Kept['save'] = (runs, stalls = []) => {
    const lines = runs.map((run) => JSON.stringify(run)).join('\n')
    const rest = { pieces: new Float64Array(), sheets: [], checkpoint: null, aliveAt: null }
    store.save({ runs: lines, stalls, ...rest })
  }
  return {
    store,
    save,
    deploys: openHistoryDeploys(ask),
    source: {
      saveStalls: async (words) => save([], words),
      arrangeIncidents: async (arrangement) => store.arrange(arrangement),
      recurrence: async (query) => store.recurrence(query),
      listIncidents: async (query) => store.incidents(query),
      findIncident: async (id, now) => store.incident({ id, now }),
      trends: async (query) => store.trends(query),
      search: openHistorySearch(ask),
    },
  }
}
