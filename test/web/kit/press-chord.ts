import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { waitUntil } from '../../kit/wait-until.ts'

/** Two keys that lead to a page. They belong together for a second, which a busy machine may take between them: pressed again then. */
export async function pressChord(page: Page, first: string, second: string, url: RegExp): Promise<void> {
  await waitUntil(async () => {
    await page.keyboard.press(first)
    await page.keyboard.press(second)
    await expect.poll(() => page.url(), { timeout: 1_000 }).toMatch(url)
  })
}
