/** What can be asked about stalls and trends. Every condition must hold; an absent one asks nothing. */
import type { IncidentState } from '../contract/incidents.ts'
import type { IncidentSort } from '../contract/stalls.ts'
import type { TrendSplit } from '../contract/trends.ts'
import type { Instant } from '../contract/units.ts'

export interface StallQuery {
  readonly state?: IncidentState | undefined
  /** Only those of which some run stands still now. */
  readonly standing?: boolean | undefined
  readonly agent?: string | undefined
  readonly environment?: string | undefined
  readonly version?: string | undefined
  /** A phase (`tool`), a step (`tool › search_orders`) or what the step is about (`search_orders`). */
  readonly step?: string | undefined
  readonly sort: IncidentSort
  readonly limit: number
  /** What ages and the trend's day are counted from. */
  readonly now: Instant
}

export interface TrendQuery {
  readonly from: Instant
  readonly to: Instant
  readonly split?: TrendSplit | undefined
  readonly agent?: string | undefined
  readonly environment?: string | undefined
  readonly version?: string | undefined
  readonly now: Instant
}
