/** The list of kept runs in a real browser, before the real server and its tables: of any length, in any order, in hand. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { hours } from '../../contract/units.ts'
import { extendRows, selectBetween, toggleRow } from '../../web/model/row-selection.ts'
import { rowsAround, windowOf } from '../../web/model/row-window.ts'
import { madeHistory } from '../kit/made-history.ts'
import { noBrowser } from '../kit/browser.ts'
import { findViolations } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'

// oxfmt-ignore
test.each([
  // px above   height   count    first and end
  [   -200,      900,    10_000,  [     0,     33 ]],
  [      0,      900,    10_000,  [     0,     45 ]],
  [  1_000,      900,    10_000,  [    24,     75 ]],
  [999_999,      900,       100,  [   100,    100 ]],
  [      0,      900,         3,  [     0,      3 ]],
] as const)('%d px above a screen of %d px, of %d rows', (above, height, count, [first, end]) => {
  expect(windowOf(above, height, 28, count)).toEqual({ first, end })
})

test('the row with the focus stays, and those a key leads to', () => {
  expect(rowsAround({ first: 10, end: 13 }, -1, 50)).toEqual([10, 11, 12])
  expect(rowsAround({ first: 10, end: 13 }, 0, 50)).toEqual([0, 1, 10, 11, 12])
  expect(rowsAround({ first: 10, end: 13 }, 49, 50)).toEqual([10, 11, 12, 48, 49])
  expect(rowsAround({ first: 10, end: 13 }, 12, 50)).toEqual([10, 11, 12, 13])
})

test('picking rows: one, the next ones and back again, and all between two', () => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const told = (selected: ReadonlySet<string>) => [...selected].toSorted().join('')
  const one = toggleRow(new Set(), 'b')
  const two = extendRows(one, 'b', 'c')
  expect([one, two, extendRows(two, 'c', 'd'), extendRows(two, 'c', 'b'), toggleRow(two, 'b')].map(told)).toEqual([
    'b',
    'bc',
    'bcd',
    'b',
    'c',
  ])
  expect(told(selectBetween(one, ids, 'e', 'c'))).toBe('bcde')
  expect(told(selectBetween(one, ids, 'gone', 'c'))).toBe('bc')
})

describe.skipIf(noBrowser !== null)('the list of kept runs', () => {
  const dashboard = useKeptDashboard(true)
  const RUNS = 620
  const made = [...madeHistory({ runs: RUNS, from: now() - hours(24), to: now(), seed: 7 })].map(({ run }) => run.row)
  const newestFirst = made.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).map(({ id }) => id)

  async function open(path: string, options?: Parameters<typeof dashboard.open>[1]): Promise<Page> {
    const page = await dashboard.open('/settings/keys', options)
    dashboard.keep({ runs: RUNS, from: now() - hours(24), to: now(), seed: 7 })
    await page.goto(dashboard.serve().address + path)
    await page.locator('.run-grid [data-row]').nth(5).waitFor()
    return page
  }
  const shown = (page: Page) =>
    page.locator('.run-grid [data-row]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row')))
  const onScreen = (page: Page) =>
    page.evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>('.run-grid .rows > .row')]
          .filter((row) => row.getBoundingClientRect().top >= 150)
          .map((row) => [
            row.querySelector<HTMLElement>('[data-row]')?.dataset['row'],
            Math.round(row.getBoundingClientRect().top),
          ])[0],
    )

  test('hundreds of rows are a few in the document, scrolled, walked, left for a run and found again as they were', async () => {
    const page = await open('/runs')
    const grid = page.getByRole('table', { name: 'Runs' })
    expect(await grid.getAttribute('aria-rowcount')).toBe('-1')
    for (const at of [300, 550, RUNS]) {
      await page.getByRole('button', { name: 'Load more runs' }).click()
      await page.locator('.count', { hasText: String(at) }).waitFor()
    }
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(RUNS + 1))
    const height = await page.locator('.run-grid .rows').evaluate((rows) => rows.clientHeight)

    await page.evaluate(() => scrollTo(0, 0))
    // The focus stays where it is while the page scrolls away under it, and the next key goes on from there.
    await page.locator(`[data-row="${newestFirst[0]}"]`).focus()
    await page.keyboard.press('x')
    await page.keyboard.press('j')
    await page.evaluate(() => scrollTo(0, 4_300))
    await page.locator(`[data-row="${newestFirst[149]}"]`).waitFor()
    const rows = await shown(page)
    expect(rows.length).toBeLessThanOrEqual(80)
    expect(rows.slice(0, 3)).toEqual(newestFirst.slice(0, 3))
    expect(rows.slice(3)).toEqual(newestFirst.slice(newestFirst.indexOf(rows[3] ?? '')).slice(0, rows.length - 3))
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe(newestFirst[1])

    // To a run and back: the same row at the same height, with the focus and what was picked.
    const opened = newestFirst[150] ?? ''
    await page.locator(`[data-row="${opened}"]`).focus()
    const before = await onScreen(page)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/runs/${opened}`)
    await page.getByText(`151 of ${RUNS}`).waitFor()
    await page.goBack()
    await page.locator(`[data-row="${opened}"]`).waitFor()
    await expect.poll(() => onScreen(page)).toEqual(before)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe(opened)
    expect(await page.locator('.picked').textContent()).toContain('1 run selected')
    expect(await page.locator('.run-grid .rows').evaluate((each) => each.clientHeight)).toBe(height)
    expect(await page.locator(`.row:has([data-row="${opened}"])`).getAttribute('aria-rowindex')).toBe('152')

    // Whoever comes anew begins with the newest.
    await page.getByRole('link', { name: /^Live/ }).first().click()
    await page.waitForURL('**/live')
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Runs/ }).click()
    await page.locator(`[data-row="${newestFirst[0]}"]`).waitFor()
    expect(await page.evaluate(() => scrollY)).toBe(0)
    expect(await page.locator('.picked').count()).toBe(0)
  })

  test('columns sort, there and back, in the address; the server does it', async () => {
    const page = await open('/runs')
    const head = (name: string) => page.getByRole('columnheader', { name })
    const sort = (name: string) => head(name).getByRole('button').click()
    expect(await head('Started').getAttribute('aria-sort')).toBe('descending')
    await sort('Took')
    await page.waitForURL('**/runs?sort=duration')
    const took = ({ startedAt, endedAt }: (typeof made)[number]) =>
      endedAt === null ? 1e15 - Date.parse(startedAt) : Date.parse(endedAt) - Date.parse(startedAt)
    const longest = made.toSorted((a, b) => took(b) - took(a)).map(({ id }) => id)
    await expect.poll(async () => (await shown(page)).slice(0, 5)).toEqual(longest.slice(0, 5))
    await sort('Took')
    await page.waitForURL('**/runs?sort=duration&order=asc')
    expect(await head('Took').getAttribute('aria-sort')).toBe('ascending')
    await expect.poll(async () => (await shown(page)).slice(0, 5)).toEqual(longest.toReversed().slice(0, 5))
    await sort('Agent')
    await page.waitForURL('**/runs?sort=agent')
    const agents = () => page.locator('.rows .cell-who').allTextContents()
    await expect.poll(async () => (await agents()).every((says) => says.startsWith('billing'))).toBe(true)
    await page.getByRole('button', { name: 'Load more runs' }).click()
    await page.locator('.count', { hasText: '300' }).waitFor()
    await page.keyboard.press('End')
    await expect.poll(async () => (await agents()).at(-1)).toContain('support')
  })

  test('rows are picked by key and by hand, and copied together', async () => {
    const page = await open('/runs', { permissions: ['clipboard-read', 'clipboard-write'] })
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    const copies = async (keys: string, says: string) => {
      for (const key of keys.split(' ')) await page.keyboard.press(key)
      await page.getByRole('status').getByText(says, { exact: true }).waitFor()
      return clipboard()
    }
    for (const key of ['j', 'x', 'Shift+J', 'Shift+J', 'Shift+K']) await page.keyboard.press(key)
    const [first, second, third, fourth, fifth] = newestFirst
    const picked = page.locator('.picked')
    expect(await picked.textContent()).toContain('2 runs selected')
    expect(await copies('c i', 'Run ids copied')).toBe(`${first}\n${second}\n`)
    await page.getByRole('checkbox', { name: `Select run ${third}` }).click()
    await page.getByRole('checkbox', { name: `Select run ${fifth}` }).click({ modifiers: ['Shift'] })
    expect(await picked.textContent()).toContain('5 runs selected')
    const origin = dashboard.serve().address
    const all = [first, second, third, fourth, fifth]
    expect(await copies('c l', 'Links copied')).toBe(all.map((id) => `${origin}/runs/${id}\n`).join(''))
    expect(await copies('c m', 'Markdown list copied')).toMatch(/^(- \[\S+\]\(\S+\) — .*\n){5}$/)
    expect((JSON.parse(await copies('c j', 'JSON copied')) as { id: string }[]).map(({ id }) => id)).toEqual(all)
    expect(await findViolations(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await picked.count()).toBe(0)
  })

  test.each([
    [1440, 'light'],
    [900, 'dark'],
    [390, 'light'],
    [320, 'dark'],
  ] as const)('at %d px, %s, it has no accessibility violations and fits', async (width, colorScheme) => {
    const page = await open('/runs', { colorScheme, viewport: { width, height: 800 }, hasTouch: width < 500 })
    expect(await findViolations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    const cut = await page
      .locator('.rows > .row')
      .first()
      .evaluate((row) => row.scrollHeight - row.clientHeight)
    expect(cut).toBeLessThanOrEqual(0)
  })
})
