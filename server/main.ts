/**
 * The reference agent runtime, as a table of contents. Built from the exit back to the entrance: telemetry, the hub
 * that reaches users, the service that performs runs, and the door they come in by.
 */
import { once as eventOf } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { trace } from '@opentelemetry/api'
import { createDeliveryRecorder, instrument, recordConnection, type Instrumented } from '@laststep/sdk'
import { pino } from 'pino'
import { sleep, systemClock, type Clock } from '../contract/clock.ts'
import { CLOSE, type ClientFrame } from '../contract/frames.ts'
import { seconds, type Millis } from '../contract/units.ts'
import { AGENTS, DEFAULT_AGENT } from './agent/agents.ts'
import { chooseModel } from './agent/choose-model.ts'
import { runAgent } from './agent/run-agent.ts'
import { calculator } from './agent/tools/calculator.ts'
import { fileSearch, readPassages } from './agent/tools/file-search.ts'
import { httpFetch } from './agent/tools/http-fetch.ts'
import { slowReport } from './agent/tools/slow-report.ts'
import type { AgentTool } from './agent/tools/tool.ts'
import { HELP, readRuntimeConfig, type RuntimeConfig } from './config.ts'
import { acceptConnections } from './connect/accept-connections.ts'
import { answerFrame } from './connect/answer-frame.ts'
import { createRoutes } from './connect/http-routes.ts'
import { createHub } from './connect/hub.ts'
import { createPlaces } from './connect/places.ts'
import { createReceipts } from './connect/receipts.ts'
import { createTokens } from './connect/tokens.ts'
import { prepareArrival } from './faults/connection-faults.ts'
import { createFaultSwitch } from './faults/fault-switch.ts'
import { prepareSabotage } from './faults/prepare-sabotage.ts'
import { createSilentHandler } from './faults/silent-handler.ts'
import { createSilentServer } from './faults/silent-server.ts'
import { createExecutionService, type ExecutionService } from './orchestrate/execution-service.ts'

export interface Runtime {
  /** `http://127.0.0.1:4320` */
  readonly address: string
  /** `ws://127.0.0.1:4320/ws` */
  readonly wsUrl: string
  /** Cancel the runs, say goodbye to the users, send what telemetry is left. Safe to call twice. */
  stop(): Promise<void>
}

const WS_PATH = '/ws'
const RUNS_MAX = 1_000
/** How long runs may take to say that they are cancelled, and sockets to close, when the runtime stops. */
const STOP_RUNS_MS: Millis = seconds(2)
const STOP_SOCKETS_MS: Millis = seconds(1)

/** @throws Error naming the port and its flag when the port is taken */
export async function startRuntime(config: RuntimeConfig, clock: Clock = systemClock): Promise<Runtime> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2))
  const telemetry = await startTelemetry(config, clock)
  const { reporter } = telemetry
  const tracer = trace.getTracer('laststep.reference-runtime')
  const epoch = reporter.instanceId
  const common = { clock, log, epoch, tracer }

  const silentServer = createSilentServer()
  const faults = createFaultSwitch(config.faults, Math.random)
  const faultSettings = { clock, blockMs: config.blockMs, askSilentServer: silentServer.ask, die: killOwnProcess }
  const agent = { model: chooseModel(config.model, clock), tools: openToolbox(), clock, ownUrl: () => address }

  const hub = createHub(epoch, createDeliveryRecorder(reporter, { epoch }))
  const service = createExecutionService({
    ...common,
    reporter,
    agents: Object.keys(AGENTS),
    defaultAgent: DEFAULT_AGENT,
    runsMax: RUNS_MAX,
    openRun: hub.openRun,
    publish: hub.publish,
    sabotage: (asked) => prepareSabotage(faults.draw(asked), faultSettings),
    runAgent: (scope) => runAgent(scope, agent),
  })

  const tokens = createTokens(config.secret, config.issuer)
  const receipts = createReceipts({
    epoch,
    clock,
    closed: (connectionId, clientCloseCode) =>
      recordConnection(reporter, { connectionId, state: 'closed', clientCloseCode }),
    lost: (connectionId, framesLost) => recordConnection(reporter, { connectionId, state: 'ready', framesLost }),
  })
  const runsInFlight = () => service.inFlight
  const server = createServer(
    createRoutes({ ...common, tokens, hub, receipts, runsInFlight, faults: faults.list, setFault: faults.set }),
  )
  const mishandle = createSilentHandler({ ...common, reporter, defaultAgent: DEFAULT_AGENT })
  const answers = { ...common, hub, start: startBy(service), mishandle, cancel: service.cancel }
  acceptConnections({
    ...common,
    server,
    path: WS_PATH,
    tokens,
    places: createPlaces(config.userConnectionsMax),
    sabotage: () => prepareArrival(faults.drawConnection(), faultSettings),
    record: (connectionId, state, details) => recordConnection(reporter, { connectionId, state, ...details }),
    opened(connection) {
      hub.join(connection)
      return { receipts: receipts.open(connection) }
    },
    received(connection, text) {
      receipts.heard(connection)
      answerFrame(answers, connection, text)
    },
    closed(connection) {
      hub.leave(connection)
      receipts.close(connection)
    },
  })

  /** In reverse: the runs tell their users first, telemetry leaves last. */
  const stop = once(async () => {
    server.close()
    await atMost(STOP_RUNS_MS, service.stop(), clock)
    await atMost(STOP_SOCKETS_MS, hub.closeAll(CLOSE.goingAway, 'the runtime is stopping'), clock)
    await hub.dropAll()
    server.closeAllConnections()
    await silentServer.stop()
    await telemetry.shutdown()
  })
  const address = await listen(server, config).catch(async (error: unknown) => {
    await telemetry.shutdown()
    throw error
  })
  return { address, wsUrl: address.replace(/^http/, 'ws') + WS_PATH, stop }
}

function startTelemetry(config: RuntimeConfig, clock: Clock): Promise<Instrumented> {
  const { serviceName, serviceVersion, environment, otlp: endpoint, pulseMs } = config
  return instrument({ serviceName, serviceVersion, environment, endpoint, pulseMs, clock })
}

function openToolbox(): readonly AgentTool[] {
  return [calculator, fileSearch(readPassages(join(import.meta.dirname, 'documents'))), httpFetch, slowReport]
}

function startBy(service: ExecutionService) {
  return (userId: string, { thread_id: threadId, payload }: Extract<ClientFrame, { type: 'start_agent' }>) =>
    service.start({ userId, threadId, agentType: payload.agent, fault: payload.fault, text: payload.user_request })
}

/** Not `process.exit`: that would still run handlers and flush what a crash would lose. */
function killOwnProcess(): void {
  process.kill(process.pid, 'SIGKILL')
}

async function listen(server: Server, { host, port }: RuntimeConfig): Promise<string> {
  server.listen(port, host)
  try {
    await eventOf(server, 'listening')
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw isTaken ? new Error(`port ${port} is taken; choose another with --port, or --port 0 for any free one`) : error
  }
  const bound = server.address() as AddressInfo
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
}

async function atMost(limit: Millis, work: Promise<void>, clock: Clock): Promise<void> {
  await Promise.race([work, sleep(clock, limit)])
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | null = null
  return () => (done ??= work())
}

/** Run as a program: one JSON line when listening, one line per problem, an orderly stop on the first signal. */
async function run(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP)
  const read = readRuntimeConfig(process.argv.slice(2), process.env)
  if ('problems' in read) {
    for (const problem of read.problems) console.error(problem)
    process.exit(2)
  }
  const runtime = await startRuntime(read.config).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(1)
  })
  // Whoever reads the line below may send the signal at once.
  const leave = () => void runtime.stop().finally(() => process.exit(0))
  // `disconnect`: whoever started us with a channel is gone, and nobody else would stop us.
  process.once('SIGINT', leave).once('SIGTERM', leave).once('disconnect', leave)
  console.log(JSON.stringify({ event: 'listening', http: runtime.address, ws: runtime.wsUrl }))
}

if (import.meta.main) await run()
