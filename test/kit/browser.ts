/** The system's Chromium, driven by playwright-core. Nothing is downloaded. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const path = process.env['CHROMIUM_PATH'] ?? PLACES.find((place) => existsSync(place))

/** Null when there is a browser; else the one line that says what is skipped and how to get it. */
export const noBrowser: string | null =
  path !== undefined && existsSync(path)
    ? null
    : 'skipped: tests in a browser; no Chromium found (apt-get install chromium, or set CHROMIUM_PATH)'

if (noBrowser !== null) console.warn(noBrowser)

export function openBrowser(): Promise<Browser> {
  if (noBrowser !== null || path === undefined) throw new Error(String(noBrowser))
  return chromium.launch({
    executablePath: path,
    // Without these, Chromium calls home at every start, which is slow or refused on a closed network.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A page whose files a test hands out itself has no address, and would be kept from the collector beside it.
      '--disable-features=LocalNetworkAccessChecks',
    ],
  })
}
