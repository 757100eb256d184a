import { readDuration } from '../read-duration.ts'
import { readTokens } from '../read-tokens.ts'
import type { Thresholds } from './decide-gate.ts'
import type { Window } from './watch-window.ts'

/** As the command line has them. */
export interface GateOptions {
  readonly collector: string
  readonly tokenFile?: string
  readonly since: string
  readonly environment?: string
  readonly agent?: string
  readonly release?: string
  readonly compareTo?: string
  readonly minRuns: string
  readonly completion: string
  readonly delivery: string
  readonly maxOpen: string
  readonly maxDrop?: string
  readonly wait: string
  readonly dashboard?: string
}

export interface GateSettings {
  readonly collector: string
  readonly token: string | null
  readonly window: Window
  readonly thresholds: Thresholds
  /** Where links lead. */
  readonly dashboard: string
  readonly subject: string
}

export type ReadOptions = { readonly settings: GateSettings } | { readonly problems: readonly string[] }

/** @returns what to ask and to decide by, or every problem with the call, each saying what to write instead */
export function readGateOptions(options: GateOptions): ReadOptions {
  const problems: string[] = []
  const wholeNumber = (flag: string, written: string): number => {
    if (!/^\d{1,7}$/.test(written)) problems.push(`--${flag} must be a whole number, not "${written}"`)
    return Number(written)
  }
  const share = (flag: string, written: string): number => {
    const value = Number(written)
    if (!/^[\d.]+$/.test(written) || !(value >= 0 && value <= 1))
      problems.push(`--${flag} must be a share from 0 to 1 such as 0.99, not "${written}"`)
    return value
  }
  const url = (flag: string, written: string): string => {
    if (!/^https?:$/.test(URL.parse(written)?.protocol ?? ''))
      problems.push(`--${flag} must be an http or https URL such as http://127.0.0.1:4319, not "${written}"`)
    return written.replace(/\/$/, '')
  }
  const duration = (flag: string, written: string): number => {
    const ms = readDuration(written)
    if (ms === null) problems.push(`--${flag} must be a duration such as 30s or 15m, not "${written}"`)
    return ms ?? 0
  }

  const collector = url('collector', options.collector)
  const since = isTime(options.since) ? options.since : (readDuration(options.since) ?? 0)
  if (since === 0)
    problems.push(
      `--since must be a duration such as 15m or a time such as 2026-11-22T03:04:11Z, not "${options.since}"`,
    )
  const { environment = null, agent = null, release = null, compareTo = null } = options
  if (compareTo !== null && compareTo === release)
    problems.push(`--release and --compare-to are both ${compareTo}; a version is not compared with itself`)
  if (options.maxDrop !== undefined && compareTo === null)
    problems.push('--max-drop needs --compare-to: lower than which version?')
  const thresholds: Thresholds = {
    minRuns: wholeNumber('min-runs', options.minRuns),
    completion: share('completion', options.completion),
    delivery: options.delivery === 'off' ? null : share('delivery', options.delivery),
    maxOpen: wholeNumber('max-open', options.maxOpen),
    maxDrop: options.maxDrop === undefined ? null : share('max-drop', options.maxDrop),
  }
  const waitMs = duration('wait', options.wait)
  const dashboard = options.dashboard === undefined ? collector : url('dashboard', options.dashboard)
  const token = options.tokenFile === undefined ? null : readToken(options.tokenFile, problems)
  if (problems.length > 0) return { problems }
  const window = { since, environment, agent, release, compareTo, waitMs, maxOpen: thresholds.maxOpen }
  return { settings: { collector, token, window, thresholds, dashboard, subject: describe(options) } }
}

/** With a zone: any other would be read in the zone this machine happens to be in. */
function isTime(written: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(written) && !Number.isNaN(Date.parse(written))
  )
}

function readToken(path: string, problems: string[]): string | null {
  try {
    return readTokens(path)[0] ?? null
  } catch (error) {
    problems.push(`--token-file cannot be used: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

function describe({ since, agent, environment, release, compareTo }: GateOptions): string {
  const of =
    release !== undefined
      ? ` of version ${release}`
      : compareTo !== undefined
        ? ` of versions other than ${compareTo}`
        : ''
  const where = environment === undefined ? '' : ` in ${environment}`
  const by = agent === undefined ? '' : ` of ${agent}`
  return `runs${by}${of}${where} ${isTime(since) ? `since ${since}` : `of the last ${since}`}`
}
