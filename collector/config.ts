/**
 * The collector's settings: one table that makes the flags, the environment variables, the help text and the reader.
 * Read once; every problem is reported together, before anything listens.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { hours, type Millis } from '../contract/units.ts'

export interface CollectorConfig {
  readonly dataDir: string
  readonly host: string
  /** Dashboard, API and live feed; 0 takes any free port. */
  readonly httpPort: number
  readonly otlpHttpPort: number
  readonly otlpGrpcPort: number
  /** Origins whose pages may send telemetry, exactly as browsers write them. */
  readonly corsOrigins: readonly string[]
  /** Progression contracts: names of presets, and paths of files. None means the preset `laststep`. */
  readonly contracts: readonly string[]
  readonly webhook: { readonly url: string; readonly secret: string } | null
  /** Where people reach the dashboard: the start of links in alerts. Null: the address it listens on. */
  readonly publicUrl: string | null
  /** A process that falls silent with fewer open runs is no finding of its own. */
  readonly silentSourceRuns: number
  readonly bodyBytesMax: number
  readonly keepForMs: Millis
  readonly keepBytesMax: number
  readonly fsync: (typeof FSYNC)[number]
  /** A run of our own flies once a minute and must be flagged in time. */
  readonly canary: boolean
  /** What a run that stands still, and a user who meets it, may cost; null when no value is given. */
  readonly impact: { readonly perRun: number; readonly perUser: number; readonly unit: string } | null
  /** Pinged every 30 s for as long as verdicts can be trusted. */
  readonly deadManUrl: string | null
}

/** When what was accepted is on disk: before it is acknowledged, or within a second. */
const FSYNC = ['always', 'interval'] as const
const ON_OFF = ['on', 'off'] as const

export interface Setting {
  /** `--data-dir`; the environment variable is `LASTSTEP_DATA_DIR`. */
  readonly flag: string
  /** What stands for the value in the help text; null for a switch. */
  readonly value: string | null
  readonly meaning: string
  readonly fallback: string | null
  /** May be given several times; the values are joined by commas. */
  readonly many?: true
}

export const COLLECTOR_SETTINGS: readonly Setting[] = [
  { flag: 'data-dir', value: 'DIR', meaning: 'where runs are kept', fallback: '.laststep' },
  { flag: 'host', value: 'ADDRESS', meaning: 'address to listen on', fallback: '127.0.0.1' },
  { flag: 'http-port', value: 'N', meaning: 'dashboard, API and live feed (0: any free port)', fallback: '4319' },
  { flag: 'otlp-http-port', value: 'N', meaning: 'OTLP over HTTP (0: any free port)', fallback: '4318' },
  { flag: 'otlp-grpc-port', value: 'N', meaning: 'OTLP over gRPC (0: any free port)', fallback: '4317' },
  {
    flag: 'cors-origin',
    value: 'ORIGIN',
    meaning: 'pages that may send telemetry; repeat it or list them with commas',
    fallback: null,
    many: true,
  },
  {
    flag: 'contract',
    value: 'NAME|FILE',
    meaning:
      'progression contract: laststep (unless told), ag-ui, openai-responses, vercel-ui, a2a, claude-agent-sdk or a YAML file; ' +
      'repeat it or list them with commas: runs are judged by the one their telemetry names, else by the first',
    fallback: null,
    many: true,
  },
  { flag: 'webhook-url', value: 'URL', meaning: 'told when a run stalls and when it recovers', fallback: null },
  { flag: 'webhook-secret', value: 'whsec_…', meaning: 'signs the webhook (Standard Webhooks)', fallback: null },
  { flag: 'public-url', value: 'URL', meaning: 'address of the dashboard in alerts', fallback: null },
  {
    flag: 'silent-source-runs',
    value: 'N',
    meaning: 'open runs from which a process that falls silent is told of instead of its runs',
    fallback: '3',
  },
  { flag: 'body-max-mib', value: 'N', meaning: 'largest OTLP request, also after decompression', fallback: '64' },
  { flag: 'keep-days', value: 'N', meaning: 'age at which runs are deleted', fallback: '14' },
  { flag: 'keep-gib', value: 'N', meaning: 'disk space for telemetry; the oldest goes first', fallback: '10' },
  {
    flag: 'fsync',
    value: 'WHEN',
    meaning: 'always: on disk before it is acknowledged; interval: losing power loses the last second',
    fallback: 'always',
  },
  {
    flag: 'canary',
    value: 'on|off',
    meaning: 'a run of our own each minute that must be flagged in time; in no list, some 3 MB a day in the log',
    fallback: 'on',
  },
  {
    flag: 'deadman-url',
    value: 'URL',
    meaning: 'fetched every 30 s while verdicts can be trusted; its other end raises the alarm when that stops',
    fallback: null,
  },
  {
    flag: 'impact-per-run',
    value: 'N',
    meaning: 'what a run that stands still may cost: incidents then say what is at risk',
    fallback: null,
  },
  { flag: 'impact-per-user', value: 'N', meaning: 'what it may cost for each user who meets it', fallback: null },
  { flag: 'impact-unit', value: 'WORD', meaning: 'of both, such as EUR or minutes', fallback: null },
  { flag: 'insecure', value: null, meaning: 'listen beyond loopback without authentication', fallback: null },
]

export type SettingValues = Readonly<Record<string, string | boolean | undefined>>

/**
 * @param flags by flag name, without the dashes
 * @param environment variables `LASTSTEP_…`, used where no flag is given
 * @returns the settings, or one sentence per problem
 */
export function readCollectorConfig(
  flags: SettingValues,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly config: CollectorConfig } | { readonly problems: readonly string[] } {
  const problems: string[] = []
  const text = (flag: string): string | null => {
    const setting = COLLECTOR_SETTINGS.find((row) => row.flag === flag)
    const given = flags[flag] ?? environment[variableOf(flag)]
    return given === undefined || given === false ? (setting?.fallback ?? null) : String(given)
  }
  const number = (flag: string, least: number, most: number, whole = true): number => {
    const written = text(flag) ?? ''
    const value = Number(written)
    const fits = written.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))
    if (!fits)
      problems.push(
        `--${flag} must be ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}, not "${written}"`,
      )
    return value
  }
  const url = (flag: string): string | null => {
    const written = text(flag)
    if (written === null) return null
    if (!/^https?:$/.test(URL.parse(written)?.protocol ?? ''))
      problems.push(`--${flag} must be an http or https URL, not "${written}"`)
    return written.replace(/\/$/, '')
  }

  const list = (flag: string): readonly string[] => {
    const written = (text(flag) ?? '').split(',').map((part) => part.trim())
    return written.filter((part) => part !== '')
  }
  const origins = (flag: string): readonly string[] => {
    const listed = list(flag)
    for (const part of listed)
      if (URL.parse(part)?.origin !== part || part.includes('*'))
        problems.push(`--${flag} must be exact origins such as https://app.example.com, not "${part}"`)
    return listed
  }

  const host = text('host') ?? ''
  if (host !== 'localhost' && isIP(host) === 0)
    problems.push(`--host must be an IP address or localhost, not "${host}"`)
  else if (!isLoopback(host) && text('insecure') === null)
    problems.push(`--host ${host} lets anyone on the network read and write runs; add --insecure if that is intended`)

  const webhookUrl = url('webhook-url')
  const webhookSecret = text('webhook-secret')
  if (webhookUrl !== null && webhookSecret === null) problems.push('--webhook-url needs --webhook-secret')
  if (webhookUrl === null && webhookSecret !== null) problems.push('--webhook-secret needs --webhook-url')
  if (webhookSecret !== null && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(webhookSecret))
    problems.push(
      '--webhook-secret must be whsec_ and at least 24 bytes in base64: echo whsec_$(openssl rand -base64 32)',
    )

  const word = <Word extends string>(flag: string, words: readonly [Word, ...Word[]]): Word => {
    const found = words.find((each) => each === text(flag))
    if (found === undefined) problems.push(`--${flag} must be ${words.join(' or ')}, not "${text(flag)}"`)
    return found ?? words[0]
  }

  const isWeighed = text('impact-per-run') !== null || text('impact-per-user') !== null
  const worth = (flag: string): number => (text(flag) === null ? 0 : number(flag, 0, 1e9, false))
  const impact = { perRun: worth('impact-per-run'), perUser: worth('impact-per-user'), unit: text('impact-unit') ?? '' }
  if (isWeighed && !/^\S.{0,11}$/.test(impact.unit))
    problems.push(
      '--impact-per-run and --impact-per-user need --impact-unit: a word of 12 characters at most, such as EUR',
    )

  const config: CollectorConfig = {
    dataDir: resolve(text('data-dir') ?? ''),
    host,
    httpPort: number('http-port', 0, 65_535),
    otlpHttpPort: number('otlp-http-port', 0, 65_535),
    otlpGrpcPort: number('otlp-grpc-port', 0, 65_535),
    corsOrigins: origins('cors-origin'),
    contracts: list('contract'),
    webhook: webhookUrl !== null && webhookSecret !== null ? { url: webhookUrl, secret: webhookSecret } : null,
    publicUrl: url('public-url'),
    silentSourceRuns: number('silent-source-runs', 2, 1_000_000),
    bodyBytesMax: number('body-max-mib', 1, 1024) * 2 ** 20,
    keepForMs: number('keep-days', 1, 3_650) * hours(24),
    keepBytesMax: number('keep-gib', 0.1, 100_000, false) * 2 ** 30,
    fsync: word('fsync', FSYNC),
    canary: word('canary', ON_OFF) === 'on',
    impact: isWeighed ? impact : null,
    deadManUrl: url('deadman-url'),
  }
  const ports = [
    ['--http-port', config.httpPort],
    ['--otlp-http-port', config.otlpHttpPort],
    ['--otlp-grpc-port', config.otlpGrpcPort],
  ] as const
  for (const [index, [flag, port]] of ports.entries()) {
    const same = ports.slice(index + 1).find(([, other]) => port !== 0 && other === port)
    if (same !== undefined) problems.push(`${flag} and ${same[0]} are both ${port}; each needs a port of its own`)
  }
  return problems.length > 0 ? { problems } : { config }
}

export function variableOf(flag: string): string {
  return `LASTSTEP_${flag.toUpperCase().replaceAll('-', '_')}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
