/** `laststep deploy`: tell a collector that a version begins to run, so that it stands on every chart and stalls are held against it. */
import type { Command } from 'commander'
import type { ApiError } from '../contract/errors.ts'
import type { DeployAnnouncement, DeployAnswer } from '../contract/deploys.ts'
import type { Millis } from '../contract/units.ts'
import { readTokens } from './read-tokens.ts'
import { whyNoAnswer } from './why-no-answer.ts'

interface DeployOptions {
  readonly service: string
  readonly version: string
  readonly environment?: string
  readonly at?: string
  readonly url?: string
  readonly note?: string
  readonly by?: string
  readonly collector: string
  readonly tokenFile?: string
  readonly json?: boolean
}

const EXAMPLES = `
Announce a deploy when it begins. What Laststep sees by itself, the first run of a new service.version, becomes one with
it, at the time that was announced; a version that was there before, announced again, is a rollback. Announcing the same
within a minute of the same time changes nothing, so a step of a pipeline may be repeated.

Service, environment and version are the service.name, deployment.environment.name and service.version of its telemetry.

Examples:
  laststep deploy --service shop --version 1.4.2 --environment production
  laststep deploy --service shop --version 1.4.1 --environment production --note "rollback: the pool" --by ana
  laststep deploy --collector https://laststep.example.com --service orders-db --version 17.2 --at now-10m --json

Exit codes: 0 announced, or known before; 1 the collector cannot be reached or does not take it; 2 wrong use.`

export function addDeployCommand(program: Command): void {
  program
    .command('deploy')
    .description('announce a deploy, so that stalls are held against it')
    .requiredOption('--service <NAME>', 'its service.name')
    .requiredOption('--version <VERSION>', 'its service.version')
    .option('--environment <NAME>', 'its deployment.environment.name; leave out when telemetry says none')
    .option('--at <TIME>', 'when it began, like 2026-11-22T03:04:11Z or now-5m (default: now)')
    .option('--url <URL>', 'where more is said about it')
    .option('--note <TEXT>', 'what people should know')
    .option('--by <NAME>', 'who deploys')
    .option('--collector <URL>', 'address of the dashboard, whose API is told', 'http://127.0.0.1:4319')
    .option('--token-file <FILE>', 'sent as a bearer token, for a collector that asks for one')
    .option('--json', 'print the answer as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async ({ collector, tokenFile, json, ...deploy }: DeployOptions, command: Command) => {
      if (!/^https?:$/.test(URL.parse(collector)?.protocol ?? ''))
        return command.error(
          `--collector must be an http or https URL such as http://127.0.0.1:4319, not "${collector}"`,
          { exitCode: 2 },
        )
      const token = tokenFile === undefined ? null : (readTokens(tokenFile)[0] ?? null)
      const told = await announce(collector.replace(/\/$/, ''), token, { ...deploy, source: 'command' })
      if ('wrong' in told) return command.error(told.wrong, { exitCode: 2 })
      process.stdout.write(`${json ? JSON.stringify(told) : sentenceOf(told)}\n`)
    })
}

const ANSWER_MAX: Millis = 20_000

/** @returns also what is wrong with the deploy, as the collector says it. @throws Error for people, when it was not taken */
async function announce(
  collector: string,
  token: string | null,
  deploy: DeployAnnouncement,
): Promise<DeployAnswer | { readonly wrong: string }> {
  const url = `${collector}/api/deploys`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(deploy),
    signal: AbortSignal.timeout(ANSWER_MAX),
  }).catch((error: unknown) => {
    throw new Error(
      `${collector} cannot be reached: ${whyNoAnswer(error, ANSWER_MAX)}. Is the collector running? --collector says where it is`,
    )
  })
  const body = (await response.json().catch(() => null)) as (DeployAnswer & Partial<ApiError>) | null
  if (response.ok && body?.deploy !== undefined) return body
  if (response.status === 401 || response.status === 403)
    throw new Error(`${url} answered ${response.status}: it wants a token, see --token-file`)
  if (response.status === 400 && body?.error !== undefined) return { wrong: body.error.message }
  const said = body?.error === undefined ? '--collector is the address of the dashboard, port 4319' : body.error.message
  throw new Error(`${url} answered ${response.status}: ${said}`)
}

function sentenceOf({ deploy, isNew }: DeployAnswer): string {
  const { service, version, environment, at } = deploy
  const what = `${service} ${version}${environment === null ? '' : ` in ${environment}`} at ${at}`
  return isNew ? `announced ${what}` : `known already: ${what}`
}
