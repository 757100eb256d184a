/** What is asked of the history about deploys. */
import type { Deploy, DeployEffects } from '../../contract/deploys.ts'
import type { AnnouncedDeploy } from '../announced-deploy.ts'
import type { EffectQuery } from '../deploy-query.ts'
import type { Instant } from '../../contract/units.ts'
import type { AskHistory } from './history-search.ts'

export interface HistoryDeploys {
  /** All that was announced; from then on it is in every list. */
  setAnnounced(deploys: readonly AnnouncedDeploy[]): Promise<void>
  /** In order of time, seen and announced. */
  list(from: Instant, to: Instant): Promise<readonly Deploy[]>
  /** Null when no incident begins so, or several do. */
  effectsOn(query: EffectQuery): Promise<DeployEffects | null>
}

export function openHistoryDeploys(ask: AskHistory): HistoryDeploys {
  return {
    async setAnnounced(deploys) {
      await ask('setAnnounced', deploys)
    },
    list: (from, to) => ask('deploys', { from, to }),
    effectsOn: (query) => ask('deployEffects', query),
  }
}
