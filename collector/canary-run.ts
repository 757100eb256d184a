/**
 * The run by which Laststep watches itself (`observe/start-canary.ts`): it comes through the door like any other and is
 * judged and stored like any other. People look after their own runs, so it is in no list, count, message or trend.
 */
import type { RunRow } from '../contract/runs.ts'
import { seconds } from '../contract/units.ts'

export const CANARY = {
  service: 'laststep.canary',
  agent: 'laststep-canary',
  /** `assess/contracts/laststep.canary.yaml`, with the one budget below. */
  contract: 'laststep.canary',
  tool: 'stand_still',
  stalledAfterMs: seconds(2),
} as const

export function isCanary({ service }: Pick<RunRow, 'service'>): boolean {
  return service === CANARY.service
}
