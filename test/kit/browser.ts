/** The system's Chromium, driven for real. Tests that need it are skipped, in one clear line, where there is none. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const chromiumPath = process.env['CHROMIUM_PATH'] ?? PLACES.find((place) => existsSync(place)) ?? null

if (chromiumPath === null)
  console.warn('skipped: journeys through a browser. Install Chromium (apt-get install chromium) or set CHROMIUM_PATH.')

export function openBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('no Chromium; see test/kit/browser.ts')
  return chromium.launch({
    executablePath: chromiumPath,
    // Without these, Chromium calls home at every start, which is slow or refused on a closed network.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
