import { vi } from 'vitest'

/**
 * Try again until the expectations hold. On a machine that stands still for seconds, a test that waits no longer than
 * usual would fail for it.
 */
export function waitUntil<Result>(expectations: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(expectations, { timeout: 30_000, interval: 20 })
}
