import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What axe has to say, a line each. */
export async function findViolations(page: Page): Promise<string[]> {
  // The other mode puts the frames of a page together in a second one, which takes as long again. These have no frames.
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
}

/** Every theme and width a page must be right in. */
export const LOOKS = [
  ['light', 1440, 900],
  ['dark', 390, 844],
] as const
