/**
 * An investigation in real browsers before a real collector: begun from an incident that real traffic made, written by two
 * people at once, through a collector that is killed, and carried away.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { EditRequest, Investigation } from '../../contract/investigations.ts'
import type { RunDetail } from '../../contract/runs.ts'
import { noBrowser } from '../kit/browser.ts'
import { waitForRun } from '../kit/laststep-api.ts'
import { startCollectorProgram, temporaryFolder, type CollectorProgram } from '../kit/programs.ts'
import { waitUntil } from '../kit/wait-until.ts'
import { findViolations } from './kit/find-violations.ts'
import { sendRun, SPAN, TRACE } from './kit/send-run.ts'
import { serveBuilt, usePages } from './kit/use-pages.ts'

const DATA = temporaryFolder('investigation-page')
const CONTRACT = ['--contract', join(import.meta.dirname, '../journeys/quick.yaml')]

/** What an attacker writes wherever he may write. */
const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> [x](javascript:alert(1)) ![p](https://evil.example/p.png) \u202Eevil`

describe.skipIf(noBrowser !== null)('an investigation', () => {
  let collector: CollectorProgram
  let run: RunDetail
  const pages = usePages(
    async () => {},
    (page) => serveBuilt(page, pages.webDir()),
  )

  beforeAll(async () => {
    collector = await startCollectorProgram(DATA, CONTRACT)
    await sendRun(collector.otlpHttp, { now: systemClock.now() })
    run = await waitForRun(
      collector.dashboard,
      TRACE,
      ({ status, fingerprint }) => status === 'stalled' && fingerprint !== null,
    )
  }, 60_000)
  afterAll(() => collector?.stop())

  const open = (path: string, options?: BrowserContextOptions) => pages.open(collector.dashboard + path, options)

  /** A sheet about the incident, and its page; begun through the API, so that each test has one of its own. */
  async function openNew(
    options?: BrowserContextOptions,
  ): Promise<{ page: Page; sheet: Investigation; again: () => Promise<Page> }> {
    const sheet = await post<Investigation>('/api/investigations', { incident: run.fingerprint ?? '' })
    const path = `/investigations/${sheet.id}`
    return { page: await ready(await open(path, options)), sheet, again: async () => ready(await open(path, options)) }
  }

  async function post<T>(path: string, body: unknown): Promise<T> {
    const answer = await fetch(collector.dashboard + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }

  const read = async (id: string) =>
    (await (await fetch(`${collector.dashboard}/api/investigations/${id}`)).json()) as Investigation

  test('is begun from an incident, goes on why by why, and says what it knows of itself', async () => {
    const page = await open('/investigations')
    await page.getByText('Nothing has been investigated yet').waitFor()
    await page.goto(`${collector.dashboard}/investigations/new?incident=${run.fingerprint}`)
    // Going back must not begin another.
    await page.waitForURL('**/investigations/INV-1')
    await page.getByText('drafted by Laststep').first().waitFor()
    const drafts = await page.locator('.why').count()
    expect(drafts).toBeGreaterThan(2)

    // The keyboard alone: the next why, its answer.
    await page.locator('.whys + p').getByRole('button', { name: 'Why' }).press('Enter')
    await page.waitForFunction(() => document.activeElement?.closest('.why') !== null)
    const added = await page.evaluate(() =>
      [...document.querySelectorAll('.why')].findIndex((why) => why.contains(document.activeElement)),
    )
    const last = page.locator('.why').nth(added)
    await page.keyboard.type('Why did nobody notice?')
    await page.keyboard.press('Enter')
    await last.getByRole('textbox', { name: /^Answer/ }).fill('There is **no** timeout.')
    // What has no evidence cannot be supported, and the page says why.
    const supported = last.getByRole('radio', { name: 'supported' })
    expect(await supported.isDisabled()).toBe(true)
    await last.getByText('supported needs evidence').waitFor()
    await last.getByRole('combobox', { name: /^Attach evidence/ }).selectOption('E1')
    await last.getByRole('button', { name: 'Evidence E1' }).waitFor()
    // The answer gives up the room it was written in only once what is below it was pressed.
    await last.getByRole('textbox', { name: /^Answer/ }).focus()
    await supported.check()
    await last.locator('.prose strong').getByText('no').waitFor()
    await page.waitForFunction(() => document.querySelector('[data-saving=saved]')?.textContent?.startsWith('saved'))

    const sheet = await read('INV-1')
    expect(sheet.answers.find(({ question }) => question === 'Why did nobody notice?')).toMatchObject({
      text: 'There is **no** timeout.',
      state: 'supported',
      evidence: ['E1'],
      isDraft: false,
    })

    // A chip shows what was frozen, and the focus comes back to it.
    const chip = last.getByRole('button', { name: 'Evidence E1' })
    await chip.press('Enter')
    const popover = page.getByRole('dialog', { name: 'Evidence E1' })
    await popover.getByText('tool › ship_order').first().waitFor()
    await page.keyboard.press('Escape')
    await popover.waitFor({ state: 'detached' })
    expect(await chip.evaluate((element) => element === document.activeElement)).toBe(true)

    // The history has every step, and leads back to any.
    await page.getByRole('button', { name: 'History' }).click()
    await page.getByText('question: “Why did nobody notice?”').first().waitFor()
    await page.getByRole('button', { name: 'Restore revision 1', exact: true }).click()
    await page.waitForFunction((count) => document.querySelectorAll('.why').length === count, drafts)
    expect((await read('INV-1')).answers).toEqual((await fetchRev('INV-1', 1)).answers)

    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: /^Investigations/ }).click()
    await page.locator('[data-row="INV-1"]').waitFor()
  })

  const fetchRev = async (id: string, rev: number) =>
    (await (await fetch(`${collector.dashboard}/api/investigations/${id}?rev=${rev}`)).json()) as Investigation

  test('two write at once: what the other one does arrives, and nobody loses a word or his caret', async () => {
    const { page: ana, sheet, again } = await openNew()
    const ben = await again()
    await ben.getByRole('textbox', { name: 'Contributing factors' }).fill('the pool has ten connections')
    await ben.keyboard.press('Control+Enter')
    await ana.locator('.prose').getByText('the pool has ten connections').waitFor()

    // Ana is in the problem; Ben writes there.
    await ana.getByRole('button', { name: 'Edit Problem' }).click()
    const hers = ana.getByRole('textbox', { name: 'Problem' })
    await hers.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(2, 5))
    const before = await hers.inputValue()
    await ben.getByRole('button', { name: 'Edit Problem' }).click()
    await ben.getByRole('textbox', { name: 'Problem' }).fill('Ben says it is the pool')
    await ben.keyboard.press('Control+Enter')
    const clash = ana.locator('.clash')
    await clash.getByText('Ben says it is the pool').waitFor()
    expect(await hers.inputValue()).toBe(before)
    expect(await hers.evaluate((field: HTMLTextAreaElement) => [field.selectionStart, field.selectionEnd])).toEqual([
      2, 5,
    ])
    expect(await hers.evaluate((field) => field === document.activeElement)).toBe(true)

    // She writes on: hers stands, his is in sight and in the history.
    await hers.fill('Ana says it is the network')
    await ana.keyboard.press('Control+Enter')
    await ben.locator('.prose').getByText('Ana says it is the network').waitFor()
    expect(await findViolations(ana)).toEqual([])
    await clash.getByRole('button', { name: 'Take theirs' }).click()
    await ben.locator('.prose').getByText('Ben says it is the pool').waitFor()
    expect(await clash.count()).toBe(0)
    const history = await (await fetch(`${collector.dashboard}/api/investigations/${sheet.id}/history`)).text()
    expect(history).toContain('Ana says it is the network')
    expect((await read(sheet.id)).problem).toBe('Ben says it is the pool')
  })

  test('a collector that is killed loses nothing of what was written, sent or not, also through a reload', async () => {
    for (const like of ['WebSocket connection', 'Failed to load resource']) pages.expectFaults(like)
    const { page, sheet } = await openNew()
    await page.getByRole('textbox', { name: 'Contributing factors' }).fill('saved before')
    await page.keyboard.press('Control+Enter')
    await page.waitForFunction(() => document.querySelector('[data-saving=saved]')?.textContent?.startsWith('saved'))

    const port = new URL(collector.dashboard).port
    await collector.kill()
    await page.getByRole('textbox', { name: 'What limited the damage' }).fill('written while it was away')
    await page.keyboard.press('Control+Enter')
    await page.locator('[data-saving=retrying]').waitFor()
    await page.getByRole('button', { name: 'Edit Problem' }).click()
    await page.getByRole('textbox', { name: 'Problem' }).fill('half a sentence, and')
    collector = await startCollectorProgram(DATA, [...CONTRACT, '--http-port', port])
    await page.reload()
    await ready(page)
    await page.locator('.prose').getByText('written while it was away').waitFor()
    await page.locator('.prose').getByText('half a sentence, and').waitFor()
    await waitUntil(async () => expect((await read(sheet.id)).problem).toBe('half a sentence, and'))
    expect(await read(sheet.id)).toMatchObject({ contributing: 'saved before', limited: 'written while it was away' })

    // A tab that is closed meanwhile leaves it to the next.
    await collector.kill()
    await page.getByRole('button', { name: 'Edit Contributing factors' }).click()
    await page.getByRole('textbox', { name: 'Contributing factors' }).fill('written in a tab that was closed')
    const next = await page.context().newPage()
    await serveBuilt(next, pages.webDir())
    await page.close({ runBeforeUnload: true })
    collector = await startCollectorProgram(DATA, [...CONTRACT, '--http-port', port])
    await next.goto(`${collector.dashboard}/investigations/${sheet.id}`)
    await waitUntil(async () => expect((await read(sheet.id)).contributing).toBe('written in a tab that was closed'))
    // Nothing is kept of what is there.
    await next.waitForFunction(() =>
      [sessionStorage, localStorage].every((one) => Object.keys(one).every((key) => !key.includes('-sheet-'))),
    )
  })

  test('b adds what is at hand: a span, a log line, an incident, a chart, each with its link and its values', async () => {
    const { page, sheet } = await openNew()
    const first = sheet.evidence.length
    // oxfmt-ignore
    const wishes: readonly (readonly [string, string, string | null])[] = [
      // where                                          kind        what has the focus
      [`/runs/${run.id}?span=${SPAN.failed}`,           'span',     null],
      [`/runs/${run.id}?log=1`,                         'log',      null],
      [`/runs/${run.id}`,                               'run',      null],
      [`/stalls/${run.fingerprint}`,                    'incident', null],
      ['/trends',                                       'chart',    'figure button'],
    ]
    for (const [path, kind, focused] of wishes) {
      await page.goto(collector.dashboard + path)
      await page.locator('.coming').waitFor({ state: 'detached' })
      await page
        .locator(focused ?? 'h1:not(.sr)')
        .first()
        .waitFor()
      if (focused !== null) await page.locator(focused).first().focus()
      await page.keyboard.press('b')
      const dialog = page.getByRole('dialog', { name: 'Add to an investigation' })
      await dialog.getByRole('button', { name: new RegExp(`^${sheet.id} `) }).click()
      await page.getByText(`Added to ${sheet.id} as E`).waitFor()
      expect((await read(sheet.id)).evidence.at(-1)?.kind).toBe(kind)
    }
    const pinned = (await read(sheet.id)).evidence.slice(first)
    expect(pinned.map(({ kind, link }) => [kind, link])).toEqual([
      ['span', `/runs/${run.id}?span=${SPAN.failed}`],
      ['log', expect.stringMatching(/^\/runs\/.*log=1/)],
      // Tomorrow it shows what it shows now.
      ['run', expect.stringMatching(new RegExp(`^/runs/${run.id}\\?.*asof=`))],
      ['incident', `/stalls/${run.fingerprint}`],
      ['chart', expect.stringMatching(/^\/trends\?from=\d{4}-.*to=\d{4}-/)],
    ])
    expect(pinned[0]?.frozen).toEqual(expect.arrayContaining([{ name: 'status', value: 'error' }]))
    expect(pinned[1]?.frozen).toEqual(expect.arrayContaining([{ name: 'line', value: 'orders did not answer' }]))
    expect(pinned[3]?.frozen).toEqual(expect.arrayContaining([{ name: 'fingerprint', value: run.fingerprint }]))

    // By hand, and into a new one.
    await page.goto(`${collector.dashboard}/runs/${run.id}`)
    await page.locator('.run-bar').getByRole('button', { name: 'Copy as' }).click()
    await page.getByRole('menuitem', { name: /Add to an investigation/ }).click()
    await page.getByRole('button', { name: 'A new investigation' }).click()
    await page.waitForURL('**/investigations/INV-*')
    await ready(page)
    await page.keyboard.press('b')
    await page.getByText('There is nothing here to add').waitFor()
  })

  test('it is carried away: Markdown, JSON, an issue in the code’s repository, and paper', async () => {
    const { page, sheet } = await openNew({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('button', { name: 'Copy as Markdown' }).click()
    await page.getByText('Markdown copied').waitFor()
    const markdown = await page.evaluate(() => navigator.clipboard.readText())
    expect(markdown).toContain(`# ${sheet.id}: `)
    expect(markdown).toContain(`${collector.dashboard}/runs/${run.id}`)
    for (const format of ['md', 'json']) {
      const link = page.getByRole('link', { name: `.${format}`, exact: true })
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
      expect(download.suggestedFilename()).toBe(`${sheet.id}.${format}`)
      const text = readFileSync(await download.path(), 'utf8')
      if (format === 'md') expect(text).toBe(markdown)
      else expect((JSON.parse(text) as { investigation: { id: string } }).investigation.id).toBe(sheet.id)
    }

    expect(await page.getByRole('link', { name: /^Issue on/ }).count()).toBe(0)
    await page.evaluate(() =>
      localStorage.setItem(
        'laststep-code-links',
        JSON.stringify({
          repository: 'https://github.com/acme/agent/blob/v{version}/{path}#L{line}',
          editor: '',
          root: '',
        }),
      ),
    )
    await page.reload()
    await ready(page)
    const issue = await page.getByRole('link', { name: 'Issue on GitHub' }).getAttribute('href')
    expect(issue).toContain('https://github.com/acme/agent/issues/new?')

    // On paper everything is open and nothing asks to be pressed.
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    expect(await page.locator('.pinned dl').evaluateAll((lists) => lists.every((list) => list.checkVisibility()))).toBe(
      true,
    )
    expect(await page.locator('.pinned dl').count()).toBe(sheet.evidence.length)
    expect(await page.locator('.no-print:visible, nav:visible, header.top:visible').count()).toBe(0)
    const [ink, ground] = await page
      .locator('.sheet-page .prose')
      .first()
      .evaluate((text) => [getComputedStyle(text).color, getComputedStyle(document.body).backgroundColor])
    expect([ink, ground]).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
  })

  // oxfmt-ignore
  test.each([
    ['dark',   390,  844, 'none'],
    ['light',  320,  700, 'active'],
  ] as const)('hostile text is only text in every field, %s, %d px', async (colorScheme, width, height, forcedColors) => {
    const { page, sheet } = await openNew({ colorScheme, forcedColors, viewport: { width, height }, hasTouch: width < 500 })
    const request: EditRequest = {
      baseRev: 1,
      by: HOSTILE.slice(0, 80),
      key: `hostile-${width}`,
      edits: [
        { edit: 'set', field: 'title', value: HOSTILE.slice(0, 200) },
        ...(['problem', 'contributing', 'limited'] as const).map((field) => ({ edit: 'set' as const, field, value: HOSTILE })),
        { edit: 'add-answer', id: 'h1', parentId: null, order: 9, question: HOSTILE, text: HOSTILE },
        { edit: 'add-action', id: 'h2', text: HOSTILE, owner: HOSTILE.slice(0, 80), due: '2026-12-01' },
        { edit: 'add-note', id: 'h3', text: HOSTILE },
        {
          edit: 'add-evidence',
          answerId: 'h1',
          evidence: { kind: 'note', title: HOSTILE.slice(0, 200), link: null, at: null, frozen: [{ name: HOSTILE.slice(0, 100), value: HOSTILE }] },
        },
      ],
    }
    await post(`/api/investigations/${sheet.id}/edits`, request)
    await page.locator('.notes .prose').waitFor()
    await page.locator('.evidence-chip').last().click()
    await page.getByRole('dialog', { name: /^Evidence/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'History' }).click()
    await page.locator('.history li').nth(1).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.sheet-timeline').getByText('evil.example').first().waitFor()
    expect(await page.locator('main :is(img, script, iframe, [onerror])').count()).toBe(0)
    expect(await page.locator('main a[href^="javascript"]').count()).toBe(0)
    expect(await page.title()).not.toBe('owned')
    expect(await findViolations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await page.goto(`${collector.dashboard}/investigations`)
    await page.locator(`[data-row="${sheet.id}"]`).waitFor()
    expect(await findViolations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
})

async function ready(page: Page): Promise<Page> {
  await page.getByRole('heading', { name: 'Whys' }).waitFor()
  return page
}
