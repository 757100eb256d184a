/** The machine's own Chromium, driven by playwright-core. Nothing is downloaded. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Null when there is a browser; else the one line that says what is skipped and how to get it. */
export const noBrowser: string | null = existsSync(path)
  ? null
  : `skipped: the dashboard in a browser; no Chromium at ${path} (apt-get install chromium, or set CHROMIUM_PATH)`

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
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
