import { ContractProblem } from '../../collector/assess/parse-contract.ts'
import { chooseProgressions } from '../../collector/assess/read-progression.ts'
import type { Progression } from '../../collector/progression.ts'
import type { Clock } from '../../contract/clock.ts'
import { readDuration } from '../read-duration.ts'
import type { Load } from './probe-many.ts'
import type { ProbeSettings } from './probe-run.ts'
import { readTokens } from '../read-tokens.ts'

/** As the command line has them. */
export interface ProbeOptions {
  readonly tokenFile?: string
  readonly contract: string
  readonly message: string
  readonly agent?: string
  readonly expect?: string
  readonly timeout?: string
  readonly count: string
  readonly concurrency: string
  readonly users?: string
  readonly collector?: string
}

export type ReadOptions =
  | { readonly settings: ProbeSettings; readonly load: Load }
  | { readonly problems: readonly string[] }

/** @returns everything a probe needs, or every problem with what was asked, each saying what to write instead */
export function readProbeOptions(url: string, options: ProbeOptions, clock: Clock): ReadOptions {
  const problems: string[] = []
  if (!/^wss?:$/.test(URL.parse(url)?.protocol ?? ''))
    problems.push(`the address must be a ws or wss URL such as ws://127.0.0.1:4320/ws, not "${url}"`)
  if (options.collector !== undefined && !/^https?:$/.test(URL.parse(options.collector)?.protocol ?? ''))
    problems.push(
      `--collector must be the URL of a collector's OTLP/HTTP port such as http://127.0.0.1:4318, not "${options.collector}"`,
    )
  const wholeNumber = (flag: string, written: string): number => {
    const value = Number(written)
    if (!/^\d{1,7}$/.test(written) || value < 1)
      problems.push(`--${flag} must be a whole number from 1, not "${written}"`)
    return value
  }
  const count = wholeNumber('count', options.count)
  const concurrency = wholeNumber('concurrency', options.concurrency)
  const timeoutMs = options.timeout === undefined ? null : readDuration(options.timeout)
  if (options.timeout !== undefined && timeoutMs === null)
    problems.push(`--timeout must be a duration such as 90s or 10m, not "${options.timeout}"`)

  const progression = chooseContract(options.contract, problems)
  const tokens = progression === null ? [] : chooseTokens(options, progression, problems, wholeNumber)
  const expected = progression === null ? [] : chooseExpected(options.expect, progression, problems)
  if (progression === null || problems.length > 0) return { problems }
  const { message, agent = null } = options
  const patience = timeoutMs ?? progression.budgets.runOverrunningMs
  return {
    settings: { url, progression, message, agent, expected, timeoutMs: patience, clock },
    load: { count, concurrency, tokens },
  }
}

function chooseContract(name: string, problems: string[]): Progression | null {
  try {
    const [progression] = chooseProgressions([name])
    const { ask, event } = progression.frames
    const missing = [...(ask === undefined ? ['ask'] : []), ...(event === undefined ? ['event'] : [])]
    if (missing.length > 0)
      problems.push(
        `the contract ${name} does not say how to speak with its runtime: a file of yours can add ` +
          `${missing.map((key) => `frames.${key}`).join(' and ')} to it (extends: …); docs/CONTRACTS.md says how`,
      )
    return progression
  } catch (error) {
    if (!(error instanceof ContractProblem)) throw error
    problems.push(error.message)
    return null
  }
}

function chooseTokens(
  { tokenFile, users }: ProbeOptions,
  { name, frames: { auth = 'none' } }: Progression,
  problems: string[],
  wholeNumber: (flag: string, written: string) => number,
): (string | null)[] {
  const wanted = users === undefined ? null : wholeNumber('users', users)
  if (auth === 'none') return Array.from({ length: wanted ?? 1 }, () => null)
  if (tokenFile === undefined) {
    problems.push(`the contract ${name} sends a token: give --token-file FILE, one token a line, one line a user`)
    return []
  }
  try {
    const tokens = readTokens(tokenFile)
    if (wanted !== null && wanted > tokens.length)
      problems.push(`--users ${wanted} needs as many tokens, and ${tokenFile} has ${tokens.length}; write one a line`)
    return tokens.slice(0, wanted ?? tokens.length)
  } catch (error) {
    problems.push(`--token-file cannot be used: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

function chooseExpected(
  written: string | undefined,
  { name, critical }: Progression,
  problems: string[],
): readonly string[] {
  if (written === undefined) return []
  if (written === 'all') return critical
  const wanted = written.split(',').map((part) => part.trim())
  for (const event of wanted.filter((each) => !critical.includes(each)))
    problems.push(`--expect knows no ${event}; the checklist of ${name} is ${critical.join(', ')}; or write all`)
  return wanted
}
