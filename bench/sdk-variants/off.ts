/** Stands in for `@laststep/sdk`: the same calls, and nothing comes of them. */
import { systemClock } from '../../contract/clock.ts'
import type { Delivery, DeliveryRecorder, Instrumented, Reporter } from '../../sdk/index.ts'
import { OpenSpanTable } from '../../sdk/open-span-table.ts'

export { codeAttributes } from '../../sdk/code-location.ts'
export { recordRun } from '../../sdk/record-run.ts'

const nothing = () => {}
const delivery: Delivery = { reach: nothing, route: nothing, drop: nothing, fail: nothing }

export const reporter: Reporter = {
  instanceId: 'off',
  clock: systemClock,
  resource: {},
  repeatMs: 0,
  flushMs: 0,
  compat: null,
  openSpans: new OpenSpanTable(),
  hasRoom: () => false,
  report: nothing,
  reportSpan: nothing,
  encodeTraces: () => '',
  addSource: nothing,
  wake: nothing,
  flush: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  stats: () => ({ queued: 0, sent: 0, dropped: 0, failedRequests: 0 }),
}

export function createDeliveryRecorder(): DeliveryRecorder {
  return { message: () => delivery }
}

export function recordConnection(): void {}

export function instrument(): Promise<Instrumented> {
  return Promise.resolve({ reporter, shutdown: () => Promise.resolve() })
}
