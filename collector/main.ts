/**
 * The collector, as a table of contents. Built from the exit back to the entrance: each stage is handed the next one.
 *
 * Where does a span enter? `accept/receive-otlp.ts` (HTTP), `accept/receive-otlp-grpc.ts`. Where is a stall decided? `assess/judge-run.ts`.
 * Where is a delivery matched? `assess/judge-delivery.ts`. Where does an alert leave? `notify/webhook.ts`.
 */
import { join } from 'node:path'
import { pino } from 'pino'
import type { Clock } from '../contract/clock.ts'
import type { GapReason } from '../contract/runs.ts'
import { OPEN_STATUSES } from '../contract/statuses.ts'
import type { Instant } from '../contract/units.ts'
import { createBytesInFlight } from './accept/bytes-in-flight.ts'
import { readEntry } from './accept/read-entry.ts'
import { readRecords } from './accept/read-records.ts'
import { startOtlpHttp } from './accept/receive-otlp.ts'
import { startOtlpGrpc } from './accept/receive-otlp-grpc.ts'
import { undisguised } from './accept/undo-disguise.ts'
import { agentOf } from './assemble/agent-name.ts'
import { recognise } from './assemble/recognise/recognise.ts'
import { openRunBook } from './assemble/run-book.ts'
import { connectionJudge } from './assess/judge-connection.ts'
import { judgeRun } from './assess/judge-run.ts'
import { judgeSource } from './assess/judge-source.ts'
import { makeChecklist } from './assess/make-checklist.ts'
import { makeFinding } from './assess/make-finding.ts'
import { chooseProgressions, loadOwnProgressions } from './assess/read-progression.ts'
import { LOOKS_AT_ONCE, watchRuns } from './assess/watch-runs.ts'
import { catchUp } from './catch-up.ts'
import { openCheckpoints, readableCheckpoint, restoreBook } from './checkpoints.ts'
import { startChores } from './chores.ts'
import { openComparisons } from './comparison.ts'
import type { CollectorConfig } from './config.ts'
import { openContracts } from './contracts.ts'
import { countOpen } from './count-open.ts'
import type { FindingFacts } from './finding.ts'
import { readGap, viewOfGap, writeGap, type Place, type ReadEntry } from './entry.ts'
import { openDeploys } from './deploys.ts'
import { openIncidentBook } from './incident-book.ts'
import { openInvestigations } from './investigate/open-investigations.ts'
import { openIntake, type Intake } from './intake.ts'
import { listenTo, openHearing } from './hearing.ts'
import { openDesk } from './keep/desk.ts'
import { openHistory } from './keep/history.ts'
import { ownDirectory } from './keep/own-directory.ts'
import { connectionKey, pieceKeys, runKey } from './keep/piece-keys.ts'
import { openSegmentLog } from './keep/segment-log.ts'
import { liveFindings, liveRows, newestFindings } from './live-rows.ts'
import { startAlerts } from './notify/start-alerts.ts'
import { openLogSearch } from './log-search.ts'
import { openLogClock } from './log-clock.ts'
import { collectMetrics } from './observe/collect-metrics.ts'
import { startSelfWatch } from './observe/self-watch.ts'
import { watchVerdicts } from './observe/watch-verdicts.ts'
import { METRICS_TYPE, writeMetrics } from './observe/write-metrics.ts'
import { openTestRuns } from './observe/start-test-run.ts'
import { onPort } from './on-port.ts'
import type { JudgedRun } from './judgement.ts'
import { retain } from './retain.ts'
import { openRunSource } from './run-source.ts'
import { openBoardCounts } from './serve/board-counts.ts'
import { openLiveFeed, PICTURE_ROWS_MAX } from './serve/live-feed.ts'
import { startServe } from './serve/start-serve.ts'
import { stallWords } from './stall.ts'
import { startStopList } from './stop-list.ts'
import { storeRun } from './store-run.ts'
import type { StoredRun } from './stored-run.ts'
import { isOwnRun, isTestRun, openTestRunsOf } from './test-run.ts'
import { Unavailable } from './unavailable.ts'

export interface Collector {
  /** `http://127.0.0.1:4319` */
  readonly dashboard: string
  /** `http://127.0.0.1:4318` */
  readonly otlpHttp: string
  /** `http://127.0.0.1:4317` */
  readonly otlpGrpc: string
  readonly dataDir: string
  /** Answers what was taken, writes a checkpoint, lets go of the data folder. Safe to call twice. */
  stop(): Promise<void>
}

/** @throws an Error of one line (a taken port, a data folder in use, a contract with problems): nothing then listens */
export async function startCollector(config: CollectorConfig, wallClock: Clock, version: string): Promise<Collector> {
  const clock = openLogClock(wallClock)
  const log = pino({ name: 'laststep', level: process.env['LASTSTEP_LOG'] ?? 'warn' }, pino.destination(2))
  const given = chooseProgressions(config.contracts)
  const contracts = openContracts([...given, ...loadOwnProgressions()], (name) =>
    log.warn(
      { contract: name },
      'telemetry names a contract that --contract does not; its runs are judged by the first',
    ),
  )
  const stops = startStopList((error) => log.error({ err: error }, 'stopping went wrong'))

  try {
    // What is kept.
    const own = ownDirectory(config.dataDir)
    stops.add(() => own.release())
    const inData = (name: string) => join(config.dataDir, name)
    const desk = stops.own(openDesk(inData('desk')))
    const history = stops.own(await openHistory({ dir: inData('history'), clock, log }))
    const segments = stops.own(await openSegmentLog({ dir: inData('log'), clock, log, fsync: config.fsync }))
    const { impact } = config
    const incidents = stops.own(await openIncidentBook({ clock, desk: desk.incidents, history, impact, log }))
    const search = stops.own(openLogSearch({ dir: inData('log'), log: segments, ...history.search }))
    const deploys = openDeploys({ desk: desk.deploys, history: history.deploys, now: clock.now, log })
    const saved = () => history.flushed()
    const comparisons = stops.own(openComparisons({ dataDir: config.dataDir, log: segments, saved }))

    let publicUrl = config.publicUrl ?? `http://${config.host}:${config.httpPort}`
    // Only what a restart would say again may be told.
    const telling = { clock, desk, log, incidents, deploys, stored: saved, address: () => publicUrl }
    const alerts = config.webhook && startAlerts({ webhook: config.webhook, ...telling })
    stops.add(() => alerts?.stop())

    // What people see.
    const board = openBoardCounts()
    const findings = (now: Instant) => liveFindings(book.findings(), now).map(makeFinding)
    const feed = openLiveFeed({
      clock,
      liveRuns: () => liveRows(book.foremost(PICTURE_ROWS_MAX), clock.now()),
      counts: board.read,
      isReady: () => self.readiness().ready,
      findings,
    })
    const verdicts = watchVerdicts(() => history.stored(), clock.now)
    const store = (run: JudgedRun): StoredRun => {
      const progression = contracts.of(run.facts.contract)
      return storeRun(run, progression, makeChecklist(run, progression), book.instance(run.facts.instance))
    }

    // Runs, and what is concluded about them.
    let intake: Intake | null = null
    const found = (finding: FindingFacts) => {
      feed.found()
      if (intake !== null) alerts?.found(makeFinding(finding))
    }
    const book = openRunBook({
      contracts,
      judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
      changed: (change) => {
        const { run, from, to } = change
        // A verdict is written at once; that a run goes on, within a second.
        if (from === 'running' && to === 'running') history.noteRun(run.row.id, () => store(run))
        else {
          void history.saveRuns([store(run)])
          // With the verdict, or a restart would take the moment it fell for one in which nobody listened.
          if (intake !== null) void history.saveAlive(intake.watermark())
        }
        if (intake !== null) verdicts.note(change, clock.now())
        if (isTestRun(run.row)) return feed.publish(run.row)
        if (isOwnRun(run.row)) return
        incidents.note(stallWords(change))
        board.note(change, clock.now())
        feed.publish(run.row)
        // What the log tells again was told before; how things are is noted once it has been read.
        if (intake !== null) alerts?.note(run)
      },
      sources: {
        judge: (circumstances, now) => judgeSource(circumstances, contracts.of(circumstances.source.contract), now),
        openRunsMin: config.silentSourceRuns,
        found,
      },
      connections: { ...connectionJudge(contracts.of), found },
    })

    // From bytes on disk to runs; the same for what arrives and for what is read again.
    let lastPlace: Place | null = null
    const blind: Record<GapReason, number> = { down: 0, paused: 0, refused: 0 }
    const fold = ({ entry, place, signals }: ReadEntry): Promise<void> => {
      lastPlace = place
      if (entry.kind === 'gap') {
        const gap = readGap(entry)
        book.gap(gap, entry.receivedAt)
        // What is only read again was blind time of a process before this one.
        if (intake !== null) blind[gap.reason] += gap.lengthMs
      } else book.apply(signals, entry.receivedAt)
      return history.savePieces(Array.from(pieceKeys(signals), (key) => ({ key, place })))
    }

    const checkpoint = await readableCheckpoint(
      await history.loadCheckpoint(),
      () => restoreBook(book.restore(), history.loadSheets()),
      log,
    )
    lastPlace = checkpoint?.place ?? null
    const caughtUp = await catchUp({
      checkpoint,
      aliveAt: await history.loadAlive(),
      now: clock.now,
      entries: (after) => segments.read(after),
      read: readEntry,
      fold,
      noteGap: async (gap) => {
        // Not `now`: a clock that was set back is before it.
        const entry = writeGap(gap, gap.from + gap.lengthMs)
        blind[gap.reason] += gap.lengthMs
        await fold({ entry, place: await segments.append(entry), signals: [] })
      },
    })
    const aheadMs = clock.goOnFrom(caughtUp.at)
    if (aheadMs > 0) log.warn({ aheadMs }, "the machine's clock is behind the log, which goes on from where it ended")
    countOpen(book.census(), verdicts, board, clock.now())
    if (caughtUp.entries > 0) log.info({ ...caughtUp, runs: book.size }, 'caught up with the log')

    // The way in, and the watch over time.
    const advance = (to: Instant) => book.advance(to, LOOKS_AT_ONCE)
    const { take, idle, watermark, beat } = (intake = openIntake({
      clock,
      startAt: caughtUp.at,
      append: async (entry) => {
        if (history.isBehind()) throw new Unavailable('the history cannot be written as fast as telemetry arrives')
        return segments.append(entry)
      },
      advance,
      fold: (read) => {
        const kept = fold(read)
        // A gap that is noted moves the next look, as what arrives does.
        watch.woke()
        return kept
      },
    }))
    const watch = stops.own(watchRuns({ clock, nextLookAt: book.nextLookAt, advance, watermark }))

    const checkpoints = openCheckpoints({
      clock,
      now: () => ({ place: lastPlace, at: watermark() }),
      snapshot: book.snapshot,
      saveSheet: (sheet) => history.saveSheet(sheet),
      saveCheckpoint: (reached) => history.saveCheckpoint(reached),
    })
    stops.add(async () => {
      await idle()
      await checkpoints.save()
    })
    stops.own(
      startChores({
        clock,
        log,
        saveCheckpoint: checkpoints.save,
        saveAlive: () => {
          beat()
          return history.saveAlive(watermark())
        },
        retain: () => retain({ ...config, now: clock.now(), segments, history, desk }),
      }),
    )

    // Two doors into the same room.
    const { host, bodyBytesMax } = config
    const inFlight = createBytesInFlight()
    const hearing = openHearing(desk.firstEventAt(), desk.saveFirstEvent)
    const door = { host, bodyBytesMax, inFlight, log, clock, ...listenTo(hearing, take, clock.now) }
    const overHttp = stops.own(
      await onPort('otlp-http-port', config.otlpHttpPort, () =>
        startOtlpHttp({ ...door, port: config.otlpHttpPort, corsOrigins: config.corsOrigins }),
      ),
    )
    const overGrpc = stops.own(
      await onPort('otlp-grpc-port', config.otlpGrpcPort, () => startOtlpGrpc({ ...door, port: config.otlpGrpcPort })),
    )
    const [otlpHttp, otlpGrpc] = [overHttp.address, overGrpc.address]
    const testRuns = stops.own(openTestRuns({ clock, otlpHttp, leftBehind: openTestRunsOf(book.foremost(Infinity)) }))

    // The watcher, watched.
    const self = stops.own(startSelfWatch({ clock, verdicts, log: segments, history, watermark, book, operators: log }))
    const startedAt = clock.now()
    const dropped = () => ({
      ...book.counters(),
      logRefused: segments.counts.refused,
      logDamagedBytes: segments.counts.damagedBytes,
      liveTooSlow: feed.tooSlow,
    })
    const readings = () => ({
      version,
      startedAt,
      doors: { http: overHttp.counts, grpc: overGrpc.counts },
      log: { ...segments.counts, waitsSince: segments.waitsSince },
      history,
      checkpoint: checkpoints.last,
      watermark: watermark(),
      dropped: dropped(),
      unknownEvents: Object.values(book.unknownEvents()).reduce((sum, count) => sum + count, 0),
      blind,
      messages: alerts === null ? null : { waiting: desk.waiting(), counts: { ...alerts.counts } },
      liveClients: feed.clients,
    })
    const serve = stops.own(
      await onPort('http-port', config.httpPort, () =>
        startServe({
          host: config.host,
          port: config.httpPort,
          clock,
          log,
          version,
          webDir: join(import.meta.dirname, '..', 'web', 'dist'),
          feed,
          runs: {
            ...openRunSource({
              find: book.find,
              store,
              listRuns: (query) => history.listRuns(query),
              findStored: (id) => history.findRun(id),
              places: (keys) => history.pieces(keys),
              readAt: (place) => segments.readAt(place),
              readRecords: (entry) => undisguised(readRecords(entry)),
              runKey,
              connectionKey,
            }),
            phaseOf: (name, known) => recognise(name, known).phase,
            agentOf,
          },
          kept: history,
          incidents,
          deploys,
          investigations: openInvestigations({ clock, desk, edited: feed.edited, address: () => publicUrl }),
          spans: search,
          comparisons,
          gaps: () => book.gaps().map(viewOfGap),
          health: self.health,
          counts: board.read,
          sendTestRun: testRuns.send,
          setup: () => ({ config, contracts: given, otlpHttp, otlpGrpc, held: segments.held, hearing: hearing.read() }),
          metrics: () => {
            return { type: METRICS_TYPE, text: writeMetrics(collectMetrics(readings(), self, verdicts, clock.now())) }
          },
          findings: () => newestFindings(book.findings()).map(makeFinding),
          serviceCounts: () => ({
            openRuns: verdicts.open,
            lagMs: Math.max(0, clock.now() - watermark()),
            dropped: dropped(),
            unknownEvents: book.unknownEvents(),
            unknownContracts: contracts.unknown(),
          }),
        }),
      ),
    )
    publicUrl = config.publicUrl ?? serve.address
    alerts?.noteAll(book.foremost(Infinity), [...book.findings()].map(makeFinding), book.find)
    incidents.lookAtAll()
    watch.woke()

    if (config.canary) {
      const leftBehind = await history.listRuns({ isCanary: true, status: [...OPEN_STATUSES] })
      self.fly({ otlpHttp, dashboard: serve.address, leftBehind: leftBehind.runs.map(({ id }) => id) })
    }
    if (config.deadManUrl !== null) self.wind(config.deadManUrl)
    // Or a collector that is killed again and again would read more of the log at each start.
    if (caughtUp.entries > 0)
      checkpoints.save().catch((err: unknown) => log.error({ err }, 'no checkpoint was written'))
    return { dashboard: serve.address, otlpHttp, otlpGrpc, dataDir: config.dataDir, stop: stops.run }
  } catch (error) {
    await stops.run()
    throw error
  }
}
