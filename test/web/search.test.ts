/** Going to anything, and copying anything, in a real browser over the real server and the real tables. */
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { hours } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { madeHistory } from '../kit/made-history.ts'
import { findViolations, LOOKS } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'

const START = now()
const WISH = { runs: 40, from: START - hours(1), to: START, stallShare: 0.2 }
const MADE = [...madeHistory(WISH)].map(({ run }) => run)
const ONE = MADE.at(-1)
const ROW = ONE?.row
if (ONE === undefined || ROW === undefined) throw new Error('expected runs')
const STALLED = [...madeHistory(WISH)].find(({ stalls }) => stalls[0]?.kind === 'stands')?.stalls[0]
const FINGERPRINT = STALLED?.kind === 'stands' ? STALLED.stall.fingerprint : ''

describe.skipIf(noBrowser !== null)('search', () => {
  const dashboard = useKeptDashboard()

  async function open(path: string, options = {}): Promise<Page> {
    const page = await dashboard.open('/live', options)
    dashboard.keep(WISH)
    await page.goto(dashboard.serve().address + path)
    return page
  }
  const palette = (page: Page) => page.getByRole('dialog', { name: 'Search and do' })
  const field = (page: Page) => palette(page).getByRole('combobox')
  /** What Enter would do. */
  const chosen = (page: Page) => page.getByRole('option', { selected: true })

  // oxfmt-ignore
  test.each([
    ['a run id',           ROW.id,                                        `/runs/${ROW.id}`],
    ['a trace id',         ROW.traceId ?? '',                             `/runs/${ROW.id}`],
    ['a span id',          ONE.spanId ?? '',                              `/runs/${ROW.id}?span=${ONE.spanId}`],
    ['a message',          `${ROW.id}/7`,                                 `/runs/${ROW.id}?msg=7`],
    ['a user',             ROW.userId ?? '',                              `/runs?user=${ROW.userId}`],
    ['a session',          ROW.sessionId ?? '',                           `/runs?session=${ROW.sessionId}`],
    ['a label',            `STL-${FINGERPRINT.slice(0, 6).toUpperCase()}`, `/stalls/${FINGERPRINT}`],
  ])('%s leads to its page, from the address and from the palette', async (_what, id, path) => {
    const page = await open(`/go/${encodeURIComponent(id)}`)
    await page.waitForURL(`**${path}`)
    // Going back leads past the address that only pointed elsewhere.
    await page.goBack()
    await page.waitForURL('**/live')
    await page.locator('#in-flight').waitFor()
    await page.keyboard.press('Control+k')
    await field(page).fill(id)
    await palette(page).getByRole('group', { name: 'Found' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${path}`)
    expect(await palette(page).count()).toBe(0)
  })

  test('what nobody has is said, with what was looked through', async () => {
    const page = await open('/go/no/such%20thing')
    await page.getByRole('heading', { name: 'Nothing has the id “no/such thing”' }).waitFor()
    await page.getByText('Looked through every run that is kept, the oldest of').waitFor()
    await page.keyboard.press('Control+k')
    await field(page).fill('nosuchthing')
    await palette(page).getByText('has the id “nosuchthing”').waitFor()
  })

  test('several that have an id are listed, and each leads to its page', async () => {
    const page = await dashboard.open('/live')
    const [first, second] = MADE
    if (!first || !second) throw new Error('expected two runs')
    const twin = { ...second, row: { ...second.row, traceId: first.row.traceId } }
    dashboard.serve().kept.save([first, twin])
    for (const run of [first, twin]) dashboard.serve().store(run)
    await page.goto(`${dashboard.serve().address}/go/${first.row.traceId}`)
    await page.getByRole('heading', { name: 'is the id of 2' }).waitFor()
    expect(await findViolations(page)).toEqual([])
    await page.getByRole('link', { name: `in ${second.row.id}` }).click()
    await page.waitForURL(`**/runs/${second.row.id}`)
  })

  test('what is typed while the palette is on its way is typed into it, and does nothing to the page', async () => {
    const page = await open('/runs')
    const held = Promise.withResolvers<void>()
    await page.route('**/search-tools-*.js', async (route) => {
      await held.promise
      await route.continue()
    })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('paux')
    await page.keyboard.press('Backspace')
    held.resolve()
    await palette(page).waitFor()
    expect(await field(page).inputValue()).toBe('pau')
    await page.keyboard.type('se')
    await chosen(page).getByText('Pause or resume').waitFor()
    expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(0)
  })

  test('the palette offers what the keys do, by arrows and Enter, and gives the focus back', async () => {
    const page = await open('/runs')
    await page.getByLabel('Agent').focus()
    // From within a field, too.
    await page.keyboard.press('Control+k')
    await palette(page).waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox')
    const first = await chosen(page).textContent()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => chosen(page).textContent()).not.toBe(first)
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => chosen(page).textContent()).toBe(first)
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => chosen(page).textContent()).toContain('Theme')
    expect(await field(page).getAttribute('aria-activedescendant')).toBe(await chosen(page).getAttribute('id'))

    await page.keyboard.press('Escape')
    await expect.poll(() => palette(page).count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('agent')

    await page.keyboard.press('Control+k')
    await page.keyboard.type('pause')
    await chosen(page).getByText('Pause or resume').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    // The beginning of an id is nobody's, and not said to be while there is what begins with it.
    const seen = MADE[0]?.row.id ?? ''
    const begun = seen.slice(0, -1)
    await page.goto(`${dashboard.serve().address}/runs/${seen}`)
    await page.locator('.run-id', { hasText: seen }).waitFor()
    const answered = page.waitForResponse((response) => response.url().includes(`/api/go/${begun}`))
    await page.keyboard.press('Control+k')
    await palette(page).waitFor()
    await page.keyboard.type(begun)
    await answered
    await palette(page).getByRole('group', { name: 'Elsewhere' }).waitFor()
    expect(await chosen(page).textContent()).toContain(seen)
    expect(await palette(page).getByRole('status').textContent()).toBe('')
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+k')
    await page.keyboard.type('theme dark')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('go tren')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/trends')
  })

  test('keys and menus copy the row, the run and the span at hand, each in its forms', async () => {
    const page = await open('/runs', { permissions: ['clipboard-read', 'clipboard-write'] })
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    const press = async (keys: string, says: string) => {
      for (const key of keys.split(' ')) await page.keyboard.press(key)
      await page.getByRole('status').getByText(says, { exact: true }).waitFor()
    }
    const first = MADE[0]?.row
    if (first === undefined) throw new Error('expected a run')
    const origin = dashboard.serve().address
    await page.locator('.rows > .row').nth(1).waitFor()
    await press('c i', 'There is nothing here to copy like that')
    await page.keyboard.press('j')
    await press('c i', 'Run id copied')
    expect(await clipboard()).toBe(first.id)
    await press('c l', 'Link copied')
    expect(await clipboard()).toBe(`${origin}/runs/${first.id}`)
    await press('c m', 'Markdown copied')
    expect(await clipboard()).toMatch(new RegExp(`^- \\[${first.id}\\]\\(${origin}/runs/${first.id}\\) — `))
    await press('c j', 'JSON copied')
    expect(JSON.parse(await clipboard())).toEqual(first)

    // The menu of another row, by hand; it stays while the list goes on, and its forms are walked with the arrows.
    const second = page.locator('.rows > .row').nth(1)
    await second.hover()
    await second.getByRole('button', { name: /^Copy run/ }).click()
    const menu = page.getByRole('menu')
    await menu.waitFor()
    expect(await findViolations(page)).toEqual([])
    // Behind the forms it is added to an investigation.
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('curl command copied').waitFor()
    expect(await clipboard()).toBe(
      `curl '${origin}/api/runs/${await second.locator('[data-row]').getAttribute('data-row')}'`,
    )
    expect(await menu.count()).toBe(0)

    await page.goto(`${origin}/runs?since=now-1h`)
    await page.locator('.rows > .row').first().waitFor()
    await press('y', 'Link copied')
    expect(await clipboard()).toMatch(/since=2\d{3}-.*&until=2\d{3}-/)
    expect(page.url()).toContain('since=now-1h')
  })

  test('runs that were looked at are offered again, also in another tab', async () => {
    const page = await open(`/runs/${ROW.id}`)
    await page.locator('.headline').waitFor()
    const other = await page.context().newPage()
    await other.goto(`${dashboard.serve().address}/live`)
    await other.getByRole('button', { name: 'Search' }).click()
    await palette(other).getByRole('group', { name: 'Seen last' }).getByText(ROW.id).click()
    await other.waitForURL(`**/runs/${ROW.id}`)
  })

  test('what searches comes when somebody searches, and not before', async () => {
    const page = await open('/live')
    const scripts = () =>
      page.evaluate(
        () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('search-tools')).length,
      )
    await page.locator('#in-flight').waitFor()
    expect(await scripts()).toBe(0)
    await page.getByRole('button', { name: 'Search' }).click()
    await palette(page).waitFor()
    expect(await scripts()).toBe(1)
  })

  test.each(LOOKS)('the palette has no accessibility violations, %s, %d px', async (colorScheme, width, height) => {
    const page = await open(`/runs/${ROW.id}`, { colorScheme, viewport: { width, height }, hasTouch: width < 500 })
    await page.locator('.headline').waitFor()
    await page.getByRole('button', { name: 'Search' }).click()
    await palette(page).waitFor()
    expect(await findViolations(page)).toEqual([])
    await field(page).fill(ROW.id)
    await palette(page).getByRole('group', { name: 'Found' }).waitFor()
    expect(await findViolations(page)).toEqual([])
    const box = await palette(page).boundingBox()
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= width).toBe(true)
    await palette(page).getByRole('button', { name: 'Close' }).click()
    await expect.poll(() => palette(page).count()).toBe(0)
  })
})
