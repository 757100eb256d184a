/**
 * A collector with hand-made runs: it serves the built dashboard and speaks the real contract, HTTP and live feed, so a
 * test (or a person) can decide what the dashboard hears, and when it hears nothing.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import { systemClock, type Timer } from '../../../contract/clock.ts'
import { LIVE_PATH, type BoardCounts, type LiveFrame } from '../../../contract/live.ts'
import type { Health } from '../../../contract/health.ts'
import { PHASES } from '../../../contract/phases.ts'
import type { Finding } from '../../../contract/findings.ts'
import type { RunDetail } from '../../../contract/runs.ts'
import { OPEN_STATUSES } from '../../../contract/statuses.ts'
import { seconds, toIso } from '../../../contract/units.ts'
import { makeHealth } from '../../kit/made-health.ts'
import { toRow } from './make-run.ts'

export interface FixtureCollector {
  readonly url: string
  /** Tell the dashboard of this run, as changed. */
  put(...runs: readonly RunDetail[]): void
  /** Tell it of this finding, as changed. */
  find(finding: Finding): void
  /** As when a cable is pulled: nothing arrives, not even a close, and nobody new gets through. */
  fallSilent(): void
  /** The old sockets are gone for good; who comes back with a cursor is told what it missed. */
  speakAgain(): void
  /** How it is doing itself, from now on; said with the next beat. */
  feel(different: Partial<Health>): void
  /** How many details were asked for. */
  detailsAsked(): number
  stop(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
/** The policy the collector serves its dashboard under. */
const POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const PAGE_SIZE = 50

/** @param port 0 for any free one. */
export async function startFixtureCollector(
  webDir: string,
  runs: readonly RunDetail[],
  port = 0,
): Promise<FixtureCollector> {
  const held = new Map(runs.map((run) => [run.id, run]))
  const findings = new Map<string, Finding>()
  const readers = new Set<WebSocket>()
  /** Every changes frame; a cursor is `c` and the number of those already told. */
  const told: LiveFrame[] = []
  let isSilent = false
  let health = makeHealth()
  let asked = 0

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture')
    if (isSilent) return void response.destroy()
    if (url.pathname === '/api/runs') return sendJson(response, 200, list(url.searchParams))
    if (url.pathname === '/api/health') return sendJson(response, 200, health)
    if (url.pathname.startsWith('/api/runs/')) {
      asked += 1
      const id = decodeURIComponent(url.pathname.slice('/api/runs/'.length))
      const run = [...held.values()].find((candidate) => candidate.id === id || candidate.traceId === id)
      return run
        ? sendJson(response, 200, run)
        : sendJson(response, 404, { error: { code: 'not-found', message: `no run ${id}` } })
    }
    void sendFile(response, webDir, url.pathname)
  })
  const sockets = new WebSocketServer({ server, path: LIVE_PATH })
  sockets.on('connection', (socket, request) => {
    if (isSilent) return socket.terminate()
    readers.add(socket)
    socket.on('close', () => readers.delete(socket))
    const after = new URL(request.url ?? '/', 'http://fixture').searchParams.get('after')
    if (after === null) return send(socket, frameOf('snapshot', [...held.values()]))
    for (const frame of told.slice(Number(after.slice(1)))) send(socket, frame)
  })
  const beat: Timer = systemClock.every(seconds(5), () =>
    tell({ type: 'beat', cursor: cursorAfter(told.length), serverTime: time(), isReady: health.ready }),
  )

  function time(): string {
    return toIso(systemClock.now())
  }
  function cursorAfter(frames: number): string {
    return `c${frames}`
  }
  function frameOf(type: 'snapshot' | 'changes', changed: readonly RunDetail[]): LiveFrame {
    return {
      type,
      cursor: cursorAfter(told.length + (type === 'changes' ? 1 : 0)),
      serverTime: time(),
      runs: changed.map(toRow),
      counts: countRuns([...held.values()]),
      findings: [...findings.values()],
    }
  }
  function change(changed: readonly RunDetail[]): void {
    const frame = frameOf('changes', changed)
    told.push(frame)
    tell(frame)
  }
  function tell(frame: LiveFrame): void {
    if (!isSilent) for (const reader of readers) send(reader, frame)
  }
  function list(query: URLSearchParams): unknown {
    const statuses = query.get('status')?.split(',').filter(Boolean) ?? []
    const from = Number(query.get('cursor') ?? 0)
    const matching = [...held.values()]
      .filter((run) => statuses.length === 0 || statuses.includes(run.status))
      .filter((run) => !query.get('agent') || run.agent === query.get('agent'))
      .filter((run) => !query.get('user') || run.userId === query.get('user'))
      .filter((run) => !query.get('step') || run.step?.name === query.get('step'))
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    const next = from + PAGE_SIZE < matching.length ? String(from + PAGE_SIZE) : null
    return { runs: matching.slice(from, from + PAGE_SIZE).map(toRow), next }
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put(...changed) {
      for (const run of changed) held.set(run.id, run)
      change(changed)
    },
    find(finding) {
      findings.set(finding.id, finding)
      change([])
    },
    fallSilent: () => void (isSilent = true),
    speakAgain() {
      isSilent = false
      for (const reader of readers) reader.terminate()
    },
    feel: (different) => void (health = makeHealth(different)),
    detailsAsked: () => asked,
    async stop() {
      beat.cancel()
      for (const reader of sockets.clients) reader.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function countRuns(runs: readonly RunDetail[]): BoardCounts {
  const open = runs.filter((run) => OPEN_STATUSES.has(run.status))
  const ended = runs.filter((run) => run.endedAt !== null)
  const stalled = open.filter((run) => run.status === 'stalled')
  return {
    inFlight: open.length,
    stalled: stalled.length,
    oldestStallAt: stalled.map((run) => run.verdict.since).sort()[0] ?? null,
    endedRecently: ended.length,
    completedRecently: ended.filter((run) => run.status === 'completed').length,
    deliveriesRequired: runs.reduce((sum, run) => sum + (run.endedAt === null ? 0 : run.delivery.required), 0),
    deliveriesConfirmed: runs.reduce((sum, run) => sum + (run.endedAt === null ? 0 : run.delivery.confirmed), 0),
    phases: PHASES.map((phase) => ({
      phase,
      inFlight: open.filter((run) => run.step?.phase === phase).length,
      stalled: stalled.filter((run) => run.step?.phase === phase).length,
      p95Ms: phase === 'reasoning' ? 2_840 : phase === 'tool' ? 4_120 : phase === 'started' ? 610 : null,
    })),
  }
}

function send(socket: WebSocket, frame: LiveFrame): void {
  socket.send(JSON.stringify(frame))
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A file of the build, or the page itself for every address the page routes. */
async function sendFile(response: ServerResponse, webDir: string, path: string): Promise<void> {
  const name = extname(path) === '' ? 'index.html' : normalize(path)
  try {
    const bytes = await readFile(join(webDir, name))
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'text/plain', 'content-security-policy': POLICY })
    response.end(bytes)
  } catch {
    response.writeHead(404).end()
  }
}
