/**
 * The `laststep` command line.
 *
 * Each command loads what it needs when it runs: `gate` starts in half the time that the collector takes.
 *
 * Exit codes: 0 stopped in order, passed, or all as expected; 1 could not start or failed; 2 the words of the call are wrong.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { COLLECTOR_SETTINGS, readCollectorConfig, variableOf, type SettingValues } from '../collector/config.ts'
import { systemClock } from '../contract/clock.ts'
import { addDeployCommand } from './deploy-command.ts'
import { addGateCommand } from './gate/command.ts'
import { addMcpCommand } from './mcp/command.ts'
import { addProbeCommand } from './probe/command.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
  version: string
}

const program = new Command('laststep')
  .description('Says which AI-agent runs will never finish, at which step, why, and whether the user got the answer.')
  .version(version)
  // Or `deploy --version` would be ours and not the deploy's.
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(`laststep: ${text.replace(/^error: /, '')}`) })

withSettings(program.command('serve'))
  .description('run the collector with its dashboard; prints one JSON line when it listens')
  .action((_options: unknown, command: Command) =>
    runUntilSignal(async () => {
      const { startCollector } = await import('../collector/main.ts')
      const collector = await startCollector(configOf(command), systemClock, version)
      const { dashboard, otlpHttp, otlpGrpc, dataDir } = collector
      const listening = { event: 'listening', dashboard, otlpHttp, otlpGrpc, dataDir, version }
      process.stdout.write(`${JSON.stringify(listening)}\n`)
      return collector
    }),
  )

withSettings(program.command('demo'))
  .description('the collector, a reference agent runtime and simulated users, some of them unlucky')
  .addOption(
    new Option('--runtime-port <N>', 'reference runtime (0: any free port)')
      .default('4320')
      .env('LASTSTEP_RUNTIME_PORT'),
  )
  .addOption(new Option('--users <N>', 'simulated users').default('6').env('LASTSTEP_USERS'))
  .action((options: { runtimePort: string; users: string }, command: Command) =>
    runUntilSignal(async () => {
      const { startDemo } = await import('./demo.ts')
      return startDemo({
        collector: configOf(command),
        runtimePort: wholeNumber(options.runtimePort, '--runtime-port', 65_535),
        users: wholeNumber(options.users, '--users', 1_000),
        clock: systemClock,
        version,
        say: (line) => process.stdout.write(`${line}\n`),
      })
    }),
  )

withSettings(program.command('lab'))
  .description('every known failure mode, for real, with healthy runs beside them; 0 when each verdict is as expected')
  .argument('[faults...]', 'F18, hung-tool, …; all unless named')
  .option('--list', 'print the catalogue and leave')
  .option('--keep', 'leave the dashboard up until Ctrl-C')
  .option('--json', 'print the report as JSON')
  .addOption(new Option('--users <N>', 'healthy users').default('4'))
  .action(async (words: string[], options: LabFlags, command: Command) => {
    const { runLabCommand } = await import('./lab/lab-command.ts')
    const { isOk, stop } = await runLabCommand({
      words,
      isListOnly: options.list ?? false,
      keeps: options.keep ?? false,
      isJson: options.json ?? false,
      healthyUsers: wholeNumber(options.users, '--users', 100),
      collector: settingsOf(command),
      clock: systemClock,
      version,
      write: (text) => process.stdout.write(`${text}\n`),
      terminal: options.json ? null : { isTTY: process.stderr.isTTY, write: (text) => void process.stderr.write(text) },
    })
    process.exitCode = isOk ? 0 : 1
    if (stop !== null) await runUntilSignal(async () => ({ stop }), isOk ? 0 : 1)
  })
addProbeCommand(program)
addGateCommand(program)
addDeployCommand(program)
addMcpCommand(program, version)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
  process.stderr.write(`laststep: ${error instanceof Error ? error.message : String(error)}\n`)
  if (process.env['LASTSTEP_DEBUG']) console.error(error)
  process.exit(1)
}

/** The collector's settings as options of a command; environment variables are read by the settings' own reader. */
function withSettings(command: Command): Command {
  for (const { flag, value, meaning, fallback, many } of COLLECTOR_SETTINGS) {
    const more = [fallback === null ? null : `default ${fallback}`, variableOf(flag)].filter((part) => part !== null)
    const option = new Option(`--${flag}${value === null ? '' : ` <${value}>`}`, `${meaning} (${more.join(', ')})`)
    if (many)
      option.argParser((value, before: string | undefined) => (before === undefined ? value : `${before},${value}`))
    command.addOption(option)
  }
  return command
}

function configOf(command: Command) {
  const read = readCollectorConfig(settingsOf(command), process.env)
  if ('config' in read) return read.config
  for (const problem of read.problems) process.stderr.write(`laststep: ${problem}\n`)
  process.exit(2)
}

function settingsOf(command: Command): SettingValues {
  const given = command.opts<Record<string, string | boolean | undefined>>()
  return Object.fromEntries(COLLECTOR_SETTINGS.map(({ flag }) => [flag, given[camelCase(flag)]]))
}

interface LabFlags {
  readonly list?: true
  readonly keep?: true
  readonly json?: true
  readonly users: string
}

function wholeNumber(text: string, flag: string, most: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= most) return value
  process.stderr.write(`laststep: ${flag} must be a whole number from 0 to ${most}, not "${text}"\n`)
  process.exit(2)
}

/**
 * Start, and stop in order on the first signal, also on one that comes while starting. A second signal, from someone
 * who cannot wait, stops at once.
 */
async function runUntilSignal(
  start: () => Promise<{ readonly stop: () => Promise<void> }>,
  exitCode = 0,
): Promise<void> {
  const starting = Promise.withResolvers<{ readonly stop: () => Promise<void> }>()
  let isStopping = false
  const leave = (): void => {
    if (isStopping) process.exit(1)
    isStopping = true
    void starting.promise.then(({ stop }) => stop()).then(() => process.exit(exitCode))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave)
  starting.resolve(start())
  await starting.promise
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
