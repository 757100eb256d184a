/** The dashboard of a running collector in a real browser: what it shows came in as OTLP, at the real door. */
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { readCollectorConfig } from '../../../collector/config.ts'
import { startCollector, type Collector } from '../../../collector/main.ts'
import { systemClock } from '../../../contract/clock.ts'
import { temporaryFolder } from '../../kit/programs.ts'
import { serveBuilt, usePages, type Pages } from './use-pages.ts'

export interface LiveDashboard {
  collector(): Collector
  /** A page at `path`. @param address where the browser finds the collector, when something stands between them */
  open(path: string, options?: BrowserContextOptions, address?: string): Promise<Page>
  readonly expectFaults: Pages['expectFaults']
}

/** Call inside `describe`; each test has a collector of its own, started by `start`. */
export function useLiveDashboard(): LiveDashboard & { start(contract?: string): Promise<Collector> } {
  const folder = temporaryFolder('live-dashboard')
  let started = 0
  let running: Collector | null = null
  const pages = usePages(
    async () => {
      await running?.stop()
      running = null
    },
    (page) => serveBuilt(page, pages.webDir()),
  )
  const collector = (): Collector => {
    if (running === null) throw new Error('start a collector first')
    return running
  }
  return {
    async start(contract) {
      const ports = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' }
      const flags = { 'data-dir': join(folder, String(started++)), canary: 'off', ...ports }
      const read = readCollectorConfig(contract === undefined ? flags : { ...flags, contract }, {})
      if ('problems' in read) throw new Error(read.problems.join('; '))
      return (running = await startCollector(read.config, systemClock, 'test'))
    },
    collector,
    open: (path, options, address = collector().dashboard) => pages.open(address + path, options),
    expectFaults: pages.expectFaults,
  }
}
