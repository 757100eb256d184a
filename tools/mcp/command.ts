/** `laststep mcp`: a collector's runs, incidents and investigations as tools for coding agents. */
import { Option, type Command } from 'commander'
import { readTokens } from '../read-tokens.ts'

interface CommandOptions {
  readonly collector: string
  readonly dashboard?: string
  readonly tokenFile?: string
  readonly http?: string
  readonly allowWrites?: boolean
  readonly by: string
}

const NAME_CHARS_MAX = 80

const HELP = `
It speaks MCP over its standard input and output, as clients start it; with --http, Streamable HTTP at /mcp on 127.0.0.1.
It asks the API of a collector that runs (laststep serve) and keeps nothing.

Examples:
  claude mcp add laststep -- npx laststep mcp --collector http://127.0.0.1:4319
  laststep mcp --http 4321 --allow-writes --by "coding agent"

Exit codes: 0 its client left, or stopped in order; 1 could not start; 2 wrong use. docs/MCP.md says more.`

export function addMcpCommand(program: Command, version: string): void {
  program
    .command('mcp')
    .description('let a coding agent investigate: an MCP server that asks a collector')
    .addOption(
      new Option('--collector <URL>', 'address of the dashboard, whose API is asked')
        .default('http://127.0.0.1:4319')
        .env('LASTSTEP_COLLECTOR'),
    )
    .option('--dashboard <URL>', 'where links lead (default: --collector)')
    .option('--token-file <FILE>', 'sent as a bearer token, for a collector that asks for one')
    .option('--http <PORT>', 'Streamable HTTP on this port of 127.0.0.1 (0: any free one) instead of standard input')
    .option('--allow-writes', 'also tools that acknowledge, begin investigations and add notes')
    .option('--by <NAME>', 'whom writes are signed with', 'mcp')
    .addHelpText('after', HELP)
    .action(async (options: CommandOptions, command: Command) => {
      const problems = problemsOf(options)
      if (problems.length > 0) return command.error(problems.join('\nlaststep: '), { exitCode: 2 })
      const { makeServer } = await import('./make-server.ts')
      const { openCollectorApi } = await import('./ask-collector.ts')
      const collector = bare(options.collector)
      const token = options.tokenFile === undefined ? null : (readTokens(options.tokenFile)[0] ?? null)
      const api = openCollectorApi({ collector, dashboard: bare(options.dashboard ?? collector), token })
      const writesBy = options.allowWrites ? options.by.trim() : null
      const make = () => makeServer({ api, version, writesBy })
      if (options.http === undefined) {
        const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
        // What goes wrong out of band; the standard output is the protocol's.
        serveStdio(make, { onerror: (error) => process.stderr.write(`laststep: ${error.message}\n`) })
        return
      }
      const { serveHttp } = await import('./serve-http.ts')
      const { url, stop } = await serveHttp(Number(options.http), make)
      process.stdout.write(
        `${JSON.stringify({ event: 'listening', mcp: url, collector, writes: writesBy !== null, version })}\n`,
      )
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.once(signal, () => void stop().then(() => process.exit(0)))
    })
}

/** Every one, each saying what to write instead. */
function problemsOf({ collector, dashboard, http, by }: CommandOptions): string[] {
  const isUrl = (written: string) => /^https?:$/.test(URL.parse(written)?.protocol ?? '')
  const problems: string[] = []
  for (const [flag, written] of Object.entries({ collector, dashboard }))
    if (written !== undefined && !isUrl(written))
      problems.push(`--${flag} must be an http or https URL such as http://127.0.0.1:4319, not "${written}"`)
  if (http !== undefined && !(/^\d{1,5}$/.test(http) && Number(http) <= 65_535))
    problems.push(`--http must be a port from 0 to 65535, not "${http}"`)
  if (by.trim() === '' || by.trim().length > NAME_CHARS_MAX)
    problems.push(`--by must be a name of 1 to ${NAME_CHARS_MAX} characters`)
  return problems
}

function bare(url: string): string {
  return url.replace(/\/$/, '')
}
