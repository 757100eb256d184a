/** Settings in a real browser: what is chosen there holds on every page, and after a reload. */
import { describe, expect, test } from 'vitest'
import { noBrowser } from '../kit/browser.ts'
import { STALLED, useDashboard } from './kit/dashboard.ts'

describe.skipIf(noBrowser !== null)('what a reader chooses', () => {
  const dashboard = useDashboard()

  test('u says times in UTC and back, on every page; the bar says in which zone they are', async () => {
    const page = await dashboard.open(`/runs/${STALLED.id}`, { timezoneId: 'Asia/Tokyo' })
    const bar = page.locator('.top .zone')
    const fact = page.locator('.headline li').filter({ hasText: /since \d\d:\d\d/ })
    expect(await bar.textContent()).toBe('GMT+9')
    const local = await fact.textContent()
    await page.keyboard.press('u')
    await bar.filter({ hasText: 'UTC' }).waitFor()
    const utc = await fact.textContent()
    expect((hourOf(local) - hourOf(utc) + 24) % 24).toBe(9)
    await page.reload()
    await bar.filter({ hasText: 'UTC' }).waitFor()
    expect(await fact.textContent()).toBe(utc)
    await page.goto(`${dashboard.collector().url}/settings/appearance`)
    await page.getByRole('radio', { name: 'Your own' }).check()
    await bar.filter({ hasText: 'GMT+9' }).waitFor()
    await bar.click()
    expect(await page.getByRole('radio', { name: 'UTC' }).isChecked()).toBe(true)
  })

  test('another key for pause, one that is taken refused in words, and none at all', async () => {
    const page = await dashboard.open('/settings/keys')
    const pause = page.getByLabel(/^Pause or resume/)
    const pill = page.locator('#connection')
    await pill.filter({ hasText: /^Live$/ }).waitFor()
    await pause.fill('y')
    await pause.press('Enter')
    await page.getByRole('alert').getByText('y is taken: Copy a link to this page as it is now.').waitFor()
    await pause.fill('z')
    await pause.press('Enter')
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await pause.blur()
    await page.keyboard.press('p')
    await page.keyboard.press('z')
    await pill.filter({ hasText: 'Paused at' }).waitFor()
    await page.keyboard.press('z')
    await pill.filter({ hasText: /^Live$/ }).waitFor()

    await page.reload()
    expect(await pause.inputValue()).toBe('z')
    expect(await page.locator('.top kbd').first().textContent()).toBe('z')
    await page.getByLabel('Keys of one character do something').uncheck()
    // What is held together types nothing, and stays.
    expect(await page.locator('.top kbd').allTextContents()).toEqual(['Ctrl K'])
    // Not even while nothing has the focus; the keys with names go on.
    await page.locator('h1').click()
    await page.keyboard.press('z')
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.keyboard.press('?')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/settings/keys')
    expect(await pill.textContent()).not.toContain('Paused')

    await page.getByLabel('Keys of one character do something').check()
    await page.getByRole('button', { name: 'Usual keys' }).click()
    await page.locator('h1').click()
    await page.keyboard.press('p')
    await pill.filter({ hasText: 'Paused at' }).waitFor()
  })

  test('a line of code leads to the repository and the editor, at the version that ran; a script is refused', async () => {
    const page = await dashboard.open('/settings/code')
    const repository = page.getByLabel('Repository')
    await repository.fill('javascript:alert("{path}")')
    await repository.press('Enter')
    await page.getByText('javascript: is no place to read code.').waitFor()
    await page.goto(`${dashboard.collector().url}/runs/${STALLED.id}`)
    const code = page.locator('.headline .code-at')
    await code.waitFor()
    expect(await code.locator('a').count()).toBe(0)

    await page.goto(`${dashboard.collector().url}/settings/code`)
    await repository.fill('https://git.example/agent/blob/v{version}/{path}#L{line}')
    await repository.press('Enter')
    await page.getByLabel('Editor').fill('vscode://file/home/me/{path}:{line}')
    await page.getByLabel('Editor').press('Enter')
    await page.getByText('vscode://file/home/me/app/src/tools/search-orders.ts:88').waitFor()
    await page.goto(`${dashboard.collector().url}/runs/${STALLED.id}`)
    const { file, line } = STALLED.verdict.step?.code ?? { file: '', line: 0 }
    expect(await code.locator('a').first().getAttribute('href')).toBe(
      `https://git.example/agent/blob/v${STALLED.version}/${file}#L${line}`,
    )
    expect(await code.getByLabel('Open in the editor').getAttribute('href')).toBe(
      `vscode://file/home/me/${file}:${line}`,
    )
  })

  test('compact rows are lower, also after a reload', async () => {
    const page = await dashboard.open('/settings/appearance')
    await page.getByLabel('Compact').check()
    await page.goto(`${dashboard.collector().url}/live`)
    const row = page.locator('#attention a.row').first()
    await row.waitFor()
    expect((await row.boundingBox())?.height).toBe(24)
  })
})

/** The hour of a sentence's first time of day. */
function hourOf(text: string | null): number {
  return Number(/(\d\d):\d\d/.exec(text ?? '')?.[1])
}
