/** The history's tables in memory, without the thread around them. */
import { openHistoryStore } from '../../../../collector/keep/history-store.ts'
import { openHistorySearch, type HistorySearch } from '../../../../collector/keep/history-search.ts'
import type { KeptSource } from '../../../../collector/serve/serve-settings.ts'
import type { IncidentBookHistory } from '../../../../collector/incident-book.ts'
import type { StallWord } from '../../../../collector/stall.ts'
import type { StoredRun } from '../../../../collector/stored-run.ts'

export interface Kept {
  readonly source: KeptSource & IncidentBookHistory & { readonly search: HistorySearch }
  /** As one batch. */
  save(runs: readonly StoredRun[], stalls?: readonly StallWord[]): void
  readonly store: ReturnType<typeof openHistoryStore>
}

export function openKept(): Kept {
  const store = openHistoryStore(':memory:')
  const save: Kept['save'] = (runs, stalls = []) => {
    const lines = runs.map((run) => JSON.stringify(run)).join('\n')
    const rest = { pieces: new Float64Array(), sheets: [], checkpoint: null, aliveAt: null }
    store.save({ runs: lines, stalls, ...rest })
  }
  return {
    store,
    save,
    source: {
      saveStalls: async (words) => save([], words),
      arrangeIncidents: async (arrangement) => store.arrange(arrangement),
      recurrence: async (query) => store.recurrence(query),
      listIncidents: async (query) => store.incidents(query),
      findIncident: async (id, now) => store.incident({ id, now }),
      trends: async (query) => store.trends(query),
      search: openHistorySearch(async (call, ask) => (store[call] as (ask: unknown) => never)(ask)),
    },
  }
}
