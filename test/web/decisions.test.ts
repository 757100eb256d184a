/** Deciding about incidents in a real browser, over the real server, desk and tables. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { Incident } from '../../contract/stalls.ts'
import { hours } from '../../contract/units.ts'
import { noBrowser } from '../kit/browser.ts'
import { findViolations } from './kit/find-violations.ts'
import { now, useKeptDashboard } from './kit/kept-dashboard.ts'

describe.skipIf(noBrowser !== null)('deciding about stalls', () => {
  const dashboard = useKeptDashboard()
  const START = now()
  const DAY = { runs: 500, from: START - hours(30), to: START, versionMs: hours(20), stallShare: 0.05 }

  const most = (): Incident => {
    const [first] = dashboard.serve().kept.store.incidents({ sort: 'stalls', limit: 1, now: now() }).incidents
    if (first === undefined) throw new Error('expected incidents')
    return first
  }
  const label = ({ fingerprint }: Incident) => `STL-${fingerprint.slice(0, 6).toUpperCase()}`
  const row = (page: Page, { fingerprint }: Incident) =>
    page.locator('.incidents > li', { has: page.locator(`[data-row="${fingerprint}"]`) })

  test('by keyboard, on the list: e acknowledges the row in focus, m asks until when, and who did it is kept', async () => {
    const page = await dashboard.open('/stalls?sort=stalls')
    dashboard.keep(DAY)
    const incident = most()
    await row(page, incident).waitFor()
    await page.keyboard.press('e')
    await page.getByText('Go to a row first').waitFor()

    await page.keyboard.press('j')
    await page.keyboard.press('e')
    await row(page, incident).getByText('acknowledged', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Acknowledged 1' }).waitFor()

    await page.keyboard.press('m')
    const sheet = page.getByRole('dialog', { name: `Mute ${label(incident)}` })
    await sheet.getByRole('radio', { name: 'so many stalls more' }).check()
    await sheet.getByRole('spinbutton', { name: 'How many stalls more' }).fill('5')
    await sheet.getByRole('textbox', { name: 'Why' }).fill('known')
    await sheet.getByRole('textbox', { name: 'Your name' }).fill('ana')
    await page.keyboard.press('Enter')
    await sheet.waitFor({ state: 'hidden' })
    await row(page, incident).getByText('muted', { exact: true }).waitFor()
    expect(most().life).toMatchObject({ state: 'muted', by: 'ana', mutedUntil: { kind: 'stalls', more: 5 } })

    await page.getByRole('button', { name: 'Muted 1' }).click()
    await page.waitForURL(/state=muted/)
    await expect.poll(() => page.locator('[data-row]').count()).toBe(1)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/stalls/${incident.fingerprint}`)
    await page.getByText('until 5 more stalls by ana').waitFor()
    await page.getByText('known').waitFor()
    // The name is asked once.
    await page.keyboard.press('e')
    await page.locator('.stall-life', { hasText: 'acknowledged by ana' }).waitFor()
    expect(most().life).toMatchObject({ state: 'acknowledged', by: 'ana' })
    await page.goto(`${dashboard.serve().address}/settings/appearance`)
    expect(await page.getByRole('textbox', { name: 'Your name' }).inputValue()).toBe('ana')
  })

  test('on its page: resolved in a version, reopened, assigned; what cannot be is said, and the history tells each', async () => {
    const page = await dashboard.open('/stalls')
    dashboard.keep(DAY)
    const incident = most()
    await page.goto(`${dashboard.serve().address}/stalls/${incident.fingerprint}`)
    const state = page.getByRole('region', { name: 'State' })
    await state.getByRole('button', { name: 'Resolve…' }).click()
    await page.getByRole('textbox', { name: 'Your name' }).fill('ben')
    await page.getByRole('combobox', { name: 'In version' }).fill('2.0.0')
    await page.getByRole('button', { name: 'Resolve', exact: true }).click()
    await state.getByText('in 2.0.0 by ben').waitFor()
    expect(await page.title()).toContain(incident.fingerprint)
    // What cannot be done says so, and what to do.
    dashboard.expectFaults('400')
    await page.keyboard.press('e')
    await page.getByRole('alert').getByText('it is resolved: reopen it first').waitFor()
    await state.getByRole('button', { name: 'Reopen' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await state.getByText('open', { exact: true }).waitFor()
    await state.getByRole('button', { name: 'Assign…' }).click()
    expect(await page.getByRole('textbox', { name: 'To' }).inputValue()).toBe('ben')
    await page.getByRole('button', { name: 'Assign', exact: true }).click()
    await state.getByText('assigned to ben').waitFor()
    await page.locator('.stall-history > li').nth(2).waitFor()
    expect(await page.locator('.stall-history > li span:not(.hint)').allTextContents()).toEqual([
      'ben assigned nobody → ben',
      'ben reopened resolved in 2.0.0 → open',
      'ben resolved open → resolved in 2.0.0',
    ])
    const investigation = state.getByRole('link', { name: 'Start investigation' })
    expect(await investigation.getAttribute('href')).toBe(`/investigations/new?incident=${incident.fingerprint}`)
  })

  test('what belongs together is merged, what does not is split off, and both are undone where they are shown', async () => {
    const page = await dashboard.open('/stalls')
    dashboard.keep(DAY)
    const [incident, other] = dashboard.serve().kept.store.incidents({ sort: 'stalls', limit: 2, now: now() }).incidents
    if (incident === undefined || other === undefined) throw new Error('expected two incidents')
    await page.goto(`${dashboard.serve().address}/stalls/${other.fingerprint}`)
    const merge = page.getByRole('button', { name: 'Merge with…' })
    await merge.click()
    const into = page.getByRole('textbox', { name: 'Into which incident' })
    await into.fill('STL-0000')
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    await page.getByText('no incident has the fingerprint 0000').waitFor()
    await into.fill(`${dashboard.serve().address}/stalls/${incident.fingerprint}`)
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    // Its old address leads on.
    await page.getByText(`with ${label(other)}`).waitFor()
    expect(most()).toMatchObject({ fingerprint: incident.fingerprint, stalls: incident.stalls + other.stalls })
    await page.getByRole('button', { name: `Take ${label(other)} out again` }).click()
    await page.getByText(`with ${label(other)}`).waitFor({ state: 'detached' })
    expect(most().stalls).toBe(incident.stalls)

    await page.goto(`${dashboard.serve().address}/stalls/${incident.fingerprint}`)
    const { version, stalls } = incident.versions[0] ?? { version: null, stalls: 0 }
    await page.getByRole('button', { name: `Split off ${version}` }).click()
    await page.getByRole('link', { name: `also in ${version} (${stalls}×)` }).click()
    await page.getByText('split off from').waitFor()
    await page.getByRole('button', { name: 'Put back' }).click()
    await page.waitForURL(`**/stalls/${incident.fingerprint}`)
    await page.getByText('split off from').waitFor({ state: 'detached' })
    expect(most()).toMatchObject({ fingerprint: incident.fingerprint, stalls: incident.stalls, siblings: [] })
  })

  test('on a phone, in the dark: a button on each row opens what may be decided; nothing overflows, axe is content', async () => {
    const page = await dashboard.open('/stalls?sort=stalls', {
      colorScheme: 'dark',
      viewport: { width: 320, height: 640 },
      hasTouch: true,
    })
    dashboard.keep(DAY)
    const incident = most()
    const width = () => page.evaluate(() => document.documentElement.scrollWidth)
    await page.getByRole('button', { name: `Decide about ${label(incident)}` }).tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('link', { name: 'Start investigation' }).waitFor()
    await sheet.getByRole('button', { name: 'Mute…' }).tap()
    await sheet.getByRole('radio', { name: '8 hours' }).waitFor()
    expect(await findViolations(page)).toEqual([])
    expect(await width()).toBeLessThanOrEqual(320)
    await sheet.getByRole('radio', { name: '8 hours' }).tap()
    await sheet.getByRole('button', { name: 'Mute', exact: true }).tap()
    await row(page, incident).getByText('muted', { exact: true }).waitFor()
    await page.locator(`[data-row="${incident.fingerprint}"]`).tap()
    await page.locator('.stall-history > li').first().waitFor()
    expect(await findViolations(page)).toEqual([])
    expect(await width()).toBeLessThanOrEqual(320)
  })
})
