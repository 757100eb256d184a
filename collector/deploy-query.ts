/** What can be asked about deploys. */
import type { Instant } from '../contract/units.ts'

export interface DeployQuery {
  readonly from: Instant
  readonly to: Instant
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly version?: string | undefined
  readonly limit: number
}

export interface EffectQuery {
  /** A fingerprint or its beginning. */
  readonly id: string
  readonly from: Instant
  readonly to: Instant
  readonly now: Instant
}
