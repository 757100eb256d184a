/**
 * Acceptance of the way from a stall to its cause (ux/SPEC §4.15, number 9): the origin story, played by the reference
 * runtime, from what is alerted to an exported sheet that names the line of the swallowed KeyError; by keyboard alone.
 */
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageBody } from '../../../collector/notify/message.ts'
import type { RunDetail } from '../../../contract/runs.ts'
import { connectUser, fetchToken } from '../../../tools/user-client.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../collector/notify/kit/webhook-receiver.ts'
import { noBrowser } from '../../kit/browser.ts'
import { waitForRun } from '../../kit/laststep-api.ts'
import {
  startCollectorProgram,
  startRuntimeProgram,
  temporaryFolder,
  type CollectorProgram,
  type RuntimeProgram,
} from '../../kit/programs.ts'
import { waitUntil } from '../../kit/wait-until.ts'
import { serveBuilt, usePages } from '../kit/use-pages.ts'
import { pressChord } from '../kit/press-chord.ts'

const THROWN_AT = 'server/orchestrate/create-execution-orchestrator.ts'

describe.skipIf(noBrowser !== null)('the origin story', () => {
  let collector: CollectorProgram
  let runtime: RuntimeProgram
  let receiver: WebhookReceiver
  let run: RunDetail
  const pages = usePages(
    async () => {},
    (page) => serveBuilt(page, pages.webDir()),
  )

  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    const contract = ['--contract', join(import.meta.dirname, '../../journeys/quick.yaml')]
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const webhook = ['--webhook-url', receiver.url, '--webhook-secret', secret]
    collector = await startCollectorProgram(temporaryFolder('origin-story'), [...contract, ...webhook])
    runtime = await startRuntimeProgram(collector.otlpHttp, ['--pulse-ms', '500', '--environment', 'journeys'])
    const user = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, 'edsger') })
    await user.waitFor(({ type }) => type === 'connection_established')
    const runId = await user.ask('What is 1 + 1?', { fault: 'removed-singleton' })
    run = await waitForRun(collector.dashboard, runId, ({ status }) => status === 'stalled')
    await user.close()
  }, 120_000)
  afterAll(async () => {
    await runtime?.stop()
    await collector?.stop()
    await receiver?.stop()
  })

  test("from the alert's link to a sheet that names the line", async () => {
    await waitUntil(() => expect(receiver.received.length).toBeGreaterThan(0))
    const { type, data } = JSON.parse(receiver.received[0]?.body ?? '') as MessageBody
    expect(type).toBe('run.stalled')
    const page = await pages.open(data.link, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('heading', { name: /^Stalled/ }).waitFor()
    await tabTo(page, 'link', 'Investigate')
    await page.keyboard.press('Enter')
    await expectSheet(page)
  })

  // oxfmt-ignore
  test.each<[look: string, options: BrowserContextOptions]>([
    ['at 1440 px, with reduced motion', { reducedMotion: 'reduce' }],
    ['at 320 px',                       { viewport: { width: 320, height: 700 } }],
    ['with forced colours',             { forcedColors: 'active' }],
  ])('9. Live, Stalls, run, sheet and export by keyboard only, %s', async (_, options) => {
    const page = await pages.open(`${collector.dashboard}/live`, {
      ...options,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.locator('#in-flight').waitFor()
    await pressChord(page, 'g', 's', /\/stalls$/)
    await page.locator('[data-row]').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/stalls/${run.fingerprint}`)
    await tabTo(page, 'link', run.id.slice(0, 8))
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/runs/${run.id}**`)
    await page.getByRole('heading', { name: /^Stalled/ }).waitFor()
    await tabTo(page, 'link', /^STL-/)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/stalls/${run.fingerprint}`)
    await tabTo(page, 'link', /investigat/i, '#main a')
    await page.keyboard.press('Enter')
    await expectSheet(page)
  })

  /** Its chain names what was thrown and where, and goes out as Markdown. */
  async function expectSheet(page: Page): Promise<void> {
    await page.waitForURL('**/investigations/INV-*')
    await page.getByText('drafted by Laststep').first().waitFor()
    await tabTo(page, 'button', 'Copy as Markdown')
    await page.keyboard.press('Enter')
    await page.getByText('Markdown copied').waitFor()
    const markdown = await page.evaluate(() => navigator.clipboard.readText())
    const id = new URL(page.url()).pathname.split('/').at(-1)
    for (const wanted of [`# ${id}`, 'KeyError', `${THROWN_AT}:${run.step?.code?.line}`, `/runs/${run.id}`])
      expect(markdown).toContain(wanted)
  }
})

const TABS_MAX = 120

/** As somebody without a mouse comes there. @param among what counts, where several are called so */
async function tabTo(page: Page, role: 'link' | 'button', name: string | RegExp, among = '*'): Promise<void> {
  const wanted = page.getByRole(role, { name }).and(page.locator(among)).first()
  await wanted.waitFor()
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    await page.keyboard.press('Tab')
    if (await wanted.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`${TABS_MAX} times Tab do not lead to ${role} ${String(name)}`)
}
