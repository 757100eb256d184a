/**
 * Deploys, as `GET /api/deploys` tells them, and what became of an incident with each. A deploy is a version of a service
 * that began to run: announced by somebody, or seen for the first time in telemetry. Times are ISO-8601 UTC.
 */
import type { IsoTime } from './runs.ts'

/**
 * - `seen` a run of it came, of a service that was known in another version before
 * - `api`, `command` somebody said so, by `POST /api/deploys` or `laststep deploy`
 */
export const DEPLOY_SOURCES = ['seen', 'api', 'command'] as const
export type DeploySource = (typeof DEPLOY_SOURCES)[number]

export interface Deploy {
  readonly service: string
  /** `deployment.environment.name`, as telemetry says it. */
  readonly environment: string | null
  readonly version: string
  /** As announced; of one that nobody announced, when its first run began. */
  readonly at: IsoTime
  readonly source: DeploySource
  /** Where more is said about it. */
  readonly url: string | null
  readonly note: string | null
  /** Who announced it. */
  readonly by: string | null
}

/** Body of `POST /api/deploys`. What may be absent may also be null. */
export interface DeployAnnouncement {
  readonly service: string
  readonly environment?: string | null | undefined
  readonly version: string
  /** Now when absent. */
  readonly at?: IsoTime | null | undefined
  readonly url?: string | null | undefined
  readonly note?: string | null | undefined
  readonly by?: string | null | undefined
  readonly source?: Exclude<DeploySource, 'seen'> | undefined
}

/** Answer of `POST /api/deploys`. */
export interface DeployAnswer {
  readonly deploy: Deploy
  /** False when the same was announced within a minute of that time before: nothing has changed. */
  readonly isNew: boolean
}

/** Answer of `GET /api/deploys`. */
export interface DeployList {
  /** The latest first. */
  readonly deploys: readonly Deploy[]
  /** How many fit the question; more than are listed when there are too many. */
  readonly total: number
}

/** Between two moments: runs of the incident's agent and environment that began, and stalls of the incident. */
export interface Exposure {
  readonly from: IsoTime
  readonly to: IsoTime
  readonly runs: number
  readonly stalls: number
  /** Stalls by runs; null without runs. */
  readonly rate: number | null
  /** Of the rate, 95 %; null without runs. */
  readonly interval: readonly [low: number, high: number] | null
}

/**
 * - `suspect` the numbers carry that there were more since
 * - `fewer` they carry that there were fewer
 * - `unclear` they carry neither
 * - `too-few` there is not enough to ask
 */
export const DEPLOY_FINDS = ['suspect', 'fewer', 'unclear', 'too-few'] as const
export type DeployFind = (typeof DEPLOY_FINDS)[number]

/** What became of an incident's rate with a deploy. */
export interface DeployEffect {
  readonly deploy: Deploy
  /** Those within five minutes of it: by numbers nobody can tell them apart. */
  readonly together: readonly Deploy[]
  /** Equally long, up to the deploys next to it, a day at most; the moments around the deploy itself are in neither. */
  readonly before: Exposure
  readonly after: Exposure
  /** By how much stalls scatter more than chance lets them; they are counted as so many fewer. 1 when they do not. */
  readonly scatter: number
  /** The rate after by the rate before. `value` and `high` are null when there was no stall before. */
  readonly ratio: { readonly value: number | null; readonly low: number; readonly high: number | null } | null
  /** How often chance alone makes such a difference, corrected for the number of deploys asked about; null when there is not enough to ask. */
  readonly p: number | null
  readonly found: DeployFind
  /** It is found `suspect`: enough runs and stalls, p below 0.01, and the whole interval of the ratio above 1. */
  readonly isSuspect: boolean
  /** All of this for people, with the test used and n. */
  readonly sentence: string
}

/** Answer of `GET /api/stalls/:fingerprint/deploys`. */
export interface DeployEffects {
  readonly from: IsoTime
  readonly to: IsoTime
  /** The latest first. */
  readonly effects: readonly DeployEffect[]
  /** How many deploys there were in this time; more than are told of when there were too many. */
  readonly total: number
  /** The latest deploy that changed the rate, when it raised it: the one to look at first. */
  readonly suspect: Deploy | null
}
