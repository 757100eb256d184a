/** A deploy as somebody announced it: kept on the desk, and known to the history. */
import type { Deploy, DeploySource } from '../contract/deploys.ts'
import type { Instant } from '../contract/units.ts'

export interface AnnouncedDeploy extends Omit<Deploy, 'at' | 'source'> {
  readonly at: Instant
  readonly source: Exclude<DeploySource, 'seen'>
}

export interface Announced {
  readonly deploy: AnnouncedDeploy
  /** False when it was known before. */
  readonly isNew: boolean
}
