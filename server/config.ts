/**
 * The runtime's settings: one table that makes the flags, the environment variables and the help text.
 * Read once; every problem is reported together, before anything listens.
 */
import { parseArgs } from 'node:util'
import type { Millis } from '../contract/units.ts'
import { FAULT_NAMES, isFaultName, type ProcessFault } from './fault.ts'

export interface RuntimeConfig {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Where telemetry goes: the base URL of an OTLP/HTTP receiver. */
  readonly otlp: string
  /** Signs users' tokens (HS256). Null: a random one, and `POST /token` hands out tokens to whoever asks. */
  readonly secret: string | null
  /** The `iss` every token must carry; null accepts any. */
  readonly issuer: string | null
  readonly serviceName: string
  readonly serviceVersion: string
  readonly environment: string
  readonly faults: readonly ProcessFault[]
  /** How many connections one user may have. */
  readonly userConnectionsMax: number
  /** How long the fault `blocked-loop` holds the main thread. */
  readonly blockMs: Millis
  readonly pulseMs: Millis
  /** Null for the scripted model. */
  readonly model: { readonly url: string; readonly key: string | null; readonly name: string } | null
  readonly logLevel: string
}

interface Setting {
  /** Without the dashes; the environment variable of `model-url` is `LASTSTEP_MODEL_URL`. */
  readonly flag: string
  readonly meaning: string
  readonly fallback: string | null
}

const SETTINGS: readonly Setting[] = [
  { flag: 'host', meaning: 'address to listen on', fallback: '127.0.0.1' },
  { flag: 'port', meaning: 'port of HTTP and WebSocket (0: any free port)', fallback: '4320' },
  { flag: 'otlp', meaning: 'URL of the OTLP/HTTP receiver', fallback: 'http://127.0.0.1:4318' },
  { flag: 'secret', meaning: 'HS256 secret of the tokens (none: tokens from POST /token)', fallback: null },
  { flag: 'issuer', meaning: 'issuer every token must name; needs a secret', fallback: null },
  { flag: 'service-name', meaning: 'service.name of the telemetry', fallback: 'reference-runtime' },
  { flag: 'service-version', meaning: 'service.version of the telemetry', fallback: '0.1.0' },
  { flag: 'environment', meaning: 'deployment.environment.name of the telemetry', fallback: 'local' },
  { flag: 'fault', meaning: `name, or name:probability; ${FAULT_NAMES.join(', ')}`, fallback: null },
  { flag: 'user-connections', meaning: 'how many connections one user may have', fallback: '100' },
  { flag: 'block-ms', meaning: 'how long the fault blocked-loop holds the main thread', fallback: '20000' },
  { flag: 'pulse-ms', meaning: 'period of the pulse', fallback: '5000' },
  { flag: 'model-url', meaning: 'OpenAI-compatible endpoint (none: the scripted model)', fallback: null },
  { flag: 'model-key', meaning: 'its API key', fallback: null },
  { flag: 'model-name', meaning: 'its model', fallback: null },
  { flag: 'log', meaning: 'trace, debug, info, warn, error or silent', fallback: 'warn' },
]

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

export const HELP = ['node server/main.ts', ...SETTINGS.map(describeSetting)].join('\n')

/**
 * @param args the words after the script's name
 * @param environment variables `LASTSTEP_…`, used where no flag is given
 * @returns the settings, or one sentence per problem
 */
export function readRuntimeConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly config: RuntimeConfig } | { readonly problems: readonly string[] } {
  const flags = readFlags(args)
  if (flags.problems) return flags
  const problems: string[] = []
  const text = (flag: string) =>
    flags.values[flag] ?? environment[variableOf(flag)] ?? SETTINGS.find((row) => row.flag === flag)?.fallback ?? null
  const number = (flag: string, least: number, most: number) => {
    const value = Number(text(flag))
    if (!Number.isInteger(value) || value < least || value > most)
      problems.push(`--${flag} must be a whole number from ${least} to ${most}, not "${text(flag)}"`)
    return value
  }
  const url = (flag: string) => {
    const value = text(flag)
    if (value !== null && !/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      problems.push(`--${flag} must be an http or https URL, not "${value}"`)
    return value?.replace(/\/$/, '') ?? null
  }

  const modelUrl = url('model-url')
  const modelName = text('model-name')
  if (modelUrl !== null && modelName === null) problems.push('--model-url needs --model-name')
  if (text('issuer') !== null && text('secret') === null) problems.push('--issuer needs --secret')
  const logLevel = text('log') ?? ''
  if (!LOG_LEVELS.includes(logLevel)) problems.push(`--log must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`)

  const config: RuntimeConfig = {
    host: text('host') ?? '',
    port: number('port', 0, 65_535),
    otlp: url('otlp') ?? '',
    secret: text('secret'),
    issuer: text('issuer'),
    serviceName: text('service-name') ?? '',
    serviceVersion: text('service-version') ?? '',
    environment: text('environment') ?? '',
    faults: readFault(text('fault'), problems),
    userConnectionsMax: number('user-connections', 1, 1_000_000),
    blockMs: number('block-ms', 1, 600_000),
    pulseMs: number('pulse-ms', 100, 60_000),
    model: modelUrl !== null && modelName !== null ? { url: modelUrl, key: text('model-key'), name: modelName } : null,
    logLevel,
  }
  return problems.length > 0 ? { problems } : { config }
}

function readFlags(args: readonly string[]) {
  const options = Object.fromEntries(SETTINGS.map(({ flag }) => [flag, { type: 'string' }] as const))
  try {
    return { values: parseArgs({ args: [...args], options, strict: true }).values }
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] }
  }
}

function readFault(text: string | null, problems: string[]): ProcessFault[] {
  if (text === null) return []
  const [name = '', share = '1'] = text.split(':')
  const probability = Number(share)
  if (!isFaultName(name)) problems.push(`--fault "${name}" is unknown; known: ${FAULT_NAMES.join(', ')}`)
  else if (!(probability >= 0 && probability <= 1))
    problems.push(`--fault needs a probability from 0 to 1, not "${share}"`)
  else return [{ name, probability }]
  return []
}

function describeSetting({ flag, meaning, fallback }: Setting): string {
  return `  --${flag.padEnd(16)} ${meaning} (${fallback === null ? '' : `default ${fallback}, `}${variableOf(flag)})`
}

function variableOf(flag: string): string {
  return `LASTSTEP_${flag.toUpperCase().replaceAll('-', '_')}`
}
