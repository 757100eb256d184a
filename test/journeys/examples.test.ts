/**
 * The examples as a newcomer runs them: an agent behind a server that is not ours, a real page in a real Chromium, and
 * a collector whose own page must say that the answer was received and shown. And the last word of a page that closes.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
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

  test.each(['ws', 'socket.io'])(
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
        // Finished spans come in requests of their own, perhaps later than what became of the messages.
        ({ status, deliveries, spans }) =>
          status === 'completed' &&
          spans.some(({ name }) => name === 'execute_tool reverse') &&
          deliveries.every(({ states }) => states.some(({ state }) => state === 'handled')),
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
