/**
 * The examples as a newcomer runs them: an agent behind a server that is not ours, a real page in a real Chromium, and
 * a collector whose own page must say that the answer was received and shown. And the last word of a page that closes.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchToken } from '../../tools/user-client.ts'
import { noBrowser, openBrowser } from '../kit/browser.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import {
  startCollectorProgram,
  startCommand,
  startRuntimeProgram,
  temporaryFolder,
  type CollectorProgram,
  type Program,
} from '../kit/programs.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')

let collector: CollectorProgram
let browser: Browser
const programs: Program[] = []

beforeAll(async () => {
  const built = spawnSync(process.execPath, [join(ROOT, 'tools', 'build-client.mjs')], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  collector = await startCollectorProgram(temporaryFolder('examples'))
})

afterAll(async () => {
  await browser?.close()
  await Promise.all(programs.map((program) => program.stop()))
  await collector?.stop()
})

async function startExample(name: string): Promise<string> {
  const env = { ...process.env, PORT: '0', LASTSTEP_ENDPOINT: collector.otlpHttp }
  const { program, listening } = await startCommand(NODE, [join(ROOT, 'examples', name, 'server.ts')], env)
  programs.push(program)
  return String(listening['http'])
}

describe.skipIf(noBrowser !== null)('in a browser', () => {
  beforeAll(async () => {
    browser = await openBrowser()
  })

  test.each(['ws', 'socket.io', 'sse'])(
    'the %s example: what the page shows is delivered, received and shown',
    async (name) => {
      const page = await browser.newPage()
      await page.goto(await startExample(name))
      await page.getByRole('button', { name: 'Ask' }).click()
      const answer = page.getByRole('listitem').filter({ hasText: 'agent_completed stressed desserts' })
      await answer.waitFor()
      const shown = (await page.getByRole('listitem').allInnerTexts()).map((line) => line.split(' ', 1)[0])
      expect(shown).toEqual(['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'])
      const runId = (await answer.getAttribute('data-run')) ?? ''

      const run = await waitForRun(
        collector.dashboard,
        runId,
        ({ status, deliveries, spans }) =>
          status === 'completed' &&
          deliveries.every(({ states }) => states.some(({ state }) => state === 'handled')) &&
          // Spans and messages come by requests of their own, in any order.
          deliveries.every((each) => each.spanId === null || spans.some(({ spanId }) => spanId === each.spanId)),
      )
      expect(run.delivery).toEqual({ required: 5, confirmed: 5, outcome: 'delivered' })
      expect(run.deliveries.map(({ seq, event }) => `${seq} ${event}`)).toEqual(
        shown.map((type, at) => `${at + 1} ${type}`),
      )
      for (const { states, connectionId } of run.deliveries) {
        expect(states.map(({ state }) => state)).toEqual(
          expect.arrayContaining(['emitted', 'queued', 'written', 'received', 'handled']),
        )
        expect(run.connections.find(({ id }) => id === connectionId)).toMatchObject({ acks: true })
      }
      // The message is known by the span that sent it.
      const tool = run.deliveries.find(({ event }) => event === 'tool_completed')
      expect(run.spans.find(({ spanId }) => spanId === tool?.spanId)?.name).toBe('execute_tool reverse')
      await expectShown(page, runId)
      await page.close()
    },
  )

  test('an EventSource that comes back proves what it had received, and of the rest nothing is claimed', async () => {
    const proxy = await holdBehind(await startExample('sse'), 'agent_thinking')
    const page = await browser.newPage()
    await page.goto(proxy.url)
    const runId = await page.evaluate(`(async () => {
      const runId = await (await fetch('/answers', { method: 'POST', body: 'stressed desserts' })).text()
      const shown = []
      const events = new EventSource('/answers/' + runId)
      events.onmessage = ({ data }) => {
        shown.push(JSON.parse(data).type)
        document.body.dataset.last = shown.at(-1)
        if (shown.at(-1) !== 'agent_completed') return
        events.close()
        document.body.dataset.shown = shown.join(' ')
      }
      return runId
    })()`)
    await page.waitForFunction('document.body.dataset.last === "agent_thinking"')
    proxy.cut()
    const shown = await (await page.waitForFunction('document.body.dataset.shown')).jsonValue()
    expect(shown).toBe('agent_started agent_thinking tool_executing tool_completed agent_completed')
    proxy.stop()

    const run = await waitForRun(
      collector.dashboard,
      String(runId),
      ({ status, connections }) =>
        status === 'completed' &&
        connections.length === 2 &&
        connections.every(({ states }) => states.some(({ state }) => state === 'closed')),
    )
    const [first, second] = run.connections
    for (const stream of [first, second]) expect(stream).toMatchObject({ stream: 'sse', acks: false })
    const reached = (seq: number, connectionId: string | undefined) =>
      run.deliveries.find((each) => each.seq === seq && each.connectionId === connectionId)?.states.at(-1)?.state
    for (const seq of [1, 2]) expect(reached(seq, first?.id)).toBe('received')
    for (const seq of [3, 4, 5]) expect(reached(seq, second?.id)).toBe('written')
    expect(run.delivery).toEqual({ required: 2, confirmed: 2, outcome: 'unknown' })
    expect(run.verdict.evidence.map(({ text }) => text).join('\n')).toContain('nothing says whether it arrived')
    await page.goto(`${collector.dashboard}/runs/${runId}?conn=${second?.id}`)
    await page.getByText('the answer was written, not confirmed').waitFor()
    await page.getByText('no acks: a one-way stream (sse), at most written').waitFor()
    // What was dropped on the first stream went over the second.
    await page.getByRole('img', { name: '5 messages emitted, 5 written, 2 confirmed, 0 lost' }).waitFor()
    await page.close()
  })

  test('what a page rendered reaches the runtime though the page closes before it can say so', async () => {
    const runtime = await startRuntimeProgram(collector.otlpHttp)
    programs.push(runtime)
    const page = await browser.newPage()
    // A page of the runtime's own address, as an app's would be.
    await page.goto(`${runtime.http}/healthz`)
    const module = readFileSync(join(ROOT, 'client', 'dist', 'index.js'), 'base64')
    await page.evaluate(askWithoutAcks(module, runtime.ws, await fetchToken(runtime.http, 'ada')))
    const runId = await (await page.waitForFunction('document.body.dataset.ended')).jsonValue()
    const allReached =
      (reached: string) => (run: { deliveries: readonly { states: readonly { state: string }[] }[] }) =>
        run.deliveries.length > 0 &&
        run.deliveries.every((message) => message.states.some(({ state }) => state === reached))
    // Its acks were kept from leaving: nobody can know yet.
    const before = await waitForRun(collector.dashboard, String(runId), allReached('transported'))
    expect(before.deliveries.flatMap(({ states }) => states.map(({ state }) => state))).not.toContain('received')
    await page.close()
    await waitForRun(collector.dashboard, String(runId), allReached('handled'))
  })
})

/**
 * Sends on what a server says up to the event with a word in it, and nothing more until it is cut: as when a lift closes, or a
 * proxy's time is up. A connection after that is left alone.
 */
async function holdBehind(target: string, word: string) {
  const { hostname, port } = new URL(target)
  let held: (() => void) | null = null
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname)
    const end = () => [near, far].forEach((socket) => socket.destroy())
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.pipe(far)
    far.on('data', (bytes: Buffer) => {
      if (held !== null || !bytes.includes(word)) return near.write(bytes)
      held = end
      far.pause()
      return near.write(bytes.subarray(0, bytes.indexOf('\n\n', bytes.indexOf(word)) + 2))
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut: () => held?.(),
    stop: () => void proxy.close(),
  }
}

/** The collector's page of the run: five messages confirmed, the last of them received and shown to the user. */
async function expectShown(page: Page, runId: string): Promise<void> {
  await page.goto(`${collector.dashboard}/runs/${runId}`)
  await page.getByRole('heading', { name: /^Completed/ }).waitFor()
  await page.getByRole('img', { name: '5 messages emitted, 5 written, 5 confirmed, 0 lost' }).waitFor()
  expect(await page.getByText('shown to user').count()).toBe(5)
  await page.getByRole('button', { name: 'agent_completed', exact: true }).click()
  await page.getByRole('heading', { name: '5 · agent_completed' }).waitFor()
  await page.getByText('received', { exact: true }).waitFor()
}

/** Runs in the page. Acks cannot leave over the socket, so that only a receipt can bring them. */
function askWithoutAcks(module: string, url: string, token: string): string {
  return `(async () => {
    const send = WebSocket.prototype.send
    WebSocket.prototype.send = function (data) {
      if (!data.startsWith('{"type":"ack"')) send.call(this, data)
    }
    const { connect } = await import('data:text/javascript;base64,${module}')
    const client = connect({
      url: '${url}',
      token: () => '${token}',
      onFrame({ type, run_id }) {
        if (type === 'connection_established')
          client.send({ type: 'start_agent', payload: { user_request: 'What is 6 times 7?' } })
        // Three frames on, it has been painted and counted.
        if (type === 'agent_completed') inFrames(3, () => (document.body.dataset.ended = run_id))
      },
    })
    function inFrames(count, call) {
      requestAnimationFrame(() => (count === 1 ? call() : inFrames(count - 1, call)))
    }
  })()`
}
