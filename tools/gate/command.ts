/** `laststep gate`: whether a release may go on, by what became of its runs. */
import { appendFileSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { systemClock } from '../../contract/clock.ts'
import { stayAwake } from '../stay-awake.ts'
import { openCollectorApi } from './ask-collector.ts'
import { decideGate } from './decide-gate.ts'
import { readGateOptions, type GateOptions } from './read-options.ts'
import type { Report } from './report.ts'
import { watchWindow } from './watch-window.ts'
import { writeAnnotations } from './write-annotations.ts'
import { writeJunit } from './write-junit.ts'
import { writeMarkdown } from './write-markdown.ts'
import { writeText } from './write-text.ts'

interface CommandOptions extends GateOptions {
  readonly junit?: string
  readonly markdown?: string
  readonly json?: boolean
}

const EXAMPLES = `
A run is decided when it completed and its answer was confirmed or is overdue, or when it failed, stalled or was lost.
Cancelled runs, and those that wait for somebody, are left out. What is not known fails, and says so:
  too few decided runs; runs still open after --wait (--max-open allows some); runs of which nothing came since the
  collector last did not hear; a collector that cannot be reached, or whose /readyz says that its verdicts cannot be
  trusted; completed runs of which nothing says whether their messages arrived (--delivery off does not ask); no run of
  the version to compare with.

Examples:
  After the tests of a deployment to staging:
    laststep gate --since 15m --environment staging --min-runs 20 --completion 1.0 --delivery 1.0
  The new version against the one before, for a CI that reads JUnit:
    laststep gate --since 1h --environment staging --release 1.5.0 --compare-to 1.4.2 --max-drop 0.01 --junit gate.xml
  A canary deployment, with some patience for live traffic:
    laststep gate --collector https://laststep.example.com --token-file token --since 30m --environment production \\
      --completion 0.99 --delivery 0.99 --max-open 5

In a GitHub job the report is also written to the job's summary, and what failed is annotated at its line of code.

Exit codes: 0 passed; 1 failed, or could not be decided; 2 wrong use. docs/GATE.md says more.`

export function addGateCommand(program: Command): void {
  program
    .command('gate')
    .description('pass or fail a release by what became of its runs, and name what failed it')
    .option('--collector <URL>', 'address of the dashboard, whose API is asked', 'http://127.0.0.1:4319')
    .option('--token-file <FILE>', 'sent as a bearer token, for a collector that asks for one')
    .option('--since <DURATION|TIME>', 'runs that began in the last 15m, 2h, 1d, or since a time', '15m')
    .option('--environment <NAME>', 'only of this deployment.environment.name')
    .option('--agent <NAME>', 'only of this agent')
    .option('--release <VERSION>', 'only of this service.version')
    .option('--compare-to <VERSION>', 'show before and after; the runs of this version are the before, and not judged')
    .option('--min-runs <N>', 'decided runs it takes', '20')
    .option('--completion <SHARE>', 'share of the decided runs that must have completed', '1.0')
    .option('--delivery <SHARE|off>', 'share of the completed runs whose user must have got everything', '1.0')
    .option('--max-open <N>', 'runs that may be undecided', '0')
    .option('--max-drop <SHARE>', 'fail when completion or delivery is lower than before by more than this')
    .option('--wait <DURATION>', 'how long to wait for open runs to be decided', '60s')
    .option('--dashboard <URL>', 'where links lead (default: --collector)')
    .option('--junit <FILE>', 'write the outcome for a CI')
    .option('--markdown <FILE>', 'write it for people')
    .option('--json', 'print it as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (options: CommandOptions, command: Command) => {
      const read = readGateOptions(options)
      if ('problems' in read) return command.error(read.problems.join('\nlaststep: '), { exitCode: 2 })
      const { collector, token, window, thresholds, dashboard, subject } = read.settings
      const facts = await stayAwake(() => watchWindow(openCollectorApi(collector, token), window, systemClock))
      const outcome = decideGate(facts, thresholds)
      publish({ outcome, subject, dashboard }, options, process.env)
      process.exitCode = outcome.passed ? 0 : 1
    })
}

/** @param environment where GitHub says that this is one of its jobs, and where its summary is */
function publish(report: Report, options: CommandOptions, environment: NodeJS.ProcessEnv): void {
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${writeText(report)}\n`)
  if (options.junit !== undefined) writeFileSync(options.junit, writeJunit(report))
  if (options.markdown !== undefined) writeFileSync(options.markdown, writeMarkdown(report))
  const summary = environment['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '') appendFileSync(summary, writeMarkdown(report))
  // On their own stream, so that JSON stays JSON; GitHub reads both.
  if (environment['GITHUB_ACTIONS'] === 'true') process.stderr.write(`${writeAnnotations(report).join('\n')}\n`)
}
