/** The log of a run, narrowed by words and by level: what fits, and how it is done in the page. */
import { describe, expect, test } from 'vitest'
import type { LogView } from '../../contract/runs.ts'
import { filterLogs } from '../../web/model/filter-logs.ts'
import { noBrowser } from '../kit/browser.ts'
import { useDashboard } from './kit/dashboard.ts'
import { findViolations } from './kit/find-violations.ts'

const log = (severity: string, body: string, attributes: LogView['attributes'] = {}): LogView => ({
  at: '2026-11-22T03:00:00.000Z',
  severity,
  event: null,
  body,
  spanId: null,
  attributes,
})
const LOGS = [
  log('INFO', 'run accepted'),
  log('DEBUG2', 'asking for orders'),
  log('Warning', 'orders did not answer', { attempt: 3 }),
  log('ERROR', 'gave up on orders', { 'error.type': 'Timeout' }),
  log('', 'said without a level'),
]

// oxfmt-ignore
test.each([
  // text                level     lines
  ['',                   null,     null],
  ['  ',                 null,     null],
  ['orders',             null,     [1, 2, 3]],
  ['ORDERS answer',      null,     [2]],
  ['timeout',            null,     [3]],
  ['attempt',            null,     [2]],
  ['',                   'trace',  [0, 1, 2, 3]],
  ['',                   'info',   [0, 2, 3]],
  ['',                   'warn',   [2, 3]],
  ['gave',               'error',  [3]],
  ['gave',               'fatal',  []],
] as const)('“%s” from %s on', (text, level, lines) => {
  expect(filterLogs(LOGS, { text, level })).toEqual(lines)
})

describe.skipIf(noBrowser !== null)('the logs of a run page', () => {
  const dashboard = useDashboard()

  test('are narrowed with / and a level, chosen by their place in the whole, and whole again', async () => {
    const page = await dashboard.open('/runs/run_stalled')
    const lines = page.locator('.log')
    await lines.first().waitFor()
    const all = await lines.allTextContents()
    await page.keyboard.press('/')
    const field = page.getByRole('textbox', { name: 'Lines that say' })
    await field.waitFor()
    // What is typed in it is no key.
    await page.keyboard.type('no free')
    await page.getByText(`1 line of ${all.length}`).waitFor()
    expect(await findViolations(page)).toEqual([])
    const place = all.findIndex((line) => line.includes('no free'))
    await lines.locator('.log-text').click()
    await page.waitForURL(`**log=${place}**`)
    await expect.poll(() => lines.count()).toBe(1)
    await field.fill('')
    await page.getByRole('combobox', { name: 'Level' }).selectOption('warn')
    await page.getByText(/^\d+ lines? of \d+$/).waitFor()
    const levels = await page.locator('.log .severity').allTextContents()
    expect(levels.filter((level) => !/warn|error|fatal/.test(level))).toEqual([])
    await field.press('Escape')
    await field.waitFor({ state: 'detached' })
    await expect.poll(() => lines.count()).toBe(all.length)
  })
})
