/** `laststep probe`: the golden path, walked from outside as a user walks it. */
import type { Command } from 'commander'
import { systemClock } from '../../contract/clock.ts'
import type { Watcher } from './probe-run.ts'
import { formatSummary, printEnds, printRun } from './print-probe.ts'
import { probeMany } from './probe-many.ts'
import { readProbeOptions, type ProbeOptions } from './read-options.ts'
import { openReport, type Report } from './report-view.ts'
import { stayAwake } from '../stay-awake.ts'
import { summarise } from './summarise.ts'

interface CommandOptions extends ProbeOptions {
  readonly service?: string
  readonly serviceVersion?: string
  readonly environment?: string
  readonly json?: boolean
}

const EXAMPLES = `
Each run connects anew, sends a message and is followed to its end. It passes when it completed, every event came that
the contract requires, in order, and no silence was longer than the contract's budgets. No telemetry is needed for that.

Examples:
  A token of the reference runtime, then one run, then all five critical events:
    curl -s http://127.0.0.1:4320/token -H 'content-type: application/json' -d '{"user":"ada"}' > token
    laststep probe ws://127.0.0.1:4320/ws --token-file token
    laststep probe ws://127.0.0.1:4320/ws --token-file token --expect all
  200 runs, 10 at a time, by five users, also told to the collector:
    laststep probe ws://127.0.0.1:4320/ws --token-file tokens --count 200 --concurrency 10 --users 5 \\
      --collector http://127.0.0.1:4318
  A runtime that is not ours:
    laststep probe wss://agents.example.com/socket --token-file token --contract mine.yaml

Exit codes: 0 every run passed; 1 one did not, or what was seen could not be told to --collector; 2 wrong use.
docs/PROBE.md says more, docs/CONTRACTS.md what a contract says about frames.`

export function addProbeCommand(program: Command): void {
  program
    .command('probe')
    .description('connect like a user, send a message, and check what comes back against a contract')
    .argument('<url>', 'the runtime’s WebSocket')
    .option('--token-file <FILE>', 'tokens, one a line, one line a user; how they travel is the contract’s to say')
    .option('--contract <NAME|FILE>', 'progression contract: a preset, or a YAML file', 'laststep')
    .option('--message <TEXT>', 'what to ask; the default makes the reference runtime use a tool', 'What is 6 * 7?')
    .option('--agent <NAME>', 'whom to ask; its own budgets apply')
    .option('--expect <EVENTS>', 'events of the checklist that must come though not required; with commas, or: all')
    .option('--timeout <DURATION>', 'for a whole run (default: the contract’s budget for one, 30m unless told)')
    .option('--count <N>', 'runs in all', '1')
    .option('--concurrency <N>', 'of these at the same time', '1')
    .option('--users <N>', 'how many of the tokens take turns (default: all)')
    .option('--collector <URL>', 'OTLP/HTTP address of a collector that is told what the client received')
    .option('--service <NAME>', 'told to it of a runtime that sends no telemetry itself')
    .option('--service-version <VERSION>', 'the same')
    .option('--environment <NAME>', 'the same')
    .option('--json', 'print what was seen as one JSON document instead of tables')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: CommandOptions, command: Command) => {
      const read = readProbeOptions(url, options, systemClock)
      if ('problems' in read) return command.error(read.problems.join('\nlaststep: '), { exitCode: 2 })
      const { settings, load } = read
      const write = (text: string): void => void (options.json ? null : process.stdout.write(text))
      const report = options.collector === undefined ? null : reportTo(options.collector, options, settings.progression)
      const print = load.count === 1 ? () => printRun(write) : printEnds(write, load.count)
      const views = await probeMany(settings, load, () => both(print(), report?.watch() ?? null))
      // A collector that asks to come back is waited for.
      const untold = report === null ? null : await stayAwake(report.finish)
      const summary = summarise(views, settings.progression)
      if (options.json) process.stdout.write(`${JSON.stringify({ ...summary, untold, views })}\n`)
      else write(`\n${formatSummary(summary, views)}\n`)
      if (untold !== null) process.stderr.write(`laststep: the collector was not told what was seen: ${untold}\n`)
      process.exitCode = summary.failed === 0 && untold === null ? 0 : 1
    })
}

function reportTo(
  collector: string,
  { service, serviceVersion, environment }: CommandOptions,
  { name, frames }: Parameters<typeof summarise>[1],
): Report {
  return openReport({
    collector: collector.replace(/\/$/, ''),
    service: service ?? null,
    version: serviceVersion ?? null,
    environment: environment ?? null,
    // The reference runtime names none, and is judged by the collector's first.
    contract: name === 'laststep' ? null : name,
    isNumbered: frames.seq !== undefined,
    clock: systemClock,
  })
}

function both(first: Watcher, second: Watcher | null): Watcher {
  if (second === null) return first
  return {
    connected: (...said) => (first.connected(...said), second.connected(...said)),
    asked: (...said) => (first.asked(...said), second.asked(...said)),
    seen: (...said) => (first.seen(...said), second.seen(...said)),
    ended: (...said) => (first.ended(...said), second.ended(...said)),
  }
}
